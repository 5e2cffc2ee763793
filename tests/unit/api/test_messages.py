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

"""Which project the storage is asked for; None would be all of them."""

from cinder_messages.api import filters
from cinder_messages.api import messages
from cinder_messages.api import params
from cinder_messages.api import router
from cinder_messages.api import versions
from cinder_messages import context
from cinder_messages import exception
from cinder_messages.policies import messages as rules
from cinder_messages import policy
from tests import base


class Asked(Exception):
    """The storage was asked for a project."""


class Store:

    def list(self, query, project_id, has_details):
        raise Asked(project_id)

    get = list

    def delete(self, message_id, project_id):
        raise Asked(project_id)


class Everyone:
    """An authorizer of a deployment that lets everyone do everything."""

    def allows(self, context, rule, target):
        return False

    def authorize(self, context, rule, target):
        pass


class TestScope(base.TestCase):

    HANDLERS = ('index', 'show', 'delete')

    def setUp(self):
        super().setUp()
        self.controller = messages.MessagesController(
            Store(), policy.make_authorizer(self.conf), None,
            params.ListParams(10, filters.default_names()), 'http://h')

    def _scope(self, handler, caller, project_id=None, query=''):
        request = router.Request(
            {'QUERY_STRING': query}, caller, versions.MAX_VERSION,
            project_id, 'm')
        asked = self.assertRaises(
            Asked, getattr(self.controller, handler), request)
        return asked.args[0]

    def _refusal(self, kind, handler, caller, project_id=None, query=''):
        request = router.Request(
            {'QUERY_STRING': query}, caller, versions.MAX_VERSION,
            project_id, 'm')
        return self.assertRaises(
            kind, getattr(self.controller, handler), request)

    def test_user_has_the_project_of_the_token(self):
        member = context.RequestContext(project_id='p', roles=['member'])
        for handler in self.HANDLERS:
            self.assertEqual('p', self._scope(handler, member))
            self.assertEqual('p', self._scope(handler, member, 'p'))
            self._refusal(exception.InvalidParameter, handler, member, 'q')
        self.assertEqual(
            'p', self._scope('index', member, query='all_tenants=1'))

    def test_administrator_lists_all_only_on_request(self):
        admin = context.RequestContext(project_id='p', roles=['admin'])
        self.assertEqual('p', self._scope('index', admin))
        self.assertEqual('q', self._scope('index', admin, 'q'))
        self.assertEqual(
            'q', self._scope('index', admin, query='project_id=q'))
        self.assertIsNone(
            self._scope('index', admin, query='all_tenants=1'))
        for handler in ('show', 'delete'):
            self.assertIsNone(self._scope(handler, admin))

    def test_an_administrator_in_the_url_of_another_project_stays_there(self):
        for project_id in 'p', None:
            admin = context.RequestContext(project_id=project_id,
                                           roles=['admin'])
            for handler in 'show', 'delete':
                self.assertEqual('q', self._scope(handler, admin, 'q'))
                if project_id:
                    self.assertIsNone(self._scope(handler, admin, project_id))

    def test_token_without_a_project_does_not_mean_all(self):
        # NOTE: "None" would match "None" in the rules, and None would be all
        # projects to the storage.
        for roles in (['reader'], ['member'], ['reader', 'member']):
            caller = context.RequestContext(system_scope='all', roles=roles)
            for handler in self.HANDLERS:
                with self.subTest(roles=roles, handler=handler):
                    self._refusal(exception.NotAuthorized, handler, caller)
                    self._refusal(
                        exception.InvalidParameter, handler, caller, 'p')

    def test_nor_if_the_rules_let_everyone_in(self):
        controller = messages.MessagesController(
            Store(), Everyone(), None,
            params.ListParams(10, filters.default_names()))
        request = router.Request({}, context.RequestContext(),
                                 versions.MAX_VERSION, None, 'm')
        for handler in self.HANDLERS:
            self.assertRaises(exception.NotAuthorized,
                              getattr(controller, handler), request)

    def test_administrator_without_a_project_names_one_or_all(self):
        admin = context.RequestContext(system_scope='all', roles=['admin'])
        self._refusal(exception.InvalidParameter, 'index', admin)
        self.assertEqual('q', self._scope('index', admin, 'q'))
        self.assertEqual(
            'q', self._scope('index', admin, query='project_id=q'))
        self.assertIsNone(
            self._scope('index', admin, query='all_tenants=1'))
        for handler in ('show', 'delete'):
            self.assertIsNone(self._scope(handler, admin))

    def test_rule_is_asked_before_parameters_are_read(self):
        nobody = context.RequestContext(project_id='p', roles=[])
        error = self._refusal(
            exception.NotAuthorized, 'index', nobody, query='limit=x')
        self.assertEqual({'action': rules.GET_ALL}, error.kwargs)
