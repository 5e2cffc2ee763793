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

"""Clients that find the API in a catalog, at each form of an endpoint."""

import json
import pathlib
import re
import urllib.request

from cinderclient import client as cinder_client
import fixtures
from keystoneauth1 import identity
from keystoneauth1 import session
from openstack import connection

from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store
from tests import base
from tests.functional import fixtures as api_fixtures
from tests.functional import mounted
from tests import process

CONFIG = """\
[database]
connection = {connection}
[api]
auth_strategy = noauth
"""

NEWEST_FIRST = [message.id for message in reversed(api_fixtures.MESSAGES[:5])]


class TestEndpoints(base.TestCase):

    def setUp(self):
        super().setUp()
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        url = f'sqlite:///{directory}/messages.sqlite'
        self.conf.set_override('connection', url, 'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)
        migrate.upgrade(bind)
        self.store = store.MessageStore(bind)
        self.store.create(api_fixtures.MESSAGES)
        config_file = directory / 'cinder-messages.conf'
        config_file.write_text(CONFIG.format(connection=url))
        port = process.free_port()
        self.address = f'http://127.0.0.1:{port}'
        self.useFixture(process.Process(
            process.python('-m', 'tests.functional.mounted', str(port)),
            OS_CINDER_MESSAGES_CONFIG_FILES=str(config_file))).wait_for_line(
                'Serving')

    def environment(self, number, **values):
        """What a shell tells the clients."""
        return {'OS_AUTH_URL': f'{self.address}/identity/{number}/v3',
                'OS_USERNAME': mounted.USER, 'OS_PASSWORD': 'x',
                'OS_PROJECT_NAME': mounted.PROJECT,
                'OS_USER_DOMAIN_NAME': 'Default',
                'OS_PROJECT_DOMAIN_NAME': 'Default',
                'OS_REGION_NAME': 'RegionOne',
                'OS_IDENTITY_API_VERSION': '3', **values}

    def session(self, number):
        return session.Session(auth=identity.V3Password(
            f'{self.address}/identity/{number}/v3', username=mounted.USER,
            password='x', project_name=mounted.PROJECT,
            user_domain_name='Default', project_domain_name='Default'))

    def run_client(self, number, *args, **values):
        done = process.run(process.command(*args),
                           **self.environment(number, **values))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return re.findall(r'\b00000000-0000-4000-8000-\d{12}\b', done.stdout)

    def each(self):
        for number, endpoint in enumerate(mounted.ENDPOINTS):
            with self.subTest(endpoint):
                yield number, endpoint

    def test_discovery_at_each_prefix(self):
        for prefix in '', '/volume':
            for path, status in (('', 300), ('/', 300), ('/v3', 200),
                                 ('/v3/', 200), ('/v3//', 200)):
                answer = self.get(prefix + path)
                self.assertEqual(status, answer.status, prefix + path)
                [version] = json.load(answer)['versions']
                self.assertEqual(f'{self.address}{prefix}/v3/',
                                 version['links'][1]['href'])

    def get(self, path):
        opener = urllib.request.build_opener(NoRedirect())
        return opener.open(self.address + path, timeout=60)

    def test_cinderclient(self):
        for number, endpoint in self.each():
            if '/v3' not in endpoint:
                # Its library joins paths to the endpoint; see the command.
                continue
            api = cinder_client.Client('3.71', session=self.session(number))
            self.assertEqual(
                NEWEST_FIRST, [row.id for row in api.messages.list()])
            self.assertEqual(NEWEST_FIRST[0],
                             api.messages.get(NEWEST_FIRST[0]).id)

    def test_cinder(self):
        for number, endpoint in self.each():
            self.assertEqual(NEWEST_FIRST[:2], self.run_client(
                number, 'cinder', 'message-list', '--limit', '2',
                '--sort', 'created_at:desc'), endpoint)

    def test_openstack(self):
        for number, endpoint in self.each():
            self.assertEqual(NEWEST_FIRST, self.run_client(
                number, 'openstack', 'volume', 'message', 'list',
                '--limit', '2', '-f', 'value',
                OS_VOLUME_API_VERSION='3.71'), endpoint)

    def test_openstacksdk(self):
        self.useFixture(fixtures.FakeLogger())
        for number, endpoint in self.each():
            api = connection.Connection(
                session=self.session(number), region_name='RegionOne',
                block_storage_default_microversion='3.71').block_storage
            self.assertEqual(
                NEWEST_FIRST, [row.id for row in api.messages(limit=2)])
            self.assertEqual(NEWEST_FIRST[1:], [
                row.id for row in api.messages(limit=2, offset=1)], endpoint)

    def test_openstacksdk_pages_over_many_with_an_offset(self):
        self.useFixture(fixtures.FakeLogger())
        self.store.create([
            api_fixtures.MESSAGES[0]._replace(
                id=f'10000000-0000-4000-8000-{number:012}')
            for number in range(2298 - 5)])
        api = connection.Connection(
            session=self.session(0), region_name='RegionOne',
            block_storage_default_microversion='3.71').block_storage
        found = [row.id for row in api.messages(limit=500, offset=300)]
        self.assertEqual((1998, 1998), (len(found), len(set(found))))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows a 300 as it is."""

    def http_error_300(self, request, response, *args):
        return response
