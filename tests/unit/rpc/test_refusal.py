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


import types

import oslo_messaging as messaging

from cinder_messages.rpc import bus
from cinder_messages.rpc import refusal
from cinder_messages.rpc import server
from tests import base


class Timeout(Exception):
    """Nothing came; the driver's own has this name."""


class Connection:

    def __init__(self, *errors):
        self.errors = list(errors)

    def consume(self, timeout=None):
        error = self.errors.pop(0)
        if error:
            raise error


class TestWatch(base.TestCase):

    def setUp(self):
        super().setUp()
        self.happened = []

    def refused(self):
        self.happened.append('refused')

    def wait(self, seconds):
        self.happened.append(seconds)

    def check(self, connection):
        """Check what follows a timeout, an error and an answer."""
        self.assertRaises(Timeout, connection.consume, timeout=1)
        self.assertEqual([], self.happened)
        connection.consume(timeout=1)
        self.assertEqual(['refused', refusal.PAUSE], self.happened)
        connection.consume(timeout=1)
        self.assertEqual(2, len(self.happened))

    def test_the_loop_of_answers(self):
        connection = Connection(Timeout(), OSError(), None)
        transport = types.SimpleNamespace(_driver=types.SimpleNamespace(
            _waiter=types.SimpleNamespace(
                conn=connection,
                _thread_exit_event=types.SimpleNamespace(wait=self.wait))))
        for _ in range(2):
            refusal.watch_replies(transport, self.refused)
        self.check(connection)

    def test_the_loop_of_calls(self):
        connection = Connection(Timeout(), OSError(), None)
        refusal.watch_listener(types.SimpleNamespace(
            listener=types.SimpleNamespace(
                _poll_style_listener=types.SimpleNamespace(
                    conn=connection,
                    _shutdown=types.SimpleNamespace(wait=self.wait)))),
            self.refused)
        self.check(connection)

    def test_what_has_no_loop_yet_or_another_one_is_left_alone(self):
        refusal.watch_replies(types.SimpleNamespace(_driver=None), None)
        refusal.watch_listener(types.SimpleNamespace(listener=None), None)


class TestOsloMessaging(base.TestCase):
    """It has what is watched."""

    def setUp(self):
        super().setUp()
        bus.register_options(self.conf)
        self.transport = messaging.get_rpc_transport(
            self.conf, 'kombu+memory:///')
        self.addCleanup(self.transport.cleanup)

    def assert_watched(self, connection):
        self.assertEqual('consume_or_pause', connection.consume.__name__)

    def test_the_loop_of_answers(self):
        made = messaging.get_rpc_client(
            self.transport, messaging.Target(topic='t', exchange='e'),
            timeout=0.1)
        self.assertRaises(messaging.MessagingTimeout, made.call, {}, 'm')
        refusal.watch_replies(self.transport, None)
        self.assert_watched(self.transport._driver._waiter.conn)

    def test_the_loop_of_calls(self):
        made = server.make_server(self.transport, object(), 'h')
        made.start()
        self.addCleanup(made.wait)
        self.addCleanup(made.stop)
        refusal.watch_listener(made, None)
        listener = made.listener._poll_style_listener
        self.assert_watched(listener.conn)
        self.assertFalse(listener._shutdown.wait(0))
