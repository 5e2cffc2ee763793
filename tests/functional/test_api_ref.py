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

"""The API reference says what the API does; its samples come from it.

With CINDER_MESSAGES_WRITE_SAMPLES=1 the samples are written, not compared.
"""

import json
import os
import pathlib
import re

import webob
import yaml

from cinder_messages.api import filters
from cinder_messages.api import opt_in_filters
from cinder_messages.api import params
from cinder_messages.api import versions
from tests import base
from tests.functional import fixtures as api_fixtures
from tests import openapi
from tests import process

SOURCE = process.ROOT / 'api-ref' / 'source'

FIRST = '/' + api_fixtures.MESSAGES[0].id

SAMPLES = {
    'versions-response': '/v3/',
    'message-list-response': '/v3/project-one/messages',
    'message-list-page-response':
        '/v3/project-one/messages?limit=1&with_count=true',
    'message-show-response': '/v3/project-one/messages' + FIRST,
    'fault-response': '/v3/project-one/messages/no-such-message',
}

OPT_IN_SAMPLES = {
    'message-show-user-messages-response':
        '/v3/messages/00000000-0000-4000-8000-000000000011',
    'message-list-user-messages-response':
        '/v3/messages?reason=NO_BACKEND_AVAILABLE',
}


class TestSamples(base.TestCase):

    def setUp(self):
        super().setUp()
        served = api_fixtures.PublicEndpointFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)

    def test_samples_are_what_is_answered(self):
        self.compare(SAMPLES, 'volume latest')

    def compare(self, samples, version):
        for name, path in samples.items():
            answer = webob.Request.blank(
                path, base_url='https://volume.example.org',
                environ={'REMOTE_ADDR': '127.0.0.1'}, headers={
                    'X-Auth-Token': 'user-one:project-one',
                    'OpenStack-API-Version': version,
                }).get_response(api_fixtures.get_application())
            sample = json.dumps(answer.json, indent=4) + '\n'
            file = SOURCE / 'samples' / f'{name}.json'
            if os.environ.get('CINDER_MESSAGES_WRITE_SAMPLES'):
                file.write_text(sample, encoding='utf-8')
            self.assertEqual(sample, file.read_text(encoding='utf-8'), name)

    def test_samples_of_the_opt_in_item_are_what_is_answered(self):
        served = api_fixtures.OptInFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)
        self.compare(OPT_IN_SAMPLES, 'volume latest, user-messages 1.0')

    def test_every_sample_is_shown(self):
        pages = ''.join(page.read_text(encoding='utf-8')
                        for page in SOURCE.glob('*.inc'))
        samples = SAMPLES.keys() | OPT_IN_SAMPLES.keys()
        self.assertEqual(
            samples, set(re.findall(r'samples/(\S+)\.json', pages)))
        self.assertEqual(
            samples, {file.stem for file in
                      pathlib.Path(SOURCE, 'samples').iterdir()})


class TestPages(base.TestCase):

    def setUp(self):
        super().setUp()
        self.parameters = yaml.safe_load(
            (SOURCE / 'parameters.yaml').read_text(encoding='utf-8'))
        self.page = (SOURCE / 'messages.inc').read_text(encoding='utf-8')

    def section(self, name):
        """The text between one rest_method and the next."""
        return self.page.split(f'.. rest_method:: {name}\n')[1].split(
            '.. rest_method::')[0]

    def named(self, name):
        """The parameters and fields that a section lists."""
        return set(re.findall(r'^   - ([A-Za-z_]+): [a-z]', self.section(name),
                              re.MULTILINE))

    def test_lists_name_every_parameter_and_field(self):
        fields = openapi.fields()
        expected = fields | set(filters.FILTERS) | {
            'limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir',
            'with_count', 'all_tenants', params.PROJECT_ID,
            filters.CREATED_AT, 'messages', 'messages_links', 'count'}
        for path in ('/v3/{project_id}/messages', '/v3/messages'):
            self.assertEqual(expected, self.named('GET ' + path))

    def test_show_names_every_field(self):
        fields = openapi.fields()
        self.assertEqual(
            fields | {'message', 'message_id'},
            self.named('GET /v3/messages/{message_id}'))

    def test_filters_say_since_when(self):
        for name, definition in filters.FILTERS.items():
            parameter = self.parameters[f'{name}_query']
            self.assertEqual(versions.to_string(definition.since),
                             parameter['min_version'])
            self.assertEqual(definition.like,
                             f'``{name}~``' in parameter['description'])
        self.assertEqual(
            versions.to_string(versions.TIME_COMPARISON),
            self.parameters['created_at_query']['min_version'])

    def test_sort_names_every_key(self):
        named = re.findall(r'``(\w+)``',
                           self.parameters['sort']['description'])
        self.assertEqual(list(params.SORT_KEYS), named[1:])

    def test_every_version_is_told_of(self):
        self.assertEqual(
            [versions.PAGINATION, versions.RESOURCE_FILTERS,
             versions.LIKE_FILTERS, versions.COUNT,
             versions.TIME_COMPARISON, (3, 67)],
            [tuple(map(int, version.split('.'))) for version in
             re.findall(r'^\* (3\.\d+):', self.page, re.MULTILINE)])

    def test_every_parameter_is_used(self):
        pages = ''.join(page.read_text(encoding='utf-8')
                        for page in SOURCE.glob('*.inc'))
        used = set(re.findall(r'^   - \S+: (\S+)$', pages, re.MULTILINE))
        self.assertEqual(used, set(self.parameters))

    def test_the_opt_in_item_has_every_field_and_filter(self):
        page = (SOURCE / 'user-messages.inc').read_text(encoding='utf-8')
        document = openapi.opt_in_document()
        message = document['components']['schemas']['Message']['properties']
        filtered = [one['name'] for one in
                    document['paths']['/v3/messages']['get']['parameters']]
        self.assertEqual(list(opt_in_filters.NAMES), filtered)
        self.assertEqual(
            sorted([*(message.keys() - openapi.fields()), 'links',
                    *filtered]),
            sorted(re.findall(r'^   - (\w+): \w+$', page, re.MULTILINE)))
