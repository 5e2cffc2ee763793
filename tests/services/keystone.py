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

"""A real Keystone, with the users that the API is to tell apart."""

import dataclasses

import fixtures
from keystoneauth1 import identity
from keystoneauth1 import session
from openstack import connection

from tests import process

PASSWORD = 'a-password'
REGION = 'RegionOne'

_CONFIG = """\
[database]
connection = sqlite:///{directory}/keystone.sqlite

[fernet_tokens]
key_repository = {directory}/fernet-keys

[credential]
key_repository = {directory}/credential-keys
"""

_SERVER_CONFIG = """\
wsgi_app = 'keystone.wsgi.api:application'
bind = '{address}'
threads = 4
timeout = 300
"""

# What our API knows it by.
AUTHTOKEN = """\
[api]
auth_strategy = keystone

[keystone_authtoken]
www_authenticate_uri = {url}
auth_url = {url}
auth_type = password
username = cinder
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
service_token_roles_required = true
"""


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """Somebody with one role somewhere.

    :ivar project_id: None for the system
    """

    name: str
    project_id: str | None


class Keystone(fixtures.Fixture):
    """Keystone on SQLite under gunicorn, bootstrapped.

    :param address: of this machine, and a port, where it is to be
    :param service_user: whether it has the one that our API is
    :ivar url: with the version
    """

    def __init__(self, address=None, service_user=True):
        self._address = address or f'127.0.0.1:{process.free_port()}'
        self._service_user = service_user

    def _setUp(self):
        directory = self.useFixture(fixtures.TempDir())
        self._config_file = directory.join('keystone.conf')
        with open(self._config_file, 'w') as config:
            config.write(_CONFIG.format(directory=directory.path))
        self.url = f'http://{self._address}/v3'
        self._server_config = directory.join('gunicorn.conf.py')
        with open(self._server_config, 'w') as config:
            config.write(_SERVER_CONFIG.format(address=self._address))
        self._manage('db_sync')
        for keys in 'fernet_setup', 'credential_setup':
            self._manage(keys, '--keystone-user', 'root',
                         '--keystone-group', 'root')
        self._manage('bootstrap', '--bootstrap-password', PASSWORD,
                     '--bootstrap-region-id', REGION,
                     '--bootstrap-public-url', self.url,
                     '--bootstrap-internal-url', self.url)
        self.start()
        self._admin = connection.Connection(
            session=self._session('admin', system_scope='all'),
            region_name=REGION)
        if self._service_user:
            self.create_user('cinder', 'service', 'service')

    def start(self):
        """Serve, again if it was killed."""
        # NOTE: Keystone reads the command line for itself, so that of gunicorn
        # must be empty.
        self.server = self.useFixture(process.Process(
            process.command('gunicorn'),
            GUNICORN_CMD_ARGS=f'--config {self._server_config}',
            OS_KEYSTONE_CONFIG_FILES=self._config_file))
        self.server.wait_for_line('Booting worker')

    def create_user(self, name, role, project=None):
        """A user with a role in a project, or the system without one."""
        user = self._admin.identity.create_user(
            name=name, password=PASSWORD, domain_id='default')
        role = (self._admin.identity.find_role(role) or
                self._admin.identity.create_role(name=role))
        if project is None:
            self._admin.identity.assign_system_role_to_user(
                user, role, 'all')
            return User(name, None)
        found = (self._admin.identity.find_project(project) or
                 self._admin.identity.create_project(
                     name=project, domain_id='default'))
        self._admin.identity.assign_project_role_to_user(found, user, role)
        return User(name, found.id)

    def create_endpoint(self, url):
        """Tell the clients where Block Storage is."""
        service = self._admin.identity.create_service(
            name='cinderv3', type='block-storage')
        self._admin.identity.create_endpoint(
            service_id=service.id, interface='public', region_id=REGION,
            url=url)

    def token(self, user):
        """A token of the user, fresh each time."""
        scope = ({'project_id': user.project_id} if user.project_id
                 else {'system_scope': 'all'})
        return self._session(user.name, **scope).get_token()

    def create_domain_user(self, name, role):
        """A user with a role in a domain; a fresh token, scoped to it."""
        user = self._admin.identity.create_user(
            name=name, password=PASSWORD, domain_id='default')
        self._admin.identity.assign_domain_role_to_user(
            'default', user, self._admin.identity.find_role(role))
        return self._session(name, domain_id='default').get_token()

    def unscoped_token(self, user):
        """A token that says who the user is, and no more."""
        return self._session(user.name, unscoped=True).get_token()

    def application_token(self, user, role):
        """A token of an application credential with one of the roles."""
        own = connection.Connection(
            session=self._session(user.name, project_id=user.project_id),
            region_name=REGION)
        credential = own.identity.create_application_credential(
            own.current_user_id, name=f'{user.name}-{role}',
            roles=[{'name': role}])
        return session.Session(timeout=process.DEADLINE, auth=(
            identity.V3ApplicationCredential(
                self.url, application_credential_id=credential.id,
                application_credential_secret=credential.secret)
        )).get_token()

    def environment(self, user):
        """What an operating system's shell would tell the clients."""
        scope = ({'OS_PROJECT_ID': user.project_id} if user.project_id
                 else {'OS_SYSTEM_SCOPE': 'all'})
        return {'OS_AUTH_URL': self.url, 'OS_USERNAME': user.name,
                'OS_PASSWORD': PASSWORD, **scope,
                'OS_USER_DOMAIN_ID': 'default', 'OS_REGION_NAME': REGION,
                'OS_IDENTITY_API_VERSION': '3',
                'OS_VOLUME_API_VERSION': '3.5'}

    def _session(self, name, **scope):
        auth = identity.V3Password(
            self.url, username=name, password=PASSWORD,
            user_domain_id='default', **scope)
        return session.Session(timeout=process.DEADLINE, auth=auth)

    def _manage(self, *args):
        done = process.run(process.command(
            'keystone-manage', '--config-file', self._config_file, *args), 300)
        if done.returncode:
            raise AssertionError(done.stderr)
