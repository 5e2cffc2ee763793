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

"""What ``/healthcheck`` says of database and message bus."""

import json
import socket

import fixtures
import oslo_messaging as messaging
import webob

from cinder_messages.api import app
from cinder_messages import exception
from tests import base


class TestHealthcheck(base.TestCase):

    def setUp(self):
        super().setUp()
        self.database = self.useFixture(fixtures.TempDir()).path
        self.conf.set_override('auth_strategy', 'noauth', 'api')
        self.set_database(f'sqlite:///{self.database}/messages.sqlite')

    def set_database(self, connection):
        self.conf.set_override('connection', connection, 'database')

    def ask(self, accept='application/json', remote='192.0.2.1', headers=(),
            **options):
        """Status and body, with options of ``[healthcheck]``."""
        # NOTE: its options are registered by the application.
        app.loadapp(self.conf)
        for name, value in options.items():
            self.conf.set_override(name, value, 'healthcheck')
        answer = webob.Request.blank(
            '/healthcheck', accept=accept, environ={'REMOTE_ADDR': remote},
            headers=headers).get_response(app.loadapp(self.conf))
        return answer.status_int, answer.text

    def test_nothing_is_asked_unless_it_is_named(self):
        self.set_database('sqlite:////nowhere/messages.sqlite')
        self.assertEqual(200, self.ask()[0])

    def test_a_database_that_answers(self):
        status, text = self.ask(backends=['cinder_messages_database'])
        self.assertEqual(200, status)
        self.assertEqual(['The database answers.'],
                         json.loads(text)['reasons'])

    def test_a_database_that_is_away_and_why_is_not_said(self):
        self.set_database('sqlite:////nowhere/messages.sqlite')
        status, text = self.ask(backends=['cinder_messages_database'])
        self.assertEqual(503, status)
        self.assertEqual(['The database does not answer.'],
                         json.loads(text)['reasons'])
        self.assertNotIn('unable', text)

    def test_why_is_said_to_those_who_may_know(self):
        self.set_database('sqlite:////nowhere/messages.sqlite')
        options = {'backends': ['cinder_messages_database'], 'detailed': True,
                   'allowed_source_ranges': ['127.0.0.0/8']}
        status, text = self.ask(remote='127.0.0.1', **options)
        self.assertEqual(503, status)
        self.assertIn('unable to open', text)

        status, text = self.ask(remote='192.0.2.1', **options)
        self.assertEqual(404, status)
        self.assertNotIn('unable to open', text)

    def test_details_are_hidden_from_what_a_proxy_forwards(self):
        options = {'detailed': True, 'allowed_source_ranges': ['127.0.0.0/8']}
        for name in ('Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host',
                     'X-Real-IP', 'Via'):
            status, text = self.ask(
                remote='127.0.0.1', headers={name: '127.0.0.1'}, **options)
            self.assertEqual(404, status, name)
        self.assertEqual(200, self.ask(remote='127.0.0.1', **options)[0])
        self.assertEqual(200, self.ask(
            remote='127.0.0.1', headers={'Via': 'x'},
            ignore_proxied_requests=False, **options)[0])

    def test_others_may_come_through_a_proxy(self):
        self.assertEqual(200, self.ask(headers={'Via': 'x'})[0])

    def test_an_address_that_is_none_is_of_no_network(self):
        for remote in '', 'unknown', '127.0.0.1, 192.0.2.1':
            self.assertEqual(404, self.ask(
                remote=remote, allowed_source_ranges=['127.0.0.0/8'])[0])

    def test_load_balancers_find_a_body(self):
        self.assertEqual((200, 'OK'), self.ask('text/plain'))
        self.assertEqual((200, 'OK'), self.ask('*/*'))

    def test_the_message_bus(self):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        there = f'me:hush@127.0.0.1:{listener.getsockname()[1]}'
        for url, expected in ((f'rabbit://{there}/', 200), ('fake://', 200),
                              (f'rabbit://me:hush@127.0.0.1:1,{there}/', 200),
                              ('rabbit://me:hush@127.0.0.1:1/', 503)):
            messaging.TransportURL.parse(self.conf, 'fake://')
            self.conf.set_override('transport_url', url)
            status, text = self.ask(backends=['cinder_messages_messaging'])
            self.assertEqual(expected, status, url)
            self.assertNotIn('hush', text)

    def test_mistakes_are_found_at_the_start(self):
        for options, words in (
                ({'backends': ['databse']}, "'databse' is none of"),
                ({'detailed': True}, 'allowed_source_ranges'),
                ({'allowed_source_ranges': ['everywhere']}, 'everywhere'),
                ({'backends': ['enable_by_files', 'disable_by_file']},
                 'do not go together')):
            error = self.assertRaises(
                exception.InvalidConfiguration, self.ask, **options)
            self.assertIn('[healthcheck]', str(error))
            self.assertIn(words, str(error))
            for name in options:
                self.conf.clear_override(name, 'healthcheck')
