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
memory, on the wire and in the database. Only the view knows the language of
its reader, so only the view calls :func:`translate`.
"""

import functools
import gettext
from importlib import resources

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
