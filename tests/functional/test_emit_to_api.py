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

"""The whole way in one process: create() to GET, with nothing mocked."""

import datetime
import json

from oslo_context import context
import webob

from cinder_messages.api import app
from cinder_messages import exception
from cinder_messages.message import api as message_api
from cinder_messages.message import defined_messages
from cinder_messages.message import message_field
from cinder_messages.message import resource_types
from cinder_messages.writer import service
from tests import base
from tests import fixtures

PROJECT = '6c430ede-9476-4128-8838-8d3929ced223'
VOLUME = 'f292cc0c-54a7-4b3b-8174-d2ff82d87008'


class ImageTooBig(Exception):
    """Named as Cinder's, which selects the detail."""


class TestEmitToAPI(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(fixtures.StandaloneFixture()).conf
        writer = service.WriterService(self.conf)
        writer.start()
        self.addCleanup(writer.stop)
        self.api = message_api.API(self.conf)
        self.application = app.loadapp(self.conf)
        self.context = context.RequestContext(
            user_id='fred', project_id=PROJECT)

    def list(self, project=PROJECT):
        self.assertTrue(self.api.flush(120))
        request = webob.Request.blank(
            f'/v3/{project}/messages', environ={'REMOTE_ADDR': '127.0.0.1'},
            headers={
                'X-Auth-Token': f'fred:{project}',
                'OpenStack-API-Version': 'volume 3.5'})
        response = request.get_response(self.application)
        self.assertEqual(200, response.status_int, response.text)
        return json.loads(response.body)['messages']

    def test_the_first_example(self):
        message_id = self.api.create(
            self.context, defined_messages.UNABLE_TO_ALLOCATE, PROJECT,
            resource_type=resource_types.VOLUME, resource_uuid=VOLUME)

        [message] = self.list()
        created_at, guaranteed_until = (
            datetime.datetime.fromisoformat(message.pop(name))
            for name in ('created_at', 'guaranteed_until'))
        kept = guaranteed_until - created_at
        self.assertGreaterEqual(kept, datetime.timedelta(days=30))
        self.assertLess(kept, datetime.timedelta(days=30, minutes=5))
        message.pop('links')
        self.assertEqual({
            'id': message_id,
            'event_id': '000002',
            'user_message':
                'No storage could be allocated for this volume request.',
            'message_level': 'ERROR',
            'resource_type': 'VOLUME',
            'resource_uuid': VOLUME,
            'request_id': self.context.request_id,
        }, message)

    def test_only_the_owner_reads_it(self):
        self.api.create(self.context, defined_messages.UNKNOWN_ERROR, 'other')
        self.api.create(self.context, defined_messages.UNKNOWN_ERROR, PROJECT)

        self.assertEqual(1, len(self.list()))
        self.assertEqual(1, len(self.list('other')))
        self.assertEqual([], self.list('third'))

    def test_an_exception_selects_the_detail_and_gives_nothing_else(self):
        self.api.create_for_action(
            self.context, message_field.Action.COPY_IMAGE_TO_VOLUME,
            resource_type=message_field.Resource.VOLUME, resource_uuid=VOLUME,
            exception=ImageTooBig('/dev/mapper/secret'), level='WARNING')

        [message] = self.list()
        self.assertEqual('VOLUME_VOLUME_005_007', message['event_id'])
        self.assertEqual('WARNING', message['message_level'])
        self.assertNotIn('secret', json.dumps(message))

    def test_a_batch_is_stored_in_order_and_once(self):
        ids = [self.api.create(self.context, '000001', PROJECT)
               for _ in range(500)]

        listed = [message['id'] for message in self.list()]
        self.assertEqual(ids[::-1], listed)
        self.assertEqual(500, self.api.counters.stored)

    def test_what_is_not_permitted_raises_and_names_what_is(self):
        for event_id in ('disk full', '000099', None, 7, ['000001'],
                         'VOLUME_VOLUME_001_999', 'VOLUME_000002'):
            error = self.assertRaises(
                exception.EventNotPermitted, self.api.create, self.context,
                event_id, PROJECT)
            self.assertIn('000001', str(error))
        for arguments, named in (
                ({'level': 'DEBUG'}, 'ERROR, WARNING, INFO'),
                ({'level': None}, 'ERROR, WARNING, INFO'),
                ({'project_id': None}, 'project'),
                ({'project_id': ''}, 'project'),
                ({'project_id': 'a project'}, 'project'),
                ({'resource_type': 'SHARE'}, 'VOLUME_SNAPSHOT')):
            error = self.assertRaises(
                exception.InvalidMessage, self.api.create, self.context,
                **{'event_id': '000001', 'project_id': PROJECT, **arguments})
            self.assertIn(named, str(error))
        error = self.assertRaises(
            exception.InvalidMessage, self.api.create, self.context,
            'VOLUME_VOLUME_001_003', PROJECT, 'VOLUME_BACKUP')
        self.assertIn('none of VOLUME', str(error))
        self.assertEqual(0, self.api.counters.reported)

    def test_an_id_that_cannot_be_stored_costs_no_report(self):
        self.api.create(self.context, '000001', PROJECT,
                        resource_uuid='the volume of fred')
        self.api.create(None, '000001', PROJECT, resource_uuid='v' * 256)

        messages = self.list()
        self.assertEqual(2, len(messages))
        for message in messages:
            self.assertNotIn('resource_uuid', message)

    def test_one_emitter_serves_all_api_objects(self):
        again = message_api.API(self.conf)
        again.create(self.context, '000001', PROJECT)

        self.assertEqual(1, len(self.list()))
        self.assertEqual(1, self.api.counters.reported)

    def test_without_a_conf_it_is_the_global_one(self):
        self.api.create(self.context, '000001', PROJECT)
        self.assertTrue(message_api.API().flush(120))
        self.assertEqual(1, message_api.API().counters.reported)

    def test_the_counters_say_how_many_wait(self):
        self.assertEqual((0, 0), (self.api.counters.reported,
                                  self.api.counters.waiting))
        self.api.create(self.context, '000001', PROJECT)
        before = self.api.counters
        self.assertTrue(self.api.flush(120))
        self.assertLessEqual(before.waiting, 1)
        self.assertEqual((1, 1, 0), (
            self.api.counters.reported, self.api.counters.stored,
            self.api.counters.waiting))
