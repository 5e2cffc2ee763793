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

from oslo_config import cfg
from oslo_context import context

from cinder_messages.emit import emitter
from cinder_messages import exception
from cinder_messages import fixture
from cinder_messages.message import api
from cinder_messages.message import defined_messages
from cinder_messages.message import message_field
from tests import base

WHO = context.RequestContext(
    user_id='u', project_id='p', request_id='req-1', overwrite=False)


class NoSpace(Exception):
    pass


class NoValidBackend(NoSpace):
    pass


class TestMessagesFixture(base.TestCase):

    def setUp(self):
        super().setUp()
        self.reported = self.useFixture(fixture.MessagesFixture())
        # NOTE: with nothing registered, as in a test of a service.
        self.api = api.API(cfg.ConfigOpts())

    def test_messages_are_kept_in_order(self):
        message_id = self.api.create(
            WHO, defined_messages.UNABLE_TO_ALLOCATE, 'owner')
        self.api.create_for_action(
            WHO, message_field.Action.SCHEDULE_ALLOCATE_VOLUME,
            resource_type=message_field.Resource.VOLUME, resource_uuid='v',
            exception=NoValidBackend())

        flat, pair = self.reported.messages
        self.assertEqual(
            (message_id, 'owner', '000002', None, 'req-1', None),
            (flat.id, flat.project_id, flat.event_id, flat.action_id,
             flat.request_id, flat.user_id))
        self.assertEqual(
            ('p', '001', '003', 'VOLUME', 'v', 'u'),
            (pair.project_id, pair.action_id, pair.detail_id,
             pair.resource_type, pair.resource_uuid, pair.user_id))

    def test_the_parts_are_as_the_writer_would_set_them(self):
        self.api.create(WHO, 'VOLUME_VOLUME_BACKUP_013_017', 'p')

        [message] = self.reported.messages
        self.assertEqual(
            ('VOLUME_BACKUP', '013', '017'),
            (message.resource_type, message.action_id, message.detail_id))

    def test_what_is_not_permitted_is_refused(self):
        for event_id, project_id, level in (
                ('999999', 'p', 'ERROR'),
                ('000002', None, 'ERROR'),
                ('000002', 'p', 'FATAL')):
            with self.subTest((event_id, project_id, level)):
                self.assertRaises(
                    exception.InvalidMessage, self.api.create, WHO, event_id,
                    project_id, level=level)
        self.assertEqual([], self.reported.messages)

    def test_a_message_id_that_a_writer_refuses_is_refused(self):
        for id in ('x', '00000000-0000-4000-8000-00000000000A',
                   '{00000000-0000-4000-8000-000000000001}', 7, 'a' * 36):
            with self.subTest(id=id):
                self.assertRaises(
                    exception.InvalidMessage, self.api.create, WHO, '000002',
                    'p', message_id=id)
        self.assertEqual([], self.reported.messages)

    def test_a_count_that_a_writer_refuses_is_refused(self):
        for count in (0, -1, 10 ** 9 + 1, True, '5', 1.5):
            with self.subTest(count=count):
                self.assertRaises(
                    exception.InvalidMessage, self.api.create, WHO, '000002',
                    'p', count=count)
        self.assertEqual([], self.reported.messages)
        for count in (None, 1, 10 ** 9):
            self.api.create(WHO, '000002', 'p', count=count)
            self.assertEqual(count, self.reported.messages[-1].count)

    def test_text(self):
        self.api.create(WHO, defined_messages.UNABLE_TO_ALLOCATE, 'p')

        [message] = self.reported.messages
        self.assertEqual(defined_messages.UNABLE_TO_ALLOCATE.text,
                         self.reported.text(message))
        self.assertNotEqual(defined_messages.UNABLE_TO_ALLOCATE.text,
                            self.reported.text(message, 'de'))

    def test_there_is_nothing_to_wait_for(self):
        self.assertTrue(self.api.flush(0))
        self.assertEqual(0, self.api.counters.reported)
        self.api.create(WHO, defined_messages.UNABLE_TO_ALLOCATE, 'p')
        self.assertEqual(1, self.api.counters.reported)

    def test_it_ends_with_the_test(self):
        real = emitter.for_process
        with fixture.MessagesFixture():
            self.assertIsNot(real, emitter.for_process)
        self.assertIs(real, emitter.for_process)
