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


"""Options and policy of Cinder that hold for messages, too."""

import json
import pathlib

import fixtures

from tests.integration import conversation

PROJECT = conversation.PROJECT
OTHER = conversation.OTHER


class TestPolicyOfCinder(conversation.FilterCase):
    """Who is an administrator, Cinder's policy says."""

    def setUp(self):
        super().setUp()
        (self.cinder.directory / 'policy.yaml').write_text(
            '"context_is_admin": "role:operator"\n')

    options = {'options': '[oslo_policy]\npolicy_file = policy.yaml\n'}

    def test_it_counts(self):
        operator = self.cinder.add_token(PROJECT, 'operator')
        admin = self.cinder.add_token(PROJECT, 'admin', 'member', 'reader')
        self.assertEqual(2, len(self.listed(
            '/v3/messages?all_tenants=1', operator)))
        self.assertEqual([self.own.id], self.listed(
            '/v3/messages?all_tenants=1', admin))
        self.assertEqual(400, self.ask(
            f'/v3/{OTHER}/messages', admin).status_int)


class TestOptionsOfCinder(conversation.FilterCase):

    options = {'options': 'osapi_max_limit = 1\n'
                          'public_endpoint = https://volume.example.org/in\n'
                          'project_id_regex = [a-z]+\n'
                          '[oslo_middleware]\n'
                          'enable_proxy_headers_parsing = true\n'}

    def test_limit_and_endpoint(self):
        admin = self.cinder.add_token(PROJECT, 'admin')
        got = self.ask('/v3/messages?all_tenants=1', admin)
        [message] = got.json['messages']
        base_url = 'https://volume.example.org/in/v3/messages'
        self.assertEqual(f'{base_url}/{message["id"]}',
                         message['links'][0]['href'])
        [link] = got.json['messages_links']
        self.assertEqual(f'{base_url}?all_tenants=1&marker={message["id"]}',
                         link['href'])

    def test_links_are_as_those_of_volumes(self):
        created = self.ask('/v3/volumes', method='POST', body=json.dumps(
            {'volume': {'size': 1}}).encode()).json['volume']
        for headers in {}, {'X-Forwarded-Prefix': '/volume'}:
            volume = self.ask(f'/v3/volumes/{created["id"]}', **headers)
            message = self.ask(f'/v3/messages/{self.own.id}', **headers)
            links = [got.json[name]['links'][0]['href'].rpartition('/')[0]
                     for got, name in ((volume, 'volume'),
                                       (message, 'message'))]
            self.assertEqual(links[0].replace('volumes', 'messages'),
                             links[1])

    def test_project_ids(self):
        self.assertEqual(400, self.ask('/v3/abc/messages').status_int)
        asked = conversation.request(f'/v3/{PROJECT}/messages',
                                     **{'X-Auth-Token': self.member})
        self.assertEqual(conversation.answer(self.cinder.plain, asked),
                         conversation.answer(self.cinder.filtered, asked))


class TestOwnOptions(conversation.FilterCase):

    options = {'options': 'osapi_max_limit = 1\n'
                          'public_endpoint = https://cinder.example.org\n',
               'our_options': '[api]\nmax_limit = 2\n'
                              'public_endpoint = https://ours.example.org\n'}

    def test_they_go_first(self):
        got = self.ask('/v3/messages?all_tenants=1',
                       self.cinder.add_token(PROJECT, 'admin'))
        self.assertEqual(2, len(got.json['messages']))
        self.assertIn('"https://ours.example.org/v3/messages/', got.text)
        self.assertNotIn('cinder.example.org', got.text)


class FiltersFileCase(conversation.FilterCase):
    """A member may use the filters that a file names for messages."""

    def write_filters(self, name, *filters):
        path = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path, f'{name}.json')
        path.write_text(json.dumps({'message': filters}))
        return path

    def assert_permitted(self, permitted, applications):
        for name in 'event_id', 'resource_uuid', 'request_id~':
            for application in applications:
                got = conversation.request(
                    f'/v3/messages?{name}=x', **{'X-Auth-Token': self.member}
                ).get_response(application)
                self.assertEqual(200 if name in permitted else 400,
                                 got.status_int, (name, got.text))


class TestFiltersFileOfCinder(FiltersFileCase):

    def setUp(self):
        # NOTE: Cinder reads the file once in a process.
        self.useFixture(fixtures.MonkeyPatch(
            'cinder.api.common._FILTERS_COLLECTION', None))
        path = self.write_filters('cinder', 'event_id', 'request_id~')
        self.options = {'options': f'resource_query_filters_file = {path}\n'}
        super().setUp()

    def test_it_holds_as_in_cinder(self):
        self.assert_permitted({'event_id', 'request_id~'},
                              (self.cinder.plain, self.cinder.filtered))


class TestOwnFiltersFile(FiltersFileCase):

    def setUp(self):
        theirs = self.write_filters('cinder', 'event_id')
        ours = self.write_filters('ours', 'resource_uuid')
        self.options = {
            'options': f'resource_query_filters_file = {theirs}\n',
            'our_options': f'[api]\nresource_query_filters_file = {ours}\n'}
        super().setUp()

    def test_it_goes_first(self):
        self.assert_permitted({'resource_uuid'}, (self.cinder.filtered,))


class TestWithoutAuthentication(conversation.FilterCase):

    options = {'auth_strategy': 'noauth'}

    def test_everybody_is_an_administrator(self):
        self.assertEqual([self.own.id], self.listed(token=f'u:{PROJECT}'))
        self.assertEqual(2, len(self.listed(
            '/v3/messages?all_tenants=1', f'u:{PROJECT}')))


class TestProjectIncluded(TestWithoutAuthentication):

    options = {'auth_strategy': 'noauth_include_project_id'}
