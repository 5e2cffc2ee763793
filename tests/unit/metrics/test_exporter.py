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

"""The port that serves metrics to Prometheus."""

import contextlib
import logging
import socket
import urllib.request

import fixtures
import prometheus_client

from cinder_messages import exception
from cinder_messages.metrics import exporter
from tests import base
from tests import process


def scrape(port, address='127.0.0.1'):
    with urllib.request.urlopen(
            f'http://{address}:{port}/metrics', timeout=60) as answer:
        return answer.read().decode()


class TestExporter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.registry = prometheus_client.CollectorRegistry()
        prometheus_client.Counter('x', 'Of a test.', registry=self.registry)
        self.port = process.free_port()

    def make(self, address='127.0.0.1'):
        made = exporter.Exporter(self.registry, address, self.port)
        self.addCleanup(made.stop)
        return made

    def test_exporters_share_a_port(self):
        one, other = self.make(), self.make()
        for each in one, other:
            each.check()
            each.start()
        self.assertIn('x_total 0.0', scrape(self.port))

        one.stop()
        one.stop()

        self.assertIn('x_total 0.0', scrape(self.port))

    def test_ipv6_address(self):
        with contextlib.closing(socket.socket(socket.AF_INET6)) as probe:
            try:
                probe.bind(('::1', 0))
            except OSError:
                self.skipTest('this machine has no ::1')
        self.make('::1').start()
        self.assertIn('x_total', scrape(self.port, '[::1]'))

    def test_used_port_fails_check_and_is_logged_at_start(self):
        other = socket.create_server(('127.0.0.1', self.port))
        self.addCleanup(other.close)
        log = self.useFixture(fixtures.FakeLogger(level=logging.ERROR))
        made = self.make()

        error = self.assertRaises(exception.InvalidConfiguration, made.check)
        made.start()

        self.assertIn(f'127.0.0.1:{self.port}', str(error))
        self.assertIn(f'Metrics are not served at 127.0.0.1:{self.port}',
                      log.output)
