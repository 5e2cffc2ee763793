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

"""Notifications: what is sent, and that storing never waits for it."""

import datetime
import threading

import fixtures
from oslo_config import cfg

from cinder_messages.message import model
from cinder_messages.writer import notifier
from tests import base

MOMENT = datetime.datetime(2026, 11, 24, 0, 29, 10, 180000)
MESSAGE = model.Message(
    id='1', project_id='p', event_id='VOLUME_VOLUME_001_003',
    created_at=MOMENT, expires_at=MOMENT, action_id='001', detail_id='003',
    host='h', count=3)
TIMEOUT = 30


class FakeSender:
    """Keeps what is sent; can be made to block or to fail."""

    def __init__(self):
        self.sent = []
        self.may_send = threading.Event()
        self.may_send.set()
        self.is_sending = threading.Event()
        self.error = None

    def info(self, ctxt, event_type, payload):
        self.is_sending.set()
        self.may_send.wait(TIMEOUT)
        if self.error:
            raise self.error
        self.sent.append((event_type, payload))

    warn = info


class TestNotifier(base.TestCase):

    def setUp(self):
        super().setUp()
        self.sender = FakeSender()
        self.now = 0.0
        self.log = self.useFixture(fixtures.FakeLogger())

    def start(self, **kwargs):
        made = notifier.Notifier(self.sender, clock=lambda: self.now,
                                 **kwargs)
        made.start()
        self.addCleanup(made.stop)
        self.addCleanup(self.sender.may_send.set)
        return made

    def test_payloads(self):
        made = self.start()
        made.messages_stored([MESSAGE])
        made.reports_rejected([
            {'id': '2', 'code': 'UNKNOWN_EVENT', 'reason': 'r', 'more': 1}])
        made.stop()

        self.assertEqual([
            ('user_message.stored', {
                'version': '1.0', 'id': '1', 'project_id': 'p',
                'user_id': None, 'request_id': None,
                'global_request_id': None,
                'event_id': 'VOLUME_VOLUME_001_003', 'action_id': '001',
                'detail_id': '003', 'message_level': 'ERROR',
                'resource_type': None, 'resource_uuid': None, 'count': 3,
                'host': 'h', 'created_at': '2026-11-24T00:29:10.180000'}),
            ('user_message.rejected', {
                'version': '1.0', 'id': '2', 'code': 'UNKNOWN_EVENT',
                'reason': 'r'})], self.sender.sent)
        self.assertEqual(0, made.dropped)

    def test_a_sender_that_blocks_delays_nobody(self):
        self.sender.may_send.clear()
        made = self.start(max_waiting=2)
        made.messages_stored([MESSAGE])
        self.assertTrue(self.sender.is_sending.wait(TIMEOUT))
        made.messages_stored([MESSAGE] * 5)

        self.assertEqual(3, made.dropped)
        self.assertEqual(1, self.log.output.count('1 so far (too many wait)'))
        self.now += 60
        made.messages_stored([MESSAGE] * 2)
        self.assertEqual(2, len(self.log.output.splitlines()))
        self.assertIn('4 so far', self.log.output)
        self.sender.may_send.set()
        made.stop()
        self.assertEqual(3, len(self.sender.sent))

    def test_a_sender_that_fails_is_asked_again(self):
        self.sender.error = OSError('no broker')
        made = self.start()
        made.messages_stored([MESSAGE])
        made.stop()
        self.assertEqual(1, made.dropped)
        self.assertIn('(OSError)', self.log.output)
        self.assertNotIn('no broker', self.log.output)


class TestConfiguration(base.TestCase):

    def make(self, driver):
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[], default_config_dirs=[])
        notifier.from_conf(conf, 'host')
        conf.set_override('transport_url', 'fake:///')
        conf.set_override('driver', driver, 'oslo_messaging_notifications')
        return notifier.from_conf(conf, 'host')

    def test_it_is_off_unless_a_driver_is_set(self):
        for driver in [], ['noop'], ['']:
            self.assertIs(notifier.NullNotifier, type(self.make(driver)))
        self.assertIs(notifier.Notifier, type(self.make(['messagingv2'])))
