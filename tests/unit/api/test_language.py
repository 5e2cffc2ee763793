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

from cinder_messages.api import language
from cinder_messages import i18n
from tests import base


class TestNegotiate(base.TestCase):

    def test_what_readers_ask_for(self):
        for header, tag in {
            '': 'en',
            'de': 'de',
            'de-AT,en;q=0.5': 'de',
            'en-GB,de;q=0.9': 'en',
            'xx,fr;q=0.5': 'fr',
            'ko': 'ko',
            'KO-kr': 'ko-KR',
            'pt-PT': 'pt',
            'zh-Hans-CN': 'zh-Hans',
            'de;q=0': 'en',
            'de;q=0,es': 'es',
            '*': 'en',
            'tlh': 'en',
        }.items():
            with self.subTest(header):
                self.assertEqual(tag, language.negotiate(header))

    def test_what_is_malformed_counts_as_none(self):
        for header in ('de;q=', ';;;', 'de' + ',de' * 1000, '\0', '√'):
            with self.subTest(header):
                self.assertEqual('en', language.negotiate(header))

    def test_long_headers_are_not_cached(self):
        language._negotiate.cache_clear()
        for number in range(500):
            language.negotiate('de' + f',x-{number}' * 200)
        self.assertEqual(0, language._negotiate.cache_info().currsize)

    def test_each_translation_can_be_asked_for(self):
        self.assertEqual(set(i18n.LANGUAGES),
                         set(filter(None, language.LOCALES.values())))
