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

"""Who the caller is, by each way to make the context."""

import logging

import fixtures
from oslo_context import context as oslo_context
import webob

from cinder_messages.api import auth
from cinder_messages.api import errors
from cinder_messages.api import middleware
from tests import base
from tests.unit.api import wsgi


def cinder_context(**values):
    """What Cinder's filters put in the environment."""
    return oslo_context.RequestContext(
        overwrite=False, **{'is_admin': False, **values})


class TestKeystoneContext(base.TestCase):

    def test_caller_who_was_not_confirmed_is_refused(self):
        layer = auth.KeystoneContext(wsgi.answering())
        refusal = self.assertRaises(
            errors.HTTPError, wsgi.ask, layer, HTTP_X_USER_ID='u',
            HTTP_X_PROJECT_ID='p', HTTP_X_ROLES='admin')
        self.assertEqual(401, refusal.code)


class TestCinderContext(base.TestCase):

    def test_caller_whom_cinder_does_not_know_is_refused(self):
        application = auth.CinderContext(wsgi.answering())
        for environ in {}, {'cinder.context': cinder_context()}:
            refusal = self.assertRaises(
                errors.HTTPError, wsgi.ask, application, **environ)
            self.assertEqual(401, refusal.code)

    def test_caller_is_handed_on(self):
        def application(environ, start_response):
            start_response('200 OK', [])
            return [environ[middleware.CONTEXT].user_id.encode()]

        answer = wsgi.ask(auth.CinderContext(application), **{
            'cinder.context': cinder_context(user_id='u')})
        self.assertEqual('u', answer.text)


class TestNoAuth(base.TestCase):

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))

    def _caller(self, token, allow_remote=False, **environ):
        seen = []

        def application(environ, start_response):
            seen.append(environ[middleware.CONTEXT])
            return wsgi.answering()(environ, start_response)

        wsgi.ask(auth.NoAuth(application, allow_remote),
                 HTTP_X_AUTH_TOKEN=token, **environ)
        return seen[0]

    def test_loading_it_is_warned_of(self):
        auth.NoAuth(wsgi.answering(), False)
        self.assertIn('noauth', self.log.output)

    def test_roles_are_those_of_the_token(self):
        for token, roles in (
                ('u:p', ['member', 'reader']),
                ('u:p:', ['member', 'reader']),
                ('u:p:admin', ['admin']),
                ('u:p:admin, reader', ['admin', 'reader'])):
            caller = self._caller(token)
            self.assertEqual(('u', 'p', roles),
                             (caller.user_id, caller.project_id,
                              caller.roles))

    def test_no_other_header_is_believed(self):
        plain = self._caller('u:p').to_dict()
        caller = self._caller(
            'u:p', HTTP_X_ROLES='admin', HTTP_X_PROJECT_ID='other',
            HTTP_OPENSTACK_SYSTEM_SCOPE='all', HTTP_X_DOMAIN_ID='d',
            HTTP_X_IS_ADMIN_PROJECT='true',
            HTTP_X_SERVICE_ROLES='admin').to_dict()
        for values in (plain, caller):
            del values['request_id']
        self.assertEqual(plain, caller)

    def test_this_machine_is_served(self):
        for address in ('127.0.0.1', '127.9.9.9', '::1',
                        '::ffff:127.0.0.1'):
            self._caller('u:p', REMOTE_ADDR=address)

    def test_others_are_not(self):
        for address in ('10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', 'host',
                        '127.0.0.1, 10.0.0.1', '', '127.0.0.1:80'):
            refusal = self.assertRaises(
                errors.HTTPError, self._caller, 'u:p', REMOTE_ADDR=address)
            self.assertEqual(403, refusal.code)

    def test_a_peer_without_an_address_is_not_this_machine(self):
        request = webob.Request.blank('/', headers={'X-Auth-Token': 'u:p'})
        refusal = self.assertRaises(
            errors.HTTPError, request.get_response,
            auth.NoAuth(wsgi.answering(), False))
        self.assertEqual(403, refusal.code)

    def test_what_a_proxy_forwards_does_not_come_from_this_machine(self):
        for name in ('Forwarded', 'X-Forwarded', 'X-Forwarded-For',
                     'X-Forwarded-Host', 'X-Forwarded-Proto',
                     'X-Forwarded-Prefix', 'X-Forwarded-Server', 'Via',
                     'X-Real-IP', 'X-Real-Port', 'X-Client-IP',
                     'Forwarded-For', 'True-Client-IP', 'CF-Connecting-IP',
                     'X-Envoy-External-Address', 'X-Original-Host'):
            header = 'HTTP_' + name.upper().replace('-', '_')
            for value in '127.0.0.1', 'for=127.0.0.1', '':
                refusal = self.assertRaises(
                    errors.HTTPError, self._caller, 'u:p', **{header: value})
                self.assertEqual(403, refusal.code)
            self._caller('u:p', allow_remote=True, **{header: 'x'})

    def test_no_token_holds_a_control_character(self):
        for number in (*range(0x20), 0x7f, 0x85):
            for token in f'u{chr(number)}:p', f'u:p{chr(number)}x':
                refusal = self.assertRaises(
                    errors.HTTPError, self._caller, token)
                self.assertEqual(401, refusal.code)

    def test_others_are_if_the_deployer_insists(self):
        self._caller('u:p', allow_remote=True, REMOTE_ADDR='10.0.0.1')
