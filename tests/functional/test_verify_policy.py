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

"""Every route of the API asks policy, and the policies name every route."""

import webob

from cinder_messages.api import app
from cinder_messages.api import router
from cinder_messages import policies
from tests import base


class NoStore:
    """Any use of it is a request that policy did not stop."""


class NoCatalog:
    pass


class TestVerifyPolicy(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf.set_override('auth_strategy', 'noauth', 'api')
        self.application = app.loadapp(self.conf, NoStore(), NoCatalog())

    def _status(self, route, method, token):
        path = route.path.format(project_id='p', id='i')
        request = webob.Request.blank(
            path, method=method, environ={'REMOTE_ADDR': '127.0.0.1'},
            headers={'X-Auth-Token': token,
                     'OpenStack-API-Version': 'volume latest'})
        return request.get_response(self.application).status_int

    def test_no_route_answers_a_caller_without_a_role_that_counts(self):
        for route in router.ROUTES:
            for method in (*route.actions, 'HEAD'):
                with self.subTest(path=route.path, method=method):
                    self.assertEqual(
                        403, self._status(route, method, 'u:p:nobody'))

    def test_no_route_answers_a_caller_without_a_token(self):
        for route in router.ROUTES:
            for method in (*route.actions, 'HEAD'):
                with self.subTest(path=route.path, method=method):
                    self.assertEqual(401, self._status(route, method, ''))

    def test_policies_name_every_route_and_no_other(self):
        served = {(method, route.path.replace('{id}', '{message_id}'))
                  for route in router.ROUTES for method in route.actions}
        documented = {(operation['method'], operation['path'])
                      for rule in policies.list_rules()
                      for operation in getattr(rule, 'operations', ())}
        self.assertEqual(served, documented)
