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

"""Texts for people: marked where they stand, translated when they are read.

A catalog text or a fault is marked with :func:`N_` and stays English in
memory, on the wire and in the database. Only what builds an answer knows the
language of its reader, so views and ``api/errors.py`` alone translate.
"""

import functools
import gettext
from importlib import resources
import typing

DOMAIN = 'cinder_messages'

# What locale/ holds, by the names that OpenStack gives its translations.
LANGUAGES: tuple[str, ...] = (
    'de', 'es', 'fr', 'ja', 'ko_KR', 'pt_BR', 'zh_CN')


def N_(text: str) -> str:
    """Mark ``text`` for extraction and return it as it is."""
    return text


@functools.cache
def _catalog(locale: str) -> gettext.NullTranslations:
    localedir = str(resources.files('cinder_messages') / 'locale')
    return gettext.translation(
        DOMAIN, localedir, languages=[locale], fallback=True)


def translate(text: str, locale: str | None = None) -> str:
    """The text in a language.

    :param text: an English text that was marked with :func:`N_`
    :param locale: one of :data:`LANGUAGES`; anything else is English
    :returns: the translation, or ``text`` itself where there is none
    """
    return _catalog(locale).gettext(text) if locale in LANGUAGES else text


class Text:
    """A marked text and the values in it, in whatever language is asked for.

    :param template: an English text that was marked with :func:`N_`; without
        values it is taken as it is, percent signs and all
    :param values: by their names in the template; each may be a Text itself
    """

    def __init__(self, template: str, **values: typing.Any) -> None:
        self._template = template
        self._values = values

    def translate(self, locale: str | None = None) -> str:
        """The whole text; ``locale`` as in :func:`translate`."""
        text = translate(self._template, locale)
        return text % {
            name: value.translate(locale) if isinstance(value, Text) else value
            for name, value in self._values.items()} if self._values else text

    def __str__(self) -> str:
        return self.translate()
