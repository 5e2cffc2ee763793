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

"""Whatever a reader is refused for, they read why in their language."""

import webob

from cinder_messages.api import language
from tests import base
from tests.functional import fixtures as api_fixtures

TOKEN = 'user-one:project-one'
LIST = '/v3/messages'

# Method, path, token, microversion: one request for each thing that can be
# said to a caller. The answers' texts tell them apart.
REFUSED = (
    ('GET', LIST, '', 'latest'),
    ('GET', LIST, 'user-one:project-one:nobody', 'latest'),
    ('GET', LIST, TOKEN, '3.99'),
    ('GET', LIST, TOKEN, 'newest'),
    ('GET', '/nothing', TOKEN, 'latest'),
    ('GET', '/%ff', TOKEN, 'latest'),
    ('POST', LIST, TOKEN, 'latest'),
    ('GET', LIST + '/no-such-message', TOKEN, 'latest'),
    ('GET', '/v3/project-two/messages', TOKEN, 'latest'),
    *[('GET', f'{LIST}?{query}', TOKEN, 'latest') for query in (
        'marker=no-such-message', 'limit=-1', 'offset=9999999999',
        'with_count=x', 'limit=1&limit=2', 'event_id=%00', 'event_id=%ff',
        'sort=colour', 'sort=id:up', 'sort=id&sort_key=id', 'colour=red',
        'created_at=2026-11-24', 'created_at=gt:yesterday')],
)


class TestLanguages(base.TestCase):

    def setUp(self):
        super().setUp()
        served = api_fixtures.AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)

    def _text(self, refused, tag):
        method, path, token, version = refused
        answer = webob.Request.blank(
            path, environ={'REMOTE_ADDR': '127.0.0.1'},
            method=method, headers={
                'X-Auth-Token': token, 'Accept-Language': tag,
                'OpenStack-API-Version': f'volume {version}',
            }).get_response(api_fixtures.get_application())
        self.assertEqual(tag, answer.headers['Content-Language'])
        self.assertIn('Accept-Language', answer.headers.getall('Vary'))
        fault, = answer.json.values()
        self.assertEqual(answer.status_int, fault['code'])
        return fault['message']

    def test_each_refusal_is_told_in_each_language(self):
        english = [self._text(refused, language.ENGLISH)
                   for refused in REFUSED]
        self.assertEqual(len(REFUSED), len(set(english)))
        # NOTE: a text within a text must be translated, too.
        reasons = [text.removeprefix('Invalid input received: ')
                   for text in english]
        for tag in language.LOCALES.keys() - {language.ENGLISH}:
            for refused, reason in zip(REFUSED, reasons):
                with self.subTest(tag=tag, refused=refused):
                    self.assertNotIn(reason, self._text(refused, tag))
