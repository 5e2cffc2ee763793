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

"""The order of the layers, and the configurations that cannot work."""

import logging

import fixtures
from keystoneauth1 import loading
from oslo_context import context
import webob

from cinder_messages.api import app
from cinder_messages import exception
from tests import base


class Broken:
    """A store whose database is not there, or worse."""

    def __init__(self, error):
        self.error = error

    def get(self, message_id, project_id, has_details):
        raise self.error


class Catalog:
    pass


class AppTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.conf.set_override('auth_strategy', 'noauth', 'api')

    def _load(self, error=None):
        return app.loadapp(self.conf, Broken(error), Catalog())

    def _ask(self, application, path='/v3/messages/m', method='GET',
             **headers):
        defaults = {'X-Auth-Token': 'u:p',
                    'OpenStack-API-Version': 'volume 3.71'}
        request = webob.Request.blank(
            path, method=method, headers={**defaults, **headers})
        request.environ['REMOTE_ADDR'] = '127.0.0.1'
        return request.get_response(application)


class TestOrder(AppTestCase):

    def test_whatever_happens_has_a_request_id_and_a_line(self):
        application = self._load(RuntimeError('secret'))
        for path, status in (('/', 300), ('/healthcheck', 200),
                             ('/nowhere', 404), ('/v3/%ff', 400),
                             ('/v3/messages/m', 500)):
            answer = self._ask(application, path)
            self.assertEqual(status, answer.status_int)
            request_id = answer.headers['x-openstack-request-id']
            self.assertRegex(self.log.output,
                             f'{request_id} "GET .* status: {status} ')
            self.assertNotIn('secret', answer.text)

    def test_database_that_is_away(self):
        answer = self._ask(self._load(
            exception.DatabaseUnavailable(reason='secret')))
        self.assertEqual(503, answer.status_int)
        self.assertIn('Retry-After', answer.headers)
        self.assertNotIn('secret', answer.text)

    def test_version_is_refused_before_the_token(self):
        answer = self._ask(self._load(), **{
            'X-Auth-Token': '', 'OpenStack-API-Version': 'volume 9.9'})
        self.assertEqual(406, answer.status_int)

    def test_preflight_needs_no_token(self):
        self.conf.register_opts(app.cors.OPTS, 'cors')
        self.conf.set_override('allowed_origin', ['https://horizon'], 'cors')
        request = webob.Request.blank('/v3/messages', method='OPTIONS')
        request.headers.update({
            'Origin': 'https://horizon',
            'Access-Control-Request-Method': 'GET',
            'Access-Control-Request-Headers':
                'X-Auth-Token,OpenStack-API-Version'})
        answer = request.get_response(self._load())
        self.assertEqual(200, answer.status_int)
        self.assertEqual('https://horizon',
                         answer.headers['Access-Control-Allow-Origin'])

    def test_faults_are_shared_with_the_origin_too(self):
        self.conf.register_opts(app.cors.OPTS, 'cors')
        self.conf.set_override('allowed_origin', ['https://horizon'], 'cors')
        answer = self._ask(self._load(), '/v3/flowers',
                           Origin='https://horizon')
        self.assertEqual(404, answer.status_int)
        self.assertEqual('https://horizon',
                         answer.headers['Access-Control-Allow-Origin'])

    def test_proxy_is_believed_only_if_configured(self):
        forwarded = {'X-Forwarded-Host': 'public',
                     'X-Forwarded-Proto': 'https',
                     'X-Forwarded-Prefix': '/volume'}
        self.assertIn('"http://localhost/v3/"',
                      self._ask(self._load(), '/v3', **forwarded).text)
        self.conf.set_override(
            'enable_proxy_headers_parsing', True, 'oslo_middleware')
        self.conf.set_override('noauth_allow_remote', True, 'api')
        self.assertIn('"https://public/volume/v3/"',
                      self._ask(self._load(), '/v3', **forwarded).text)


class TestBehindCinder(AppTestCase):

    def setUp(self):
        super().setUp()
        # NOTE: of no matter there.
        self.conf.clear_override('auth_strategy', 'api')
        self.conf.set_override('connection', 'sqlite://', 'database')
        self.application = app.load_behind_cinder(self.conf)

    def _ask_as(self, path, **values):
        request = webob.Request.blank(path, headers={
            'OpenStack-API-Version': 'volume 3.71'})
        request.environ['cinder.context'] = context.RequestContext(
            **{'user_id': 'u', 'is_admin': False, **values})
        return request.get_response(self.application)

    def test_cinder_says_who_asks(self):
        for roles, status in (['member'], 200), ([], 403):
            answer = self._ask_as(
                '/v3/messages?limit=0', roles=roles, project_id='p')
            self.assertEqual(status, answer.status_int)
            self.assertRegex(
                self.log.output, f'status: {status} .* project: p')
        self.assertEqual(401, self._ask_as(
            '/v3/messages', user_id=None).status_int)
        self.assertEqual(401, self._ask(self.application).status_int)

    def test_nothing_but_messages_is_served(self):
        for path in '/', '/v3', '/v3/', '/healthcheck', '/v3/volumes':
            answer = self._ask_as(path, roles=['member'], project_id='p')
            self.assertEqual(404, answer.status_int)


class TestConfiguration(AppTestCase):

    def _refusal(self):
        return str(self.assertRaises(
            exception.InvalidConfiguration, self._load))

    def test_noauth_does_not_go_with_addresses_from_headers(self):
        self.conf.register_opts(
            app.http_proxy_to_wsgi.OPTS, 'oslo_middleware')
        self.conf.set_override(
            'enable_proxy_headers_parsing', True, 'oslo_middleware')
        self.assertIn('noauth_allow_remote', self._refusal())

    def test_keystone_is_the_default_and_wants_to_be_configured(self):
        self.conf.clear_override('auth_strategy', 'api')
        self.assertIn('[keystone_authtoken] auth_type', self._refusal())

    def test_keystone_plugin_that_does_not_exist(self):
        self.conf.clear_override('auth_strategy', 'api')
        loading.register_auth_conf_options(self.conf, 'keystone_authtoken')
        self.conf.set_override('auth_type', 'sorcery', 'keystone_authtoken')
        self.assertIn('sorcery', self._refusal())

    def test_filters_file_that_is_not_there(self):
        self.conf.set_override(
            'resource_query_filters_file', '/nowhere.json', 'api')
        self.assertIn('/nowhere.json', self._refusal())
