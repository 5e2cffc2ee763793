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

"""Whatever a client sends, the answer is one of ours and never a 5xx.

Half of what is tried is made of the API's own words, so that it reaches
further than the first refusal. The seed is fixed: a failure repeats.
"""

import json
from urllib import parse as urlparse

import fixtures
import hypothesis
from hypothesis import strategies
import webob

from cinder_messages.api import filters
from cinder_messages.api import params
from tests import base
from tests import examples
from tests.functional import fixtures as api_fixtures
from tests import openapi

THEIRS = [message.id for message in api_fixtures.MESSAGES
          if message.project_id == api_fixtures.TWO]

OWN_NAMES = [
    'limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir',
    'with_count', 'all_tenants', 'project_id', 'created_at',
    *filters.FILTERS, *(name + '~' for name in filters.FILTERS)]

OWN_VALUES = [
    '', '0', '1', '-1', '+1', '1_0', ' 2', '\u0661', '1' * 101, str(2 ** 63),
    'true', 'false', 'None', 'asc', 'desc', ':', ',', '%', '_', '\\', "'",
    '"', '\0', '\ud7ff', '\U0001f4a5', 'created_at:asc,id:desc',
    'gt:2026-01-01T00:00:00', 'lt:9999-12-31T23:59:59.999999-23:59',
    'eq:0001-01-01T00:00:00+23:59', 'neq:2026-01-01T00:00:00Z', 'gt:',
    'VOLUME', 'volume_snapshot', 'error', api_fixtures.ONE,
    api_fixtures.TWO, *params.SORT_KEYS, *params.SORT_KEYS.values(),
    *(message.id for message in api_fixtures.MESSAGES)]

text = strategies.text(max_size=60)
names = strategies.sampled_from(OWN_NAMES) | text
values = strategies.sampled_from(OWN_VALUES) | text
pairs = strategies.lists(strategies.tuples(names, values), max_size=6)
queries = (pairs.map(urlparse.urlencode) |
           strategies.text(strategies.characters(
               min_codepoint=0, max_codepoint=255), max_size=80))
versions = (strategies.integers(0, 71).map('volume 3.{}'.format) |
            strategies.just('volume latest') |
            strategies.text(strategies.characters(
                min_codepoint=1, max_codepoint=255,
                exclude_characters='\r\n'), max_size=30))
roles = strategies.sampled_from(['reader', 'member', 'admin', 'service'])
segments = strategies.sampled_from(
    ['v3', 'messages', 'messages.json', api_fixtures.ONE, api_fixtures.TWO,
     '', '.', '..', 'new', 'edit', 'detail', *OWN_VALUES[-8:]]) | text
paths = (strategies.just('/v3/messages') |
         strategies.lists(segments, max_size=4).map(
             lambda parts: '/v3/' + '/'.join(parts)) |
         text.map('/'.__add__))
methods = strategies.sampled_from(
    ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'TRACE', 'X'])

settings = examples.settings(1500)


class TestFuzz(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        served = api_fixtures.AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)
        self.application = api_fixtures.get_application()

    def ask(self, path='/v3/messages', query='', method='GET',
            version='volume latest', role='member', **environ):
        """One request, as a server would hand it on; WebOb's response."""
        request = webob.Request.blank('/', method=method, environ={
            'PATH_INFO': path.encode('utf-8', 'replace').decode('latin-1'),
            'QUERY_STRING': query, 'REMOTE_ADDR': '127.0.0.1',
            'HTTP_X_AUTH_TOKEN': f'u:{api_fixtures.ONE}:{role}',
            'HTTP_OPENSTACK_API_VERSION': version, **environ})
        answer = request.get_response(self.application)
        self.assertLess(answer.status_int, 500, answer.text)
        self.assertIn('x-openstack-request-id', answer.headers)
        if answer.body:
            body = json.loads(answer.body)
            if answer.status_int >= 400:
                openapi.validate(body, method, path, answer.status_int, (3, 0))
                self.assertEqual(answer.status_int,
                                 next(iter(body.values()))['code'])
        if role != 'admin' and answer.status_int < 400:
            for message_id in THEIRS:
                self.assertNotIn(message_id, answer.text)
        return answer

    def test_query_strings_of_a_list(self):
        @settings
        @hypothesis.given(queries, strategies.integers(5, 71), roles)
        def check(query, minor, role):
            answer = self.ask(query=query, version=f'volume 3.{minor}',
                              role=role)
            if answer.status_int == 200:
                openapi.validate(answer.json, 'GET', '/v3/messages', 200,
                                 (3, minor))
            else:
                self.assertIn(answer.status_int, (400, 403, 404))
        check()

    def test_next_links_lead_to_the_end(self):
        sorts = strategies.lists(
            strategies.tuples(strategies.sampled_from([*params.SORT_KEYS]),
                              strategies.sampled_from(['asc', 'desc'])),
            min_size=1, max_size=3, unique_by=lambda term: term[0])

        @examples.settings(150)
        @hypothesis.given(sorts, strategies.integers(1, 3), strategies.sets(
            strategies.sampled_from(['with_count=true', 'all_tenants=1',
                                     'resource_uuid~=o'])), roles)
        def check(sort, limit, extra, role):
            hypothesis.assume(role != 'service')
            query = '&'.join(['sort=' + ','.join(map(':'.join, sort)),
                              *sorted(extra)])
            whole = self.ask(query=query, role=role).json['messages']
            paged = []
            query += f'&limit={limit}'
            while query:
                page = self.ask(query=query, role=role).json
                paged.extend(page['messages'])
                links = page.get('messages_links')
                query = links and urlparse.urlsplit(links[0]['href']).query
            self.assertEqual(whole, paged)
        check()

    def test_paths_methods_and_versions(self):
        @settings
        @hypothesis.given(paths, methods, versions, queries, roles)
        def check(path, method, version, query, role):
            self.ask(path, query, method, version, role)
        check()

    def test_paths_that_are_bytes(self):
        @settings
        @hypothesis.given(strategies.binary(max_size=40))
        def check(path):
            self.ask(PATH_INFO='/v3/' + path.decode('latin-1'))
        check()

    def test_other_headers(self):
        values = strategies.text(strategies.characters(
            min_codepoint=1, max_codepoint=255, exclude_characters='\r\n'),
            max_size=60)
        names = strategies.sampled_from([
            'HTTP_ACCEPT', 'HTTP_ACCEPT_LANGUAGE', 'HTTP_X_AUTH_TOKEN',
            'HTTP_X_FORWARDED_HOST', 'HTTP_X_FORWARDED_PROTO', 'HTTP_ORIGIN',
            'HTTP_X_OPENSTACK_REQUEST_ID', 'HTTP_HOST', 'CONTENT_TYPE',
            'CONTENT_LENGTH', 'HTTP_IF_NONE_MATCH', 'HTTP_RANGE'])

        @settings
        @hypothesis.given(strategies.dictionaries(names, values, max_size=3))
        def check(headers):
            self.ask(**headers)
        check()
