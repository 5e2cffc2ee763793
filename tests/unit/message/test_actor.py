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
