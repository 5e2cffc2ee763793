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

"""Emitters and writers of two versions of the contract, on fake://."""

import collections
import datetime
import json

import oslo_messaging as messaging

from cinder_messages.emit import report
from cinder_messages.message import catalog
from cinder_messages.message import model
from cinder_messages.rpc import bus
from cinder_messages.rpc import client
from cinder_messages.rpc import contract
from cinder_messages.rpc import server
from cinder_messages.writer import endpoint
from tests import base

TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
IDS = [f'5429fffa-5c76-4d68-a671-37a8e24f37c{digit}' for digit in range(3)]

Stored = collections.namedtuple('Stored', 'stored duplicates foreign')


class FirstWriter:
    """Answers as the writer of version 1.0 did."""

    target = messaging.Target(version='1.0')

    @messaging.expose
    def create_messages(self, context, messages):
        known = [one for one in messages if one['event_id'] == '000001']
        return {
            'stored': len(known), 'duplicates': 0, 'suppressed': 0,
            'rejected': [
                {'id': one['id'],
                 'reason': f"Event '{one['event_id']}' is not permitted. "
                           'Permitted are: 000001'}
                for one in messages if one not in known]}


class FakeStore:

    def create(self, messages, ttl):
        self.messages = messages
        return Stored(len(messages), 0, ())


class TestVersions(base.TestCase):

    def serve(self, served):
        self.bus = bus.Bus(self.conf, 'fake://', True, '[x] y', True)
        transport = self.bus.get_transport()
        serving = server.make_server(transport, served, 'host')
        serving.start()
        self.addCleanup(serving.wait)
        self.addCleanup(serving.stop)
        return transport

    def test_a_new_emitter_and_a_writer_of_the_first_version(self):
        self.serve(FirstWriter())
        made = client.WriterClient(self.bus, 20)
        batch = [json.loads(report.encode(model.Message(
            id=message_id, project_id='p', event_id=event_id, count=count,
            created_at=datetime.datetime(2026, 11, 24), host='h',
            global_request_id='req-1'), TRACE))
            for message_id, event_id, count in zip(
                IDS, ('000001', '000005', '000006'), (None, None, 3),
                strict=True)]

        answer = made.create_messages(batch)

        self.assertEqual(1, answer['stored'])
        self.assertEqual([(IDS[1], contract.UNKNOWN_EVENT),
                          (IDS[2], contract.UNKNOWN_EVENT)],
                         [(one['id'], one['code'])
                          for one in answer['rejected']])
        made.ping()
        made.ping('host')

    def test_an_emitter_of_the_first_version_and_a_new_writer(self):
        store = FakeStore()
        transport = self.serve(endpoint.MessagesEndpoint(
            store, catalog.Catalog.builtin(), 60))
        first = messaging.get_rpc_client(transport, messaging.Target(
            exchange=contract.EXCHANGE, topic=contract.TOPIC, version='1.0'),
            timeout=60)

        answer = first.call({}, 'create_messages', messages=[
            {'id': IDS[0], 'project_id': 'p', 'event_id': '000001',
             'created_at': '2026-11-24T00:00:00', 'burst': 'b', 'nth': '2'},
            {'id': IDS[1], 'project_id': 'p', 'event_id': '000099',
             'created_at': '2026-11-24T00:00:00'}])

        # NOTE: what the first emitters read of an answer.
        self.assertEqual((1, 0, 0), (
            answer['stored'], answer['duplicates'],
            answer.get('suppressed', 0)))
        self.assertEqual([IDS[1]], [one['id'] for one in answer['rejected']])
        self.assertTrue(answer['rejected'][0]['reason'])
        self.assertEqual([IDS[0]], [one.id for one in store.messages])
