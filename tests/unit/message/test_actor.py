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

from oslo_context import context

from cinder_messages import exception
from cinder_messages import fixture
from cinder_messages.message import api as message_api
from tests import base


class TestActor(base.TestCase):

    def report(self, **caller):
        reported = self.useFixture(fixture.MessagesFixture())
        message_api.API().create(context.RequestContext(
            overwrite=False, **caller), '000002', 'tenant')
        [message] = reported.messages
        return message.user_id

    def test_a_user_of_the_owner_is_stored(self):
        self.assertEqual('fred', self.report(
            user_id='fred', project_id='tenant'))

    def test_an_administrator_of_another_project_is_not(self):
        for project_id in ('admin-project', '', None):
            self.assertIsNone(self.report(
                user_id='root', project_id=project_id, is_admin=True))


class Odd:
    """A context, or a value of one, that a failed request has left broken."""

    def __getattr__(self, name):
        raise KeyError(name)

    def __eq__(self, other):
        raise KeyError('eq')

    __hash__ = None

    def __str__(self):
        raise KeyError('str')


class TestOddCallers(base.TestCase):

    def setUp(self):
        super().setUp()
        self.reported = self.useFixture(fixture.MessagesFixture())

    def test_a_context_whose_attributes_raise(self):
        message_api.API().create(Odd(), '000002', 'tenant')
        self.assertEqual(['000002'], [
            message.event_id for message in self.reported.messages])
        self.assertRaises(
            exception.InvalidMessage, message_api.API().create_for_action,
            Odd(), '001', resource_type='VOLUME')

    def test_values_that_cannot_be_read_are_left_out(self):
        who = context.RequestContext(overwrite=False)
        for name in ('request_id', 'global_request_id', 'user_id',
                     'project_id'):
            setattr(who, name, Odd())
        message_api.API().create(who, '000002', 'tenant', resource_uuid=Odd())
        [message] = self.reported.messages
        self.assertEqual((None,) * 4, (
            message.request_id, message.global_request_id, message.user_id,
            message.resource_uuid))

    def test_values_of_another_type_are_not_permitted(self):
        for field in ('level', 'resource_type', 'event_id'):
            for value in ([], {}, b'ERROR', 1):
                self.assertRaises(
                    exception.InvalidMessage, message_api.API().create,
                    **{'context': None, 'event_id': '000002',
                       'project_id': 'tenant', field: value})
