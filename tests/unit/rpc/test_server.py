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

import contextlib
import threading

import fixtures
from oslo_config import fixture as config_fixture
import oslo_messaging as messaging

from cinder_messages.rpc import bus
from cinder_messages.rpc import contract
from cinder_messages.rpc import server
from tests import base


class TestDefaults(base.TestCase):

    def test_they_are_a_writer_s(self):
        self.assertEqual(8, server.set_defaults(self.conf))
        rabbit = self.conf.oslo_messaging_rabbit
        self.assertEqual(
            (8, 2), (rabbit.rabbit_qos_prefetch_count,
                     rabbit.kombu_missing_consumer_retry_timeout))

    def test_what_the_operator_has_set_stays(self):
        server.set_defaults(self.conf)
        self.useFixture(config_fixture.Config(self.conf)).config(
            executor_thread_pool_size=99)
        self.assertEqual(99, server.set_defaults(self.conf))


class Endpoint:
    """Counts calls, and ends none before it is told to."""

    target = messaging.Target(version=contract.VERSION)

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    @messaging.expose
    def create_messages(self, context, messages):
        self.begun.release()
        self.may_end.wait(60)

    def not_exposed(self, context):
        raise AssertionError


class TestBoundedServer(base.TestCase):

    THREADS = 2

    def setUp(self):
        super().setUp()
        self.endpoint = Endpoint()
        bus.register_options(self.conf)
        self.conf.set_override('executor_thread_pool_size', self.THREADS)
        self.transport = messaging.get_rpc_transport(self.conf, 'fake://')
        self.server = server.make_server(
            self.transport, self.endpoint, 'host')
        self.server.start()
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.stop)
        self.addCleanup(self.endpoint.may_end.set)
        self.addCleanup(self.free_threads)
        self.client = messaging.get_rpc_client(
            self.transport, messaging.Target(
                exchange=contract.EXCHANGE, topic=contract.TOPIC), timeout=60)

    def free_threads(self):
        """Let the server end, even one that frees no thread."""
        with contextlib.suppress(ValueError):
            for _ in range(20):
                self.server._free.release()

    def cast(self, count):
        for _ in range(count):
            self.client.cast({}, 'create_messages', messages=[])

    def begin(self, count):
        for _ in range(count):
            self.assertTrue(self.endpoint.begun.acquire(timeout=60))

    def test_it_takes_no_more_calls_than_it_has_threads(self):
        taken = []
        process = server.rpc_server.RPCServer._on_incoming
        self.useFixture(fixtures.MonkeyPatch(
            'oslo_messaging.rpc.server.RPCServer._on_incoming',
            lambda this, incoming: (taken.append(1),
                                    process(this, incoming))))
        self.cast(10)
        self.begin(self.THREADS)
        self.assertFalse(self.endpoint.begun.acquire(timeout=0.5))
        self.assertEqual(self.THREADS, len(taken))

        self.endpoint.may_end.set()
        self.begin(10 - self.THREADS)
        self.assertEqual(10, len(taken))

    def test_a_call_that_fails_frees_its_thread(self):
        self.endpoint.may_end.set()
        for _ in range(3 * self.THREADS):
            # NOTE: this driver raises the exception itself.
            self.assertRaises(TypeError, self.client.call, {},
                              'create_messages', unknown=1)
        self.cast(1)
        self.begin(1)

    def test_an_answer_that_cannot_be_sent_is_one_line(self):
        logged = self.useFixture(fixtures.FakeLogger())
        self.endpoint.may_end.set()

        class Incoming:
            message = {'method': 'create_messages',
                       'args': {'messages': []}, 'version': contract.VERSION}
            ctxt = {}
            msg_id = client_timeout = None

            def acknowledge(self):
                pass

            def reply(self, reply=None, failure=None):
                raise messaging.MessageDeliveryFailure('refused')

        self.server._on_incoming([Incoming()])
        self.begin(1)
        self.server.stop()
        self.server.wait()
        self.assertIn('not answered (MessageDeliveryFailure)', logged.output)
        self.assertNotIn('Traceback', logged.output)

    def test_only_exposed_methods_can_be_called(self):
        self.assertRaises(messaging.NoSuchMethod, self.client.call, {},
                          'not_exposed')

    def test_oslo_messaging_calls_what_is_overridden(self):
        for name in '_on_incoming', '_process_incoming':
            self.assertTrue(callable(
                getattr(server.rpc_server.RPCServer, name)), name)
            self.assertIn(name, vars(server.BoundedServer))
