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


import threading

import fixtures
from oslo_log import log

from cinder_messages import exception
from cinder_messages.writer import consumer
from tests import base


class FakeTopology:

    def __init__(self, *results):
        self.results = list(results)

    def declare(self, host):
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


class FakeServer:
    """A server or a transport."""

    listener = None

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda: self.calls.append(name)


class FakeBus:

    def __init__(self, topology, transports):
        self._topology = topology
        self.transports = transports

    def topology(self, timeout):
        return self._topology

    def get_transport(self):
        self.transports.append(FakeServer())
        return self.transports[-1]


class TestConsumer(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.writer.consumer'))
        self.servers = []
        self.transports = []
        self.failures = 0
        self.ready = threading.Event()
        self.useFixture(fixtures.MonkeyPatch(
            'cinder_messages.rpc.server.make_server', self.make_server))

    def make_server(self, transport, endpoint, host):
        made = FakeServer()
        if self.failures:
            self.failures -= 1
            made.start = None
        self.servers.append(made)
        return made

    def make(self, *results, workers=1):
        return consumer.Consumer(
            FakeBus(FakeTopology(*results) if results else None,
                    self.transports), object(), 'h', workers, self.ready.set)

    def test_without_a_broker_it_serves_at_once(self):
        made = self.make()
        made.start()
        self.assertTrue(self.ready.is_set())
        made.stop()
        self.assertEqual(['start', 'stop', 'wait'], self.servers[0].calls)
        self.assertIn('Writer h accepts reports.', self.logged.output)

    def test_it_serves_when_the_broker_accepts_it(self):
        refused = exception.BusUnavailable(reason='refused')
        made = self.make(refused, refused, OSError('a bug'), 0)
        self.assertEqual([False, False, False, True],
                         [made.check() for _ in range(4)])
        self.assertTrue(self.ready.is_set())
        self.assertEqual(1, self.logged.output.count('refused'))
        self.assertIn('OSError', self.logged.output)

    def test_a_server_that_does_not_consume_is_restarted(self):
        made = self.make(0, 1, 0, 0, 0, 1)
        for _ in range(4):
            made.check()
        self.assertEqual(1, len(self.servers))
        for _ in range(2):
            made.check()
        self.assertEqual(['start', 'stop', 'wait'], self.servers[0].calls)
        self.assertEqual(['start'], self.servers[1].calls)

    def test_a_worker_that_restarts_is_no_reason(self):
        made = self.make(0, 2, 1, 1, 2, 1, 1, 2, workers=2)
        for _ in range(8):
            made.check()
        self.assertEqual(1, len(self.servers))

    def test_it_stops_while_the_broker_refuses(self):
        made = self.make(*[exception.BusUnavailable(reason='refused')] * 99)
        made.start()
        made.stop()
        self.assertEqual([], self.servers)
        self.assertFalse(made._thread.is_alive())

    def test_a_server_that_the_broker_refuses_is_stopped(self):
        refused = exception.BusUnavailable(reason='refused')
        made = self.make(0, 1, refused, refused, 0)
        self.assertTrue(made.check())
        self.assertTrue(made.check())
        made._note_refusal()
        self.assertFalse(made.check())
        self.assertEqual(['start', 'stop', 'wait'], self.servers[0].calls)
        self.assertFalse(made.check())
        self.assertTrue(made.check())
        self.assertEqual(['start'], self.servers[1].calls)

    def test_a_server_that_cannot_start_anew_is_tried_again(self):
        made = self.make(0, 0, 0, 0, 0)
        made.check()
        self.failures = 1
        self.assertEqual([True, True, False, True],
                         [made.check() for _ in range(4)])
        self.assertEqual(['start'], self.servers[-1].calls)
        self.assertIn('cleanup', self.transports[1].calls)

    def test_a_connection_is_closed_whatever_fails(self):
        made = self.make(0)
        made.check()
        self.servers[0].stop = self.servers[0].wait = None
        made.stop()
        self.assertEqual(['cleanup'], self.transports[0].calls)
