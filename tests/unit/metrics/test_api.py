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

"""What is measured of a request."""

import os

import fixtures
import prometheus_client

from cinder_messages.metrics import api
from tests import base
from tests import process
from tests.unit.metrics import test_exporter
from tests.unit.metrics import test_multiprocess


class TestHandler(base.TestCase):

    def test_what_is_asked_for_and_never_by_whom(self):
        for path, name in {
            '/v3/p/messages': 'messages', '/v3/messages.json': 'messages',
            '/v3/p/messages/1': 'message', '/v3/messages/1': 'message',
            '/': 'versions', '/v3': 'versions', '/v3/': 'versions',
            '/healthcheck': 'healthcheck', '/v3/p/volumes': 'other',
            '/v3/p/messages/1/2': 'other', '/x/healthcheck': 'other',
        }.items():
            self.assertEqual(name, api.handler_of(path), path)


class TestMetricsMiddleware(base.TestCase):

    def setUp(self):
        super().setUp()
        self.registry = prometheus_client.CollectorRegistry()
        self.started = 0

    def start(self):
        self.started += 1

    def ask(self, method='GET', path='/v3/p/messages', statuses=('200 OK',)):
        def application(environ, start_response):
            for status in statuses:
                start_response(status, [])
            return [b'body']

        seen = []
        body = self.measured(application)(
            {'REQUEST_METHOD': method, 'PATH_INFO': path},
            lambda status, headers: seen.append(status))
        self.assertEqual(list(statuses), seen)
        self.assertEqual([b'body'], body)

    def measured(self, application):
        if not hasattr(self, '_measured'):
            self._measured = api.MetricsMiddleware(
                application, api.ApiMetrics(self.registry), self)
        self._measured._application = application
        return self._measured

    def count(self, **labels):
        return self.registry.get_sample_value(
            'cinder_messages_api_request_seconds_count', labels)

    def test_method_handler_and_status(self):
        self.ask()
        self.ask(statuses=('200 OK', '503 Service Unavailable'))
        self.ask('BREW', '/v3/p/messages/1', ('405 Method Not Allowed',))

        self.assertEqual(1, self.count(
            method='GET', handler='messages', status='200'))
        self.assertEqual(1, self.count(
            method='GET', handler='messages', status='503'))
        self.assertEqual(1, self.count(
            method='other', handler='message', status='405'))

    def test_a_process_answers_from_its_first_request_on(self):
        self.assertEqual(0, self.started)
        self.ask()
        self.ask()
        self.assertEqual(1, self.started)

        self.useFixture(fixtures.MonkeyPatch('os.getpid', lambda: 0))
        self.assertEqual(0, os.getpid())
        self.ask()
        self.assertEqual(2, self.started)

    def test_a_layer_as_configured(self):
        self.useFixture(test_multiprocess.MultiprocessFixture())
        port = process.free_port()
        for name, value in {
            'api_port': port,
            'directory': self.useFixture(fixtures.TempDir()).path,
        }.items():
            self.conf.set_override(name, value, 'metrics')
        layer = api.make_middleware(self.conf, single_process=False)

        def application(environ, start_response):
            start_response('200 OK', [])
            return []

        measured = layer(application)
        self.addCleanup(measured._exporter.stop)
        measured({'REQUEST_METHOD': 'GET'}, lambda *_: None)

        self.assertIn('cinder_messages_api_request_seconds_count'
                      '{handler="other",method="GET",status="200"} 1.0',
                      test_exporter.scrape(port))
