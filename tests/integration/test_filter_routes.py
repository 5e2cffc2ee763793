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

"""The filter against Cinder's own mapper, with generated requests."""

import io

import hypothesis
from hypothesis import strategies
import routes.middleware

from cinder_messages.integration import filter as paste_filter
from cinder_messages.integration import message_routes
from tests import examples
from tests.integration import cinder_api
from tests.integration import conversation

PROJECT = cinder_api.PROJECT
KNOWN = '12345678-1234-4234-8234-123456789abc'

METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'X')

# What comes between slashes: the words of the routes, and what surrounds
# them in other spellings.
words = strategies.sampled_from(
    ['messages', 'messages', 'messages', 'Messages', 'MESSAGES', 'message',
     'volumes', 'detail', 'new', 'edit', 'action', PROJECT, KNOWN, 'v3', 'x',
     '', '.', '..'])
tails = strategies.sampled_from(
    ['', '', '', '\n', '\r', '\r\n', '\n\n', '\0', '\x0b', '\x0c', '\x1c',
     '\x85', '\t', ' ', '.json', '.xml', '.', '.json\n', '.JSON', '%0a', '%2f',
     ';x', '?', '#', '/', '//', '/.', '\u2028'.encode().decode('latin-1'),
     '\xff'])
segments = strategies.tuples(words, tails).map(''.join) | strategies.text(
    strategies.characters(max_codepoint=255), max_size=6)
paths = strategies.lists(segments, min_size=1, max_size=4).map(
    lambda parts: '/' + '/'.join(parts))
overrides = strategies.sampled_from(['_method=', 'x=1&_method=', '_METHOD='])
queries = strategies.just('') | strategies.tuples(
    overrides, strategies.sampled_from(
        [*METHODS, 'get', 'delete', '', '%ff', 'GET&_method=DELETE'])
).map(''.join)
forms = strategies.sampled_from(
    [None, None, 'application/x-www-form-urlencoded',
     'multipart/form-data; boundary=b', 'application/json'])
requests = strategies.fixed_dictionaries({
    'PATH_INFO': paths, 'REQUEST_METHOD': strategies.sampled_from(METHODS),
    'QUERY_STRING': queries, 'CONTENT_TYPE': forms})

settings = examples.settings(1000)

LOOSE = {'options': 'project_id_regex = [0-9a-z\\-]+\n'}


def make_environ(values):
    """A WSGI environment, with a form that names a method if it has one."""
    body = b'_method=DELETE'
    return {'SCRIPT_NAME': '/v3', 'SERVER_NAME': 'localhost',
            'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1',
            'wsgi.url_scheme': 'http', 'wsgi.input': io.BytesIO(body),
            'wsgi.version': (1, 0), 'CONTENT_LENGTH': str(len(body)),
            **{name: value for name, value in values.items()
               if value is not None}}


class TestMapper(conversation.FilterCase):
    """Each request goes where Cinder's router would have sent it."""

    def setUp(self):
        super().setUp()
        self.router = self.find_router(self.cinder.plain)
        self.asked = []
        self.messages = self.router.resources['messages']

    @staticmethod
    def find_router(application):
        """Cinder's router, behind its filters."""
        waiting = [dict(application.applications)[None, '/v3']]
        while not hasattr(waiting[0], 'resources'):
            waiting.extend(value for value in vars(waiting.pop(0)).values()
                           if hasattr(value, '__dict__'))
        return waiting[0]

    def route(self, environ):
        """The controller to which Cinder's middleware sends a request."""
        found = []

        def probe(environ, start_response):
            found.append(environ['wsgiorg.routing_args'][1].get('controller'))
            return []

        routes.middleware.RoutesMiddleware(probe, self.router.map)(
            environ, lambda *args: None)
        return found[0] if found else None

    def ask(self, environ, application=None):
        taken = []
        paste_filter.MessagesFilter(
            lambda *args: taken.append('cinder') or [],
            lambda *args: taken.append('messages') or [],
            message_routes.find_routes(application or self.router))(
                environ, lambda *args: None)
        return taken[0]

    def check(self, application=None):
        seen = set()

        @settings
        @hypothesis.given(requests)
        def check(values):
            controller = self.route(make_environ(values))
            environ = make_environ(values)
            taken = self.ask(environ, application)
            if controller is self.messages:
                self.assertEqual('messages', taken, values)
            elif controller is not None:
                self.assertEqual('cinder', taken, values)
            elif 'messages' not in values['PATH_INFO']:
                self.assertEqual('cinder', taken, values)
            self.assertEqual(make_environ(values).keys(), environ.keys())
            self.assertEqual(0, environ['wsgi.input'].tell())
            seen.add((controller is self.messages, controller is None, taken))
        check()
        self.assertLessEqual({(True, False, 'messages'),
                              (False, False, 'cinder'),
                              (False, True, 'cinder')}, seen)

    def test_with_its_router(self):
        self.check()

    def test_without_its_router(self):
        self.check(lambda *args: [])


class TestMapperOfLooseProjectIds(TestMapper):
    """Where a volume called messages looks like messages of a project."""

    options = LOOSE

    def test_without_its_router(self):
        """The other routes are not known, so volumes may be mistaken."""


class TestStack(conversation.FilterCase):

    def test_nothing_shows_what_cinder_has_stored_itself(self):
        cinder_api.store_message(KNOWN, PROJECT)
        shown = []

        @examples.settings(500)
        @hypothesis.given(requests)
        def check(values):
            path = values.pop('PATH_INFO')
            for application in self.cinder.plain, self.cinder.filtered:
                asked = conversation.request('/', **{
                    'X-Auth-Token': self.member})
                asked.environ.update(make_environ(values))
                asked.environ.update(SCRIPT_NAME='', PATH_INFO='/v3' + path)
                if values['REQUEST_METHOD'] == 'DELETE' or (
                        'delete' in values['QUERY_STRING'].lower()):
                    continue
                try:
                    got = asked.get_response(application)
                except UnicodeDecodeError:
                    # Cinder itself raises for a path that is not UTF-8.
                    self.assertIs(self.cinder.plain, application, values)
                    continue
                if f'"id": "{KNOWN}"' in got.text:
                    shown.append(application)
            values['PATH_INFO'] = path
        check()
        self.assertIn(self.cinder.plain, shown)
        self.assertNotIn(self.cinder.filtered, shown)
