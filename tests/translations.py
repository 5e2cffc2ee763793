#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""The translations, as translators edit them.

``python -m tests.translations`` prints the texts that a language lacks, and
exits with 1 if there are any. A release needs all of them, a commit does not.
"""

import functools
import pathlib
import sys

from babel.messages import extract
from babel.messages import pofile

import cinder_messages
from cinder_messages import i18n

PACKAGE = pathlib.Path(cinder_messages.__file__).parent
LOCALE = PACKAGE / 'locale'


@functools.cache
def marked():
    """Return the texts of the services that are marked for translation.

    The dashboard has translations of its own, which Django reads.
    """
    return frozenset(found[2] for found in extract.extract_from_dir(
        PACKAGE, directory_filter=lambda path: (
            pathlib.Path(path).name != 'dashboard')))


def read(language):
    """Return the translations of a language.

    :raises babel.messages.pofile.PoFileError: the file is malformed
    """
    path = LOCALE / language / 'LC_MESSAGES' / f'{i18n.DOMAIN}.po'
    with path.open('rb') as stream:
        return pofile.read_po(stream, abort_invalid=True)


def missing(language):
    """Return the marked texts that have no translation, in order."""
    translations = read(language)
    return sorted(text for text in marked()
                  if not (entry := translations.get(text)) or
                  not entry.string or entry.fuzzy)


def main():
    found = {language: texts for language in i18n.LANGUAGES
             if (texts := missing(language))}
    for language, texts in found.items():
        for text in texts:
            print(f'{language}: {text}')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
