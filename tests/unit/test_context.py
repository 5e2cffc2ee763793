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

"""Who asks, from what keystonemiddleware says."""

from cinder_messages import context
from tests import base

CONFIRMED = {
    'HTTP_X_IDENTITY_STATUS': 'Confirmed',
    'HTTP_X_AUTH_TOKEN': 'secret',
    'HTTP_X_SERVICE_TOKEN': 'secret',
    'HTTP_X_USER_ID': 'u',
    'HTTP_X_PROJECT_ID': 'p',
    'HTTP_X_ROLES': 'member,reader',
    'openstack.request_id': 'req-1',
}


class TestRequestContext(base.TestCase):

    def test_caller_is_who_was_confirmed(self):
        caller = context.RequestContext.from_confirmed(CONFIRMED)
        self.assertEqual(
            ('u', 'p', ['member', 'reader'], 'req-1'),
            (caller.user_id, caller.project_id, caller.roles,
             caller.request_id))

    def test_tokens_are_not_kept(self):
        caller = context.RequestContext.from_confirmed(CONFIRMED)
        self.assertNotIn('secret', str(caller.to_dict()))

    def test_nobody_without_confirmation(self):
        for status in (None, 'Invalid', 'confirmed'):
            environ = {**CONFIRMED, 'HTTP_X_IDENTITY_STATUS': status}
            self.assertIsNone(context.RequestContext.from_confirmed(environ))
