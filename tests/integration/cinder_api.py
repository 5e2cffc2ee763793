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

"""Cinder's API in this process, as it is and with our filter in front."""

import pathlib
import re
import sys

from cinder.common import config
from cinder import context
from cinder.db import api as cinder_db
from cinder.message import message_field
from cinder import policy
from cinder import rpc
import fixtures
from keystoneauth1 import fixture as tokens
from keystonemiddleware import fixture as middleware_fixture
from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade
from oslo_service import wsgi
from oslo_utils import importutils

from cinder_messages.emit import emitter
from cinder_messages.integration import emission
from tests.functional.storage import fixtures as storage
from tests import process

# Which module has the database in it; another one until Cinder 28.
db_api = importutils.try_import('cinder.db.sqlalchemy.api', cinder_db)

ETC = pathlib.Path(sys.prefix, 'etc', 'cinder')
SNIPPET = process.ROOT / 'etc/cinder_messages/cinder-api-paste.ini.snippet'

PROJECT = '0123456789abcdef0123456789abcdef'
OTHER = 'fedcba9876543210fedcba9876543210'

_CONFIG = """\
[DEFAULT]
auth_strategy = {auth_strategy}
state_path = {directory}
transport_url = fake:///
{options}
[database]
connection = sqlite:///{directory}/cinder.sqlite

[keystone_authtoken]
auth_type = none
www_authenticate_uri = http://keystone

[cinder_messages]
spool_dir = {directory}/spool
"""

_OUR_CONFIG = """\
[database]
connection = {connection}
"""


def store_message(message_id, project_id):
    """Store a message as Cinder itself does."""
    db_api.message_create(
        context.get_admin_context(), {
            'id': message_id, 'project_id': project_id,
            'event_id': 'VOLUME_VOLUME_001_003', 'resource_type': 'VOLUME',
            'message_level': 'ERROR',
            'action_id': message_field.Action.ATTACH_VOLUME[0]})


def add_filter(paste, config_file):
    """The text of Cinder's api-paste.ini with our filter, as documented."""
    snippet = re.sub('(?m)^config_file = .*', f'config_file = {config_file}',
                     SNIPPET.read_text())
    return re.sub('(?m) apiv3$', ' messages apiv3', paste) + snippet


class API(fixtures.Fixture):
    """Cinder's API, twice.

    :param options: lines of cinder.conf's ``[DEFAULT]``
    :param auth_strategy: one that Cinder has
    :param our_options: lines of our configuration file
    :ivar plain: as Cinder ships it
    :ivar filtered: with our filter in front, as documented
    :ivar store: what the filter serves from
    """

    _database = None

    def __init__(self, options='', auth_strategy='keystone', our_options=''):
        self._options = options
        self._auth_strategy = auth_strategy
        self._our_options = our_options

    def _setUp(self):
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self._tokens = self.useFixture(middleware_fixture.AuthTokenFixture())
        self._configure()
        self._make_database()
        rpc.init(cfg.CONF)
        self.addCleanup(rpc.cleanup)
        paste = (ETC / 'api-paste.ini').read_text()
        self.plain = self._load(paste)
        self.filtered = self._load(add_filter(paste, self.config_file))

    def _configure(self):
        own = self.useFixture(storage.StoreFixture('sqlite'))
        self.store = own.store
        self.config_file = self._write(
            'cinder-messages.conf',
            _OUR_CONFIG.format(connection=own.url) + self._our_options)
        config_file = self._write('cinder.conf', _CONFIG.format(
            directory=self.directory, auth_strategy=self._auth_strategy,
            options=self._options))
        cfg.CONF([], project='cinder', default_config_files=[config_file],
                 default_config_dirs=[])
        self.addCleanup(cfg.CONF.reset)
        self.addCleanup(emitter.forget, cfg.CONF)
        self.addCleanup(emission.uninstall)
        self.addCleanup(policy.reset)
        config.set_middleware_defaults()

    def _make_database(self):
        path = self.directory / 'cinder.sqlite'
        if API._database is None:
            done = process.run(process.command(
                'cinder-manage', '--config-file',
                str(self.directory / 'cinder.conf'), 'db', 'sync'), 300)
            if done.returncode:
                raise AssertionError(done.stderr)
            # NOTE: kept for the tests of this process, it takes seconds.
            API._database = path.read_bytes()
        else:
            path.write_bytes(API._database)
        own = enginefacade.transaction_context()
        own.configure(connection=f'sqlite:///{path}')
        self.addCleanup(db_api.main_context_manager.patch_factory(own))

    def _load(self, paste):
        path = self._write('api-paste.ini', paste)
        wsgi.register_opts(cfg.CONF)
        cfg.CONF.set_override('api_paste_config', path)
        self.addCleanup(cfg.CONF.clear_override, 'api_paste_config')
        return wsgi.Loader(cfg.CONF).load_app('osapi_volume')

    def _write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def add_token(self, project_id, *roles):
        """A token for a project, or for the system if that is None."""
        token = tokens.V3Token(user_id='u', project_id=project_id)
        if project_id is None:
            token.set_system_scope()
        for role in roles:
            token.add_role(role)
        return self._tokens.add_token(token)
