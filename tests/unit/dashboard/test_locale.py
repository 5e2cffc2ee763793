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

"""Each text of the panels has a translation in each language of Horizon."""

import re

from babel.messages import extract
from babel.messages import pofile

from cinder_messages import i18n
from tests import base
from tests import process

DASHBOARD = process.ROOT / 'cinder_messages' / 'dashboard'
KEYWORDS = {'_': None, 'ngettext': (1, 2), 'ngettext_lazy': (1, 2)}
PLACEHOLDERS = re.compile(r'%\(\w+\)[a-z]|%s')

# Horizon has other names than OpenStack's translations for two of ours.
NAMES = {'ko_KR': 'ko', 'zh_CN': 'zh_Hans'}


def marked():
    """Return the texts of the panels that tools for translators find."""
    return {found[2] for found in extract.extract_from_dir(
        str(DASHBOARD), keywords=KEYWORDS)}


def as_key(text):
    """Return plural forms, which Babel has in lists, as a tuple."""
    return text if isinstance(text, str) else tuple(text)


class TestTranslations(base.TestCase):

    def read(self, language):
        path = (DASHBOARD / 'locale' / NAMES.get(language, language) /
                'LC_MESSAGES' / 'django.po')
        with open(path, 'rb') as stream:
            return {as_key(entry.id): as_key(entry.string)
                    for entry in pofile.read_po(stream) if entry.id}

    def test_each_text_in_each_language(self):
        for language in i18n.LANGUAGES:
            written = self.read(language)
            self.assertEqual(marked(), set(written), language)
            for text, translation in written.items():
                forms = (translation if isinstance(translation, tuple)
                         else (translation,))
                original = text[0] if isinstance(text, tuple) else text
                for form in forms:
                    self.assertNotEqual('', form, text)
                    self.assertEqual(PLACEHOLDERS.findall(original),
                                     PLACEHOLDERS.findall(form), text)
