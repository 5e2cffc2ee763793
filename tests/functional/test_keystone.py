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

"""The API behind keystonemiddleware, with tokens that need no Keystone."""

import fixtures

from tests import base
from tests.functional import fixtures as api_fixtures

ANOTHER = '00000000-0000-4000-8000-000000000007'
OWN = '00000000-0000-4000-8000-000000000001'


class TestKeystone(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.served = self.useFixture(
            api_fixtures.KeystoneFixture(self.conf))

    def _ask(self, token, path='/v3/messages', method='GET', **headers):
        return self.served.ask(token, path, method, **{
            'OpenStack-API-Version': 'volume latest', **headers})

    def _project_token(self, *roles, project_id=api_fixtures.ONE):
        return self.served.add_token(project_id, *roles)

    def _system_token(self, *roles):
        return self.served.add_token(None, *roles)

    def test_personas(self):
        for roles, listed, deleted in (
                (['reader'], 200, 403), (['member'], 200, 204),
                (['admin'], 200, 404), (['service'], 403, 403),
                ([], 403, 403)):
            with self.subTest(roles=roles):
                token = self._project_token(*roles)
                self.assertEqual(listed, self._ask(token).status_int)
                self.assertEqual(deleted, self._ask(
                    token, f'/v3/messages/{OWN}', 'DELETE').status_int)

    def test_user_sees_the_project_of_the_token_only(self):
        token = self._project_token('member')
        self.assertEqual(5, len(self._ask(token).json['messages']))
        self.assertEqual(
            404, self._ask(token, f'/v3/messages/{ANOTHER}').status_int)
        self.assertEqual(
            400, self._ask(token, '/v3/project-two/messages').status_int)

    def test_headers_that_name_a_caller_are_not_believed(self):
        answer = self._ask(
            self._project_token('member'), f'/v3/messages/{ANOTHER}', **{
                'X-Project-Id': api_fixtures.TWO, 'X-Roles': 'admin',
                'OpenStack-System-Scope': 'all'})
        self.assertEqual(404, answer.status_int)

    def test_nobody_is_answered_in_json_and_told_where_to_go(self):
        for token in (None, 'no-such-token'):
            answer = self._ask(token, **{'X-Identity-Status': 'Confirmed',
                                         'X-Roles': 'admin'})
            self.assertEqual(401, answer.status_int)
            self.assertEqual(401, answer.json['unauthorized']['code'])
            self.assertEqual(['Keystone uri="http://keystone"'],
                             answer.headers.getall('WWW-Authenticate'))
            self.assertEqual('volume 3.71',
                             answer.headers['OpenStack-API-Version'])

    def test_keystone_is_not_asked_about_what_it_cannot_have_issued(self):
        for token_id, status in (('a' * 8000, 200), ('a' * 8001, 401),
                                 ('a\x0bb', 401), ('a b', 401)):
            token = self.served.add_token(
                api_fixtures.ONE, 'member', token_id=token_id)
            self.assertEqual(status, self._ask(token).status_int)

    def test_discovery_needs_no_token(self):
        self.assertEqual(200, self._ask(None, '/v3/').status_int)

    def test_system_administrator_asks_for_all_or_names_a_project(self):
        token = self._system_token('admin')
        self.assertEqual(400, self._ask(token).status_int)
        self.assertEqual(7, len(self._ask(
            token, '/v3/messages?all_tenants=1').json['messages']))
        self.assertEqual(2, len(self._ask(
            token, '/v3/project-two/messages').json['messages']))
        self.assertEqual(
            200, self._ask(token, f'/v3/messages/{ANOTHER}').status_int)

    def test_system_reader_has_no_messages(self):
        for path in ('/v3/messages', '/v3/messages?all_tenants=1',
                     f'/v3/messages/{OWN}'):
            answer = self._ask(self._system_token('reader', 'member'), path)
            self.assertEqual(403, answer.status_int)

    def test_roles_of_a_service_token_do_not_count(self):
        answer = self._ask(
            self._project_token('reader'), f'/v3/messages/{OWN}', 'DELETE',
            **{'X-Service-Token': self._project_token('service', 'admin')})
        self.assertEqual(403, answer.status_int)
