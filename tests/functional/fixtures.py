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

"""What the conversations in ``gabbits/`` talk to.

The real application on a real database file. Two projects hold messages in
every conversation, and some of the second's look like the first's.
"""

import datetime
import os
import re
import tempfile
from urllib import parse as urlparse

import fixtures as python_fixtures
from gabbi import fixture
from gabbi.handlers import base
from keystoneauth1 import fixture as tokens
from keystoneauth1 import loading
from keystonemiddleware import auth_token
from keystonemiddleware import fixture as middleware_fixture
import webob

from cinder_messages.api import app
from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store
from tests import fixtures
from tests import openapi

ONE = 'project-one'
TWO = 'project-two'


def _message(number, project_id=ONE, **values):
    moment = datetime.datetime(2026, 1, 1, 0, 0, number, number)
    defaults = {
        'id': f'00000000-0000-4000-8000-{number:012}',
        'project_id': project_id,
        'event_id': '000002',
        'created_at': moment,
        'expires_at': moment.replace(year=2126),
        'user_id': f'user-{number}',
    }
    return model.Message(**{**defaults, **values})


# NOTE: 6 has expired; 7 and 8 are another project's, and have the resource
# and the request of 1.
MESSAGES = (
    _message(1, resource_type='VOLUME', resource_uuid='volume-1',
             request_id='req-1'),
    _message(2, resource_type='VOLUME', resource_uuid='volume-2',
             request_id='req-2', event_id='VOLUME_VOLUME_001_003',
             action_id='001', detail_id='003'),
    _message(3, resource_type='VOLUME_SNAPSHOT', resource_uuid='snapshot_3',
             request_id='req-3', message_level='WARNING',
             expires_at=datetime.datetime(2125, 1, 1)),
    _message(4, message_level='INFO'),
    _message(5, resource_type='VOLUME_BACKUP', resource_uuid='backup-5',
             request_id='req-5', event_id='000001'),
    _message(6, expires_at=datetime.datetime(2026, 1, 2)),
    _message(7, TWO, resource_type='VOLUME', resource_uuid='volume-1',
             request_id='req-1'),
    _message(8, TWO, resource_type='VOLUME', resource_uuid='volume-1',
             request_id='req-1'),
)


class AppFixture(fixture.GabbiFixture):
    """The application as ``cinder-messages-all`` serves it.

    :ivar store: what it is served from
    """

    # NOTE: gabbi asks for an application before a fixture has made one, so
    # it must be found from outside.
    application = None

    overrides = {}
    messages = MESSAGES

    def start_fixture(self):
        self._conf = fixtures.ConfFixture()
        self._conf.setUp()
        self._directory = tempfile.TemporaryDirectory()
        path = os.path.join(self._directory.name, 'messages.sqlite')
        self._conf.config(connection=f'sqlite:///{path}', group='database')
        self._conf.config(auth_strategy='noauth', group='api')
        self._conf.config(**self.overrides, group='api')
        self._engine = engine.make_engine(self._conf.conf)
        migrate.upgrade(self._engine)
        self.store = store.MessageStore(self._engine)
        self.store.create(self.messages)
        AppFixture.application = app.loadapp(self._conf.conf, self.store)

    def stop_fixture(self):
        AppFixture.application = None
        self._engine.dispose()
        self._directory.cleanup()
        self._conf.cleanUp()


class OptInFixture(AppFixture):
    """Messages with all optional fields, of two projects."""

    overrides = {'help_url': 'https://docs.example.org/permitted.html'}
    messages = tuple(
        message for project, first in (('project-one', 10), (TWO, 20))
        for message in (
            _message(first + 1, project, event_id='VOLUME_VOLUME_007_006',
                     action_id='007', detail_id='006',
                     resource_type='VOLUME', resource_uuid='volume-1',
                     request_id='req-1', user_id=f'user-of-{project}',
                     global_request_id='req-nova', host='volume-host-1'),
            _message(first + 2, project, event_id='000005'),
            _message(first + 3, project, event_id='000006', count=12,
                     message_level='WARNING'),
            _message(first + 4, project, event_id='VOLUME_VOLUME_104_999',
                     action_id='104', detail_id='999'),
            _message(first + 5, project, event_id='VOLUME_VOLUME_001_003',
                     action_id='001', detail_id='003',
                     global_request_id='req-other', host='volume-host-1')))


class SmallPagesFixture(AppFixture):
    """As a deployment that answers two messages at most."""

    overrides = {'max_limit': 2}


class PublicEndpointFixture(AppFixture):
    """As a deployment that users reach by another URL."""

    # NOTE: a conversation has the header of a proxy.
    overrides = {'public_endpoint': 'https://volume.example.org/api/',
                 'noauth_allow_remote': True}


class FiltersFileFixture(AppFixture):
    """As a deployment whose file permits its users two filters."""

    overrides = {'resource_query_filters_file': os.path.join(
        os.path.dirname(__file__), 'resource_filters.json')}


class KeystoneFixture(python_fixtures.Fixture):
    """The application behind keystonemiddleware, with tokens of our own.

    :param conf: a configuration that this fixture may change
    :ivar store: what the application serves from
    """

    def __init__(self, conf):
        self._conf = conf

    def _setUp(self):
        self._tokens = self.useFixture(middleware_fixture.AuthTokenFixture())
        served = AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)
        self.store = served.store
        group = 'keystone_authtoken'
        loading.register_auth_conf_options(self._conf, group)
        self._conf.set_override('auth_type', 'none', group)
        self._conf.register_opts(
            [opt for _group, opts in auth_token.list_opts()
             for opt in opts if opt.name == 'www_authenticate_uri'], group)
        self._conf.set_override(
            'www_authenticate_uri', 'http://keystone', group)
        self._application = app.loadapp(self._conf, self.store)

    def add_token(self, project_id, *roles, token_id=None):
        """A token for a project, or for the system if that is None."""
        token = tokens.V3Token(user_id='u', project_id=project_id)
        if project_id is None:
            token.set_system_scope()
        for role in roles:
            token.add_role(role)
        return self._tokens.add_token(token, token_id)

    def ask(self, token, path, method='GET', **headers):
        """One request; WebOb's response."""
        request = webob.Request.blank(path, method=method, headers=headers)
        if token:
            request.headers['X-Auth-Token'] = token
        return request.get_response(self._application)


def get_application():
    """What gabbi sends its requests to."""
    return lambda *args: AppFixture.application(*args)


class ForbiddenStringsHandler(base.ResponseHandler):
    """``response_forbidden_strings``: what the body may not contain."""

    test_key_suffix = 'forbidden_strings'
    test_key_value = []

    def action(self, test, item, value=None):
        test.assertNotIn(item, test.output)


class SchemaHandler(base.ResponseHandler):
    """Checks every answer below ``/v3/`` against the OpenAPI document."""

    test_key_suffix = 'schema'
    test_key_value = True

    def __call__(self, test):
        path = re.sub('//+', '/', urlparse.urlsplit(test.url).path)
        method = test.test_data['method']
        if (path in ('/v3', '/v3/') or not path.startswith('/v3/') or
                method == 'OPTIONS'):
            return
        header = test.response.get('openstack-api-version', 'volume 3.0')
        version, _, opt_in = header.removeprefix('volume ').partition(', ')
        version = tuple(map(int, version.split('.')))
        if opt_in and method == 'GET' and int(test.response['status']) == 200:
            openapi.validate_opt_in(test.response_data)
        elif method != 'HEAD':
            openapi.validate(test.response_data, method, path,
                             int(test.response['status']), version)
