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

"""Which requests are taken out of Cinder's pipeline, and how."""

import os
import sys
import types

import fixtures

from cinder_messages.integration import filter as paste_filter
from tests import base

PROJECT = '0123-abcd'


class TestMessagesFilter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.seen = []

    def application(self, name):
        def serve(environ, start_response):
            self.seen.append((name, environ, start_response))
            start_response('200 OK', [('from', name)])
            return [name.encode()]
        return serve

    def ask(self, environ, endpoint=None, start=None, taken=True):
        """Who was asked, and with which environment."""
        routes = types.SimpleNamespace(match=lambda environ: taken)
        body = paste_filter.MessagesFilter(
            self.application('cinder'), self.application('messages'),
            routes, endpoint)(
                environ, start or (lambda *args: None))
        name, seen, _start = self.seen[-1]
        self.assertEqual([name.encode()], body)
        return name, seen

    def test_requests_for_messages_are_moved(self):
        for path in '/messages', f'/{PROJECT}/messages/x', '/messages\n':
            name, environ = self.ask({
                'SCRIPT_NAME': '/volume/v3', 'PATH_INFO': path, 'other': '1'})
            self.assertEqual('messages', name, path)
            self.assertEqual(
                {'SCRIPT_NAME': '/volume', 'PATH_INFO': '/v3' + path,
                 'other': '1'}, environ)

    def test_all_else_passes_as_it_came(self):
        def start(*args):
            pass

        environ = {'SCRIPT_NAME': '/v3', 'PATH_INFO': '/volumes'}
        before = dict(environ)
        name, seen = self.ask(environ, start=start, taken=False)
        self.assertEqual('cinder', name)
        self.assertIs(environ, seen)
        self.assertEqual(before, seen)
        self.assertIs(start, self.seen[-1][2])

    def test_the_environment_that_came_is_left_alone(self):
        environ = {'PATH_INFO': '/messages'}
        self.ask(environ)
        self.assertEqual({'PATH_INFO': '/messages'}, environ)

    def test_the_endpoint_goes_in_front_of_the_path(self):
        for script, endpoint, expected in (
                ('/v3', 'https://example.org', ''),
                ('/volume/v3', 'https://example.org/', '/volume'),
                ('/volume/v3', 'https://example.org/in/', '/in/volume'),
                ('/v3', 'https://example.org/in', '/in')):
            _name, environ = self.ask(
                {'SCRIPT_NAME': script, 'PATH_INFO': '/messages',
                 'HTTP_HOST': 'localhost', 'wsgi.url_scheme': 'http'},
                endpoint=endpoint)
            self.assertEqual(
                ('https', 'example.org', expected),
                (environ['wsgi.url_scheme'], environ['HTTP_HOST'],
                 environ['SCRIPT_NAME']))


class Patcher:
    """What eventlet tells of itself."""

    def __init__(self, patched):
        self.is_monkey_patched = patched.__contains__


class TestGreenThreads(base.TestCase):

    def wait_function(self, patcher, chosen=None):
        """What psycopg would be told."""
        self.useFixture(fixtures.MonkeyPatch(
            'sys.modules', {**sys.modules, 'eventlet.patcher': patcher}))
        self.useFixture(
            fixtures.EnvironmentVariable('PSYCOPG_WAIT_FUNC', chosen))
        paste_filter.configure_psycopg_for_eventlet()
        return os.environ.get('PSYCOPG_WAIT_FUNC')

    def test_psycopg_waits_their_way_where_there_are_any(self):
        patched = Patcher({'select', 'socket'})
        self.assertEqual('wait_selector', self.wait_function(patched))
        self.assertEqual(
            'wait_select', self.wait_function(patched, 'wait_select'))

    def test_it_is_left_alone_where_there_are_none(self):
        for patcher in Patcher(()), None:
            self.assertIsNone(self.wait_function(patcher))
