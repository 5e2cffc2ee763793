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

"""Reports of Cinder's own code reach us, inside and outside of a call."""

import types

from cinder_messages import fixture
from cinder_messages.integration import coverage
from cinder_messages.integration import emission
from cinder_messages.integration import reporting
from cinder_messages.message import message_field
from tests import base
from tests.unit.integration import fakes

VOLUME = '11111111-2222-4333-8444-000000000001'
ACTION = (message_field.Action.DELETE_VOLUME, 'delete')
DETAIL = (message_field.Detail.DRIVER_NOT_INITIALIZED, 'no driver')


class TestCreate(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fakes.CinderModules({
            'cinder.message.message_field': {
                'translate_detail_id':
                    lambda exception, detail: detail[0]}}))
        self.messages = self.useFixture(fixture.MessagesFixture()).messages
        self.context = types.SimpleNamespace(
            request_id='req-1', project_id='actor', is_admin=True,
            elevated=lambda read_deleted: None)
        self.db = types.SimpleNamespace(
            volume_get=lambda context, id_: types.SimpleNamespace(
                id=id_, project_id='owner'))

    def create(self, level='ERROR'):
        emission.create(types.SimpleNamespace(db=self.db), self.context,
                        ACTION, resource_uuid=VOLUME, detail=DETAIL,
                        level=level)

    def test_outside_of_a_covered_call_it_is_delivered(self):
        self.create()
        [message] = self.messages
        self.assertEqual(
            ('owner', *map(str, (ACTION[0], DETAIL[0]))),
            (message.project_id, message.action_id, message.detail_id))

    def test_inside_of_a_covered_call_the_call_takes_it(self):
        rule = types.SimpleNamespace(
            is_container=False, prepare=None, always=True, holds=False,
            correct=lambda call, report: report.replace(
                detail=message_field.Detail.NOT_ENOUGH_SPACE_FOR_IMAGE))
        calls = []
        method = coverage.cover(lambda manager, context: self.create(), rule,
                                lambda call, exc: calls.append(call))
        method(None, self.context)
        [message] = self.messages
        self.assertEqual(message_field.Detail.NOT_ENOUGH_SPACE_FOR_IMAGE,
                         message.detail_id)
        [reported] = calls[0].reported.values()
        self.assertIsInstance(reported, reporting.Report)

    def test_an_error_of_ours_does_not_reach_cinder(self):
        self.db = None
        del self.context.project_id
        with self.assertLogs(emission.LOG, 'ERROR') as logs:
            self.create()
        self.assertIn('of request req-1 could not be reported',
                      logs.output[0])
        self.assertEqual([], self.messages)
