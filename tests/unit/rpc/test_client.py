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
from cinder_messages.rpc import client
from tests import base

ANSWER = {'stored': 1, 'duplicates': 0, 'rejected': []}
BATCH = [{'id': 'a'}]


class FakeTopology:

    error: Exception | None = None

    def check_emitter(self):
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

    def test_a_connection_that_is_refused_while_idle_is_closed(self):
        made = self.make(ANSWER, ANSWER)
        watched = self.useFixture(fixtures.MockPatchObject(
            client.refusal, 'watch_replies')).mock
        made.create_messages(BATCH)
        transport, on_refused = watched.call_args.args
        on_refused()
        self.assertTrue(transport.cleaned_up.wait(20))

        made.create_messages(BATCH)
        on_refused()
        self.assertEqual(2, len(self.bus.transports))
        self.assertIs(self.bus.transports[1], made._transport,
                      'the next connection was closed')

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
