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

"""Notifications of a writer, received by a listener of oslo.messaging."""

import queue

from oslo_context import context
import oslo_messaging as messaging

from cinder_messages.message import api as message_api
from cinder_messages.message import defined_messages
from cinder_messages.rpc import bus
from cinder_messages.rpc import client
from cinder_messages.rpc import contract
from cinder_messages.writer import notifier
from cinder_messages.writer import service
from tests import base
from tests import fixtures

MESSAGE = '019ab2d4-7c1e-7a39-9d52-0c5b5f1e8a08'
PROJECT = '6c430ede-9476-4128-8838-8d3929ced223'


class Endpoint:
    """Keeps the notifications that a listener receives."""

    def __init__(self):
        self.received = queue.Queue()

    def info(self, ctxt, publisher_id, event_type, payload, metadata):
        self.received.put((publisher_id, event_type, payload))

    warn = info


class TestNotifications(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(fixtures.StandaloneFixture()).conf
        transport = messaging.get_notification_transport(self.conf)
        self.conf.set_override('driver', ['messagingv2'],
                               'oslo_messaging_notifications')
        self.endpoint = Endpoint()
        listener = messaging.get_notification_listener(
            transport, [messaging.Target(topic='notifications')],
            [self.endpoint])
        listener.start()
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        self.writer = service.WriterService(self.conf)
        self.writer.start()
        self.addCleanup(self.writer.stop)

    def receive(self):
        return self.endpoint.received.get(timeout=120)

    def test_a_stored_message(self):
        api = message_api.API(self.conf)
        message_id = api.create(
            context.RequestContext(user_id='fred', project_id=PROJECT),
            defined_messages.UNABLE_TO_ALLOCATE, PROJECT)
        self.assertTrue(api.flush(120))

        publisher, event_type, payload = self.receive()
        self.assertEqual(f'cinder-messages-writer.{self.conf.writer.host}',
                         publisher)
        self.assertEqual(notifier.STORED, event_type)
        self.assertEqual(
            ('1.0', message_id, PROJECT, 'fred', '000002', 'ERROR'),
            tuple(payload[name] for name in (
                'version', 'id', 'project_id', 'user_id', 'event_id',
                'message_level')))

    def test_a_rejected_report(self):
        writers = client.WriterClient(bus.Bus.for_writer(self.conf), 30)
        self.addCleanup(writers.close)
        answer = writers.create_messages([{
            'id': MESSAGE, 'project_id': PROJECT, 'event_id': '999999',
            'created_at': '2026-11-24T00:29:10'}])
        [rejected] = answer['rejected']

        _publisher, event_type, payload = self.receive()
        self.assertEqual(notifier.REJECTED, event_type)
        self.assertEqual(('1.0', MESSAGE, contract.UNKNOWN_EVENT), tuple(
            payload[name] for name in ('version', 'id', 'code')))
        self.assertEqual(rejected['reason'], payload['reason'])
