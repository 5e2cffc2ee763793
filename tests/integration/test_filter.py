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

"""The filter in Cinder's own pipelines, loaded by paste as Cinder does."""

from tests.integration import cinder_api
from tests.integration import conversation

PROJECT = conversation.PROJECT
OTHER = conversation.OTHER
request = conversation.request
answer = conversation.answer


class TestOtherRequests(conversation.FilterCase):
    """Whatever is not about messages passes as it came."""

    REQUESTS = (
        ('/',), ('/v3',), ('/v3/',), ('/healthcheck',), ('/', 'OPTIONS'),
        ('/v3/volumes',), ('/v3/{project}/volumes',), ('/v2/volumes',),
        ('/v3/{project}/volumes/detail?limit=1&with_count=1',),
        ('/v3/volumes', 'OPTIONS'), ('/v3/volumes', 'HEAD'),
        ('/v3/volumes', 'PUT'), ('/v3/volumes/',), ('/v3/{project}',),
        ('/v3/{project}/limits',), ('/v3/extensions',), ('/v3/types',),
        ('/v3/{project}/os-quota-sets/{project}?usage=true',),
        ('/v3/volumes/messages',), ('/v3/messages-of-mine',),
        ('/v3/{project}/volumes/messages/messages',), ('/v3/nowhere',),
        ('/v3/xyz/messages',), ('/v3/volumes/x', 'DELETE'),
        ('/v3/volumes?limit=messages',), ('/v3/volumes', 'GET', '9.9'),
        ('/v3/volumes', 'GET', 'x'), ('/v3/%ff',), ('/messages',),
        ('/v3/volumes', 'POST', '3.71', b'{"volume": {"size": 1}}'),
        ('/v3/volumes', 'POST', '3.71', b'{"volume": {"size": -1}}'),
        ('/v3/volumes', 'POST', '3.71', b'{'),
        ('/v3/volumes', 'POST', '3.71', b' ' * 200000),
    )

    def test_each_is_answered_byte_for_byte_as_without_the_filter(self):
        seen = set()
        for path, *rest in self.REQUESTS:
            asked = request(path.format(project=PROJECT), *rest,
                            **{'X-Auth-Token': self.member})
            expected = answer(self.cinder.plain, asked)
            self.assertEqual(
                expected, answer(self.cinder.filtered, asked), path)
            seen.add(expected[0][:3])
        self.assertLessEqual(
            {'200', '202', '300', '400', '404', '406', '413'}, seen)

    def test_a_body_without_a_length_passes(self):
        for body in b'{"volume": {"size": 1}}', b' ' * 200000:
            asked = request('/v3/volumes', 'POST', body=body,
                            **{'X-Auth-Token': self.member})
            del asked.headers['Content-Length']
            asked.headers['Transfer-Encoding'] = 'chunked'
            asked.environ['wsgi.input_terminated'] = True
            self.assertEqual(answer(self.cinder.plain, asked),
                             answer(self.cinder.filtered, asked))

    def test_who_is_not_known_is_told_the_same(self):
        for path in '/v3/volumes', '/v3/messages':
            asked = request(path, **{'X-Auth-Token': 'unknown'})
            self.assertEqual(answer(self.cinder.plain, asked),
                             answer(self.cinder.filtered, asked))


class TestMessages(conversation.FilterCase):

    def test_with_and_without_the_project_under_any_prefix(self):
        for prefix in '', '/volume', '/a/b':
            for project in '', f'/{PROJECT}':
                base_url = f'http://localhost{prefix}/v3'
                asked = request(f'/v3{project}/messages?limit=1',
                                **{'X-Auth-Token': self.member})
                asked.script_name = prefix
                got = asked.get_response(self.cinder.filtered)
                [message] = got.json['messages']
                self.assertEqual(self.own.id, message['id'])
                self.assertEqual(
                    [f'{base_url}{project}/messages/{self.own.id}',
                     f'{base_url}/messages/{self.own.id}'],
                    [link['href'] for link in message['links']])

    def test_show_and_delete(self):
        path = f'/v3/messages/{self.own.id}'
        got = self.ask(path)
        self.assertEqual(
            (200, 'volume 3.71', self.own.id),
            (got.status_int, got.headers['OpenStack-API-Version'],
             got.json['message']['id']))
        self.assertEqual(204, self.ask(path, method='DELETE').status_int)
        self.assertEqual(404, self.ask(path).status_int)
        self.assertEqual(405, self.ask(path, method='PUT').status_int)

    def test_what_cinder_has_stored_itself_is_not_shown(self):
        known = '12345678-1234-4234-8234-123456789abc'
        cinder_api.store_message(known, PROJECT)
        asked = request(f'/v3/messages/{known}',
                        **{'X-Auth-Token': self.member})
        self.assertEqual(
            200, asked.copy().get_response(self.cinder.plain).status_int)
        for path in (f'/v3/messages/{known}', '/v3/messages.xml',
                     f'/v3/messages/{known}.xml', '/v3/messages/',
                     f'/v3/{PROJECT}/messages/{known}/edit',
                     f'/v3/messages/{known}/action'):
            got = self.ask(path)
            self.assertEqual(
                (404, 404), (got.status_int, got.json['itemNotFound']['code']))
        self.assertEqual([self.own.id], self.listed('/v3/messages.json'))

    def test_versions(self):
        for version, status in (('3.2', 404), ('3.3', 200), ('latest', 200),
                                ('3.72', 406), ('x', 400)):
            got = self.ask('/v3/messages', version=version)
            self.assertEqual(status, got.status_int)
            self.assertIn('OpenStack-API-Version', got.headers['Vary'])
        self.assertEqual(
            404, request('/v3/messages', **{
                'X-Auth-Token': self.member, 'OpenStack-API-Version': ''})
            .get_response(self.cinder.filtered).status_int)

    def test_each_role_has_its_rights(self):
        reader = self.cinder.add_token(PROJECT, 'reader')
        other = self.cinder.add_token(OTHER, 'member', 'reader')
        admin = self.cinder.add_token(PROJECT, 'admin', 'member', 'reader')
        nobody = self.cinder.add_token(PROJECT, 'nothing')

        self.assertEqual([self.own.id], self.listed(token=reader))
        self.assertEqual([self.another.id], self.listed(token=other))
        self.assertEqual(
            {self.own.id, self.another.id},
            set(self.listed('/v3/messages?all_tenants=1', admin)))
        self.assertEqual([self.another.id],
                         self.listed(f'/v3/{OTHER}/messages', admin))
        for path, token, status in (
                (f'/v3/{OTHER}/messages', reader, 400),
                (f'/v3/messages/{self.another.id}', self.member, 404),
                ('/v3/messages', nobody, 403)):
            self.assertEqual(status, self.ask(path, token).status_int)
        self.assertEqual(403, self.ask(
            f'/v3/messages/{self.own.id}', reader,
            method='DELETE').status_int)

    def test_the_request_id_is_cinders(self):
        for path in '/v3/messages', '/v3/messages/x':
            asked = request(path, **{
                'X-Auth-Token': self.member,
                'X-OpenStack-Request-ID': f'req-{self.own.id}'})
            names = [
                [name.lower() for name, value in
                 asked.copy().get_response(application).headerlist
                 if value.startswith('req-') and self.own.id not in value]
                for application in (self.cinder.plain, self.cinder.filtered)]
            self.assertEqual(
                [['x-compute-request-id', 'x-openstack-request-id']] * 2,
                [sorted(each) for each in names])
