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

"""Mark texts for users, and translate them when they are read.

A text of the catalog or of a fault is marked with :func:`N_`. It stays English
in memory, on the wire and in the database. Only code that builds a response
knows the language of its reader, so views and ``api/errors.py`` translate.

Wheels contain compiled translations (``.mo``). In a source tree there are only
the files that translators edit (``.po``), which are read instead.
"""

import ast
import functools
import gettext
from importlib import resources
import re
import typing

DOMAIN = 'cinder_messages'

# The directories of locale/, with OpenStack's names for the languages.
LANGUAGES: tuple[str, ...] = (
    'de', 'es', 'fr', 'ja', 'ko_KR', 'pt_BR', 'zh_CN')

_ENTRY = re.compile(
    r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|\Z))+)', re.MULTILINE)


def N_(text: str) -> str:
    """Mark ``text`` for extraction and return it unchanged."""
    return text


class _SourceTranslations(gettext.NullTranslations):
    """The translations of a ``.po`` file, without plurals and contexts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self._texts = {_unquote(text): _unquote(translated)
                       for text, translated in _ENTRY.findall(source)}

    def gettext(self, message: str) -> str:
        return self._texts.get(message) or message


def _unquote(lines: str) -> str:
    return ''.join(ast.literal_eval(line) for line in lines.splitlines())


@functools.cache
def _catalog(locale: str) -> gettext.NullTranslations:
    directory = (resources.files('cinder_messages') / 'locale' / locale /
                 'LC_MESSAGES')
    compiled = directory / f'{DOMAIN}.mo'
    if compiled.is_file():
        with compiled.open('rb') as stream:
            return gettext.GNUTranslations(stream)
    source = directory / f'{DOMAIN}.po'
    if source.is_file():
        return _SourceTranslations(source.read_text(encoding='utf-8'))
    return gettext.NullTranslations()


def translate(text: str, locale: str | None = None) -> str:
    """Return the text in a language.

    :param text: an English text that was marked with :func:`N_`
    :param locale: one of :data:`LANGUAGES`; anything else is English
    :returns: the translation, or ``text`` if it has none
    """
    return _catalog(locale).gettext(text) if locale in LANGUAGES else text


class Text:
    """A marked text and the values in it, to be translated later.

    For example ``Text(N_('%(name)s is missing.'), name='limit')``.

    :param template: an English text that was marked with :func:`N_`; without
        values, percent signs in it have no meaning
    :param values: by their names in the template; each can be a Text itself
    """

    def __init__(self, template: str, **values: typing.Any) -> None:
        self._template = template
        self._values = values

    def translate(self, locale: str | None = None) -> str:
        """Return the text with its values; see :func:`translate`."""
        text = translate(self._template, locale)
        return text % {
            name: value.translate(locale) if isinstance(value, Text) else value
            for name, value in self._values.items()} if self._values else text

    def __str__(self) -> str:
        return self.translate()
