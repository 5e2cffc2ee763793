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

"""A real Horizon with our panels, our API and a Keystone."""

import datetime
import pathlib
import shutil
import urllib.request

import fixtures
import openstack_dashboard
from oslo_config import cfg
from oslo_utils import timeutils

from cinder_messages.conf import opts
from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import store
from tests import process
from tests.services import keystone

LOCAL = pathlib.Path(openstack_dashboard.__file__).parent / 'local'
DASHBOARD = process.ROOT / 'cinder_messages' / 'dashboard'

_SETTINGS = """\
DEBUG = True
ALLOWED_HOSTS = ['*']
SECRET_KEY = 'a-key-of-a-test-that-is-long-enough-for-django-to-accept'
CACHES = {{'default': {{
    'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}}}
SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
OPENSTACK_KEYSTONE_URL = '{keystone}'
OPENSTACK_KEYSTONE_DEFAULT_ROLE = 'member'
STATIC_ROOT = '{directory}/static'
TIME_ZONE = 'UTC'
"""

_API_CONFIG = """\
[database]
connection = sqlite:///{directory}/messages.sqlite
"""


def message(number, project_id, **values):
    """Return a message; a greater number is newer."""
    now = timeutils.utcnow()
    return model.Message(**{
        'id': f'00000000-0000-4000-8000-{number:012}',
        'project_id': project_id, 'resource_type': 'VOLUME',
        'resource_uuid': f'11111111-2222-4333-8444-{number:012}',
        'event_id': 'VOLUME_VOLUME_001_003', 'action_id': '001',
        'detail_id': '003',
        'request_id': f'req-22222222-3333-4444-8555-{number:012}',
        'created_at': now - datetime.timedelta(hours=50 - number),
        'expires_at': now + datetime.timedelta(days=28), **values})


class API(fixtures.Fixture):
    """Our API on SQLite, behind a Keystone.

    :ivar store: of its messages
    :ivar url: without the project
    """

    def __init__(self, identity):
        self._identity = identity

    def _setUp(self):
        directory = self.useFixture(fixtures.TempDir())
        config_file = directory.join('cinder-messages.conf')
        text = _API_CONFIG.format(directory=directory.path) + (
            keystone.AUTHTOKEN.format(url=self._identity.url,
                                      password=keystone.PASSWORD))
        pathlib.Path(config_file).write_text(text)
        done = process.run(process.command(
            'cinder-messages-manage', '--config-file', config_file,
            'db', 'sync'), 300)
        if done.returncode:
            raise AssertionError(done.stderr)
        port = process.free_port()
        server = self.useFixture(process.Process(
            process.command(
                'gunicorn', '--bind', f'127.0.0.1:{port}', '--threads', '4',
                'cinder_messages.wsgi.api:application'),
            OS_CINDER_MESSAGES_CONFIG_FILES=config_file))
        server.wait_for_line('Booting worker', timeout=300)
        self.url = f'http://127.0.0.1:{port}/v3'
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf([], default_config_files=[config_file])
        bind = engine.make_engine(conf)
        self.addCleanup(bind.dispose)
        self.store = store.MessageStore(bind)


class Horizon(fixtures.Fixture):
    """Horizon under Django's server, installed as the guide says.

    Its files go to where Horizon is installed, and away again at the end.

    :ivar url: of the pages
    """

    def __init__(self, keystone_url):
        self._keystone_url = keystone_url

    def _setUp(self):
        directory = self.useFixture(fixtures.TempDir()).path
        for name in 'enabled', 'local_settings.d':
            for path in (DASHBOARD / name).glob('_[0-9]*.py'):
                self._install(path.read_text(), LOCAL / name / path.name)
        self._install(
            _SETTINGS.format(keystone=self._keystone_url,
                             directory=directory),
            LOCAL / 'local_settings.py')
        port = process.free_port()
        self.url = f'http://127.0.0.1:{port}'
        server = self.useFixture(process.Process(
            process.python('-m', 'django', 'runserver', '--noreload',
                           f'127.0.0.1:{port}'),
            DJANGO_SETTINGS_MODULE='openstack_dashboard.settings',
            PYTHONUNBUFFERED='1'))
        server.wait_for_line('Starting development server', timeout=300)
        # NOTE: the first page compiles the styles, which takes its time.
        with urllib.request.urlopen(self.url + '/auth/login/', timeout=300):
            pass

    def _install(self, text, path):
        if path.exists():
            raise AssertionError(f'{path} exists: remove it first')
        path.write_text(text)
        self.addCleanup(path.unlink)
        self.addCleanup(shutil.rmtree, path.parent / '__pycache__', True)
