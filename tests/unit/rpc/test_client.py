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
import oslo_messaging as messaging

from cinder_messages import exception
from cinder_messages.rpc import bus
from cinder_messages.rpc import client
from tests import base

ANSWER = {'stored': 1, 'duplicates': 0, 'rejected': []}
BATCH = [{'id': 'a'}]


class FakeTopology:

    error: Exception | None = None

    def check_exchange(self):
        if self.error:
            raise self.error


class FakeTransport:

    _driver = None

    def __init__(self):
        self.cleaned_up = threading.Event()

    def cleanup(self):
        self.cleaned_up.set()


class FakeBus:
    """Makes transports that share one list of replies."""

    def __init__(self, replies):
        self.replies = list(replies)
        self.transports = []
        self.checker = FakeTopology()

    def topology(self, timeout):
        return self.checker

    def get_transport(self):
        self.transports.append(FakeTransport())
        return self.transports[-1]


class FakeClient:

    def __init__(self, replies):
        self.replies = replies

    def call(self, context, method, messages):
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


class TestWriterClient(base.TestCase):

    def make(self, *replies):
        self.bus = FakeBus(replies)
        self.useFixture(fixtures.MockPatchObject(
            messaging, 'get_rpc_client',
            lambda *args, **kwargs: FakeClient(self.bus.replies)))
        return client.WriterClient(self.bus, 1)

    def fail(self, made, expected):
        self.assertRaises(expected, made.create_messages, BATCH)

    def test_one_connection_serves_all_calls(self):
        made = self.make(ANSWER, ANSWER)
        for _ in range(2):
            self.assertEqual(1, made.create_messages(BATCH)['stored'])
        self.assertEqual(1, len(self.bus.transports))

    def test_it_does_not_connect_to_a_broker_that_refuses(self):
        made = self.make(ANSWER)
        self.bus.checker.error = exception.BusUnavailable(reason='refused')
        self.fail(made, exception.BusUnavailable)
        self.assertEqual([], self.bus.transports)

        self.bus.checker.error = None
        self.assertEqual(1, made.create_messages(BATCH)['stored'])

    def test_a_broken_connection_is_closed_and_made_anew(self):
        made = self.make(messaging.MessageDeliveryFailure('x'), OSError(),
                         ANSWER)
        self.fail(made, messaging.MessageDeliveryFailure)
        self.fail(made, OSError)
        made.create_messages(BATCH)

        first, second, third = self.bus.transports
        for broken in first, second:
            self.assertTrue(broken.cleaned_up.wait(60))
        self.assertFalse(third.cleaned_up.is_set())

    def test_a_writer_that_fails_or_is_missing_keeps_the_connection(self):
        made = self.make(messaging.RemoteError('x'),
                         messaging.MessagingTimeout(),
                         messaging.MessageUndeliverable(
                             Exception(), 'e', 'k', {}), ANSWER)
        for expected in (messaging.RemoteError, messaging.MessagingTimeout,
                         messaging.MessageUndeliverable):
            self.fail(made, expected)
        made.create_messages(BATCH)
        self.assertEqual(1, len(self.bus.transports))

    def test_a_timeout_of_a_broker_that_refuses_closes_the_connection(self):
        made = self.make(messaging.MessagingTimeout())
        made._connect()
        self.bus.checker.error = exception.BusUnavailable(reason='refused')
        self.fail(made, messaging.MessagingTimeout)
        self.assertTrue(self.bus.transports[0].cleaned_up.wait(60))

    def test_many_timeouts_close_the_connection(self):
        made = self.make(*[messaging.MessagingTimeout()] * 7)
        for _ in range(7):
            self.fail(made, messaging.MessagingTimeout)
        self.assertEqual(2, len(self.bus.transports))

    def test_an_answer_that_does_not_add_up_is_an_error(self):
        self.fail(self.make({**ANSWER, 'stored': 0}), ValueError)


class TestPauseReplyPoller(base.TestCase):

    def test_an_error_is_followed_by_a_pause_and_a_timeout_is_not(self):
        waited = []
        stopped = [False, True]

        class Timeout(Exception):
            pass

        errors = [Timeout(), OSError(), None, OSError()]

        class Connection:
            def consume(self, timeout=None):
                error = errors.pop(0)
                if error:
                    raise error

        class Event:
            def wait(self, seconds):
                waited.append(seconds)
                return stopped.pop(0)

        class Waiter:
            conn = Connection()
            _thread_exit_event = Event()

        class Transport:
            class _driver:
                _waiter = Waiter()

        for _ in range(2):
            client.pause_reply_poller(Transport)
        consume = Transport._driver._waiter.conn.consume
        self.assertRaises(Timeout, consume, timeout=1)
        self.assertEqual([], waited)
        consume(timeout=1)
        self.assertEqual([client.POLLER_PAUSE], waited)
        consume(timeout=1)
        self.assertEqual([client.POLLER_PAUSE] * 2, waited)
        self.assertEqual([], errors, 'a stopped poller tried again')

    def test_oslo_messaging_has_what_is_changed(self):
        bus.register_options(self.conf)
        transport = messaging.get_rpc_transport(
            self.conf, 'kombu+memory:///')
        self.addCleanup(transport.cleanup)
        made = messaging.get_rpc_client(
            transport, messaging.Target(topic='t', exchange='e'), timeout=0.1)
        self.assertRaises(messaging.MessagingTimeout, made.call, {}, 'm')

        client.pause_reply_poller(transport)

        connection = transport._driver._waiter.conn
        self.assertEqual('consume_or_pause', connection.consume.__name__)
