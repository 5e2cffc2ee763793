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

"""Choose the language of a response by ``Accept-Language``."""

import functools

from webob import acceptparse

ENGLISH = 'en'

# Language tags, RFC 5646, and the gettext names of our translations; English
# is what texts are written in. A range such as "de-AT" finds "de", RFC 4647.
LOCALES = {
    ENGLISH: None,
    'de': 'de',
    'es': 'es',
    'fr': 'fr',
    'ja': 'ja',
    'ko': 'ko_KR',
    'ko-KR': 'ko_KR',
    'pt': 'pt_BR',
    'pt-BR': 'pt_BR',
    'zh': 'zh_CN',
    'zh-CN': 'zh_CN',
    'zh-Hans': 'zh_CN',
}

_HEADER_LENGTH = 500


def negotiate(header: str) -> str:
    """Return the tag to answer in: one of :data:`LOCALES`.

    :param header: the value of Accept-Language, empty if the request has
        none. One that is malformed or longer than 500 characters counts as
        empty, which gives English.
    """
    if not header or len(header) > _HEADER_LENGTH:
        return ENGLISH
    return _negotiate(header)


# NOTE: clients send few different headers, and parsing one costs as much as
# the rest of an answer.
@functools.lru_cache(maxsize=256)
def _negotiate(header: str) -> str:
    return acceptparse.create_accept_language_header(header).lookup(
        language_tags=list(LOCALES), default=ENGLISH)
