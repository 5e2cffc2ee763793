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

from oslo_context import context as oslo_context

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


class TestCallerOfCinder(base.TestCase):

    def caller(self, **values):
        return context.RequestContext.of_cinder(oslo_context.RequestContext(
            **{'user_id': 'u', 'is_admin': False, **values}))

    def test_all_that_is_known_is_taken_but_the_token(self):
        values = {
            'user_id': 'u', 'project_id': 'p', 'roles': ['member'],
            'system_scope': 'all', 'domain_id': 'd', 'user_domain_id': 'ud',
            'project_domain_id': 'pd', 'service_roles': ['service'],
            'request_id': 'req-1', 'global_request_id': 'req-2'}
        caller = self.caller(auth_token='secret', **values)
        self.assertEqual(
            values, {name: getattr(caller, name) for name in values})
        self.assertNotIn('secret', str(caller.to_dict()))

    def test_cinder_says_who_is_an_administrator(self):
        for roles, is_admin, expected in (
                (['member'], True, ['member', 'admin']),
                (['Admin', 'member'], True, ['member', 'admin']),
                (['admin', 'ADMIN', 'member'], False, ['member'])):
            caller = self.caller(roles=roles, is_admin=is_admin)
            self.assertEqual(expected, caller.roles)

    def test_who_is_not_known_yet_is_nobody(self):
        self.assertIsNone(self.caller(user_id=None, is_admin=True))

    def test_the_context_of_the_thread_stays_cinders(self):
        caller = self.caller()
        self.assertIsNot(caller, oslo_context.get_current())
