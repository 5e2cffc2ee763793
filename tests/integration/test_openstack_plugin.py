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

"""Our commands of ``openstack`` against the API of a real Cinder."""

import contextlib
import datetime
import io
import json
import os
import sqlite3
import threading

from cheroot import wsgi
import fixtures
from openstackclient import shell

from cinder_messages.client import common
from tests import base
from tests import cinder
from tests.integration import cinder_api
from tests import process

VOLUME = '11111111-2222-4333-8444-000000000001'
NOW = datetime.datetime(2026, 11, 24, 8, 0, 0)


class TestPlainCinder(base.TestCase):
    """Cinder as it is shipped, with messages of two projects.

    Its list has those of both, whoever asks: the commands confine it.
    """

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        for name in [name for name in os.environ if name.startswith('OS_')]:
            self.useFixture(fixtures.EnvironmentVariable(name))
        self.api = self.useFixture(cinder_api.API())
        # NOTE: a token of Keystone names its project, this one does not.
        self.useFixture(fixtures.MockPatchObject(
            common, 'own_project_id', lambda app: cinder_api.PROJECT))
        self.token = self.api.add_token(
            cinder_api.PROJECT, 'member', 'reader')
        self.rows = [cinder.make_row(
            project_id=project, resource_uuid=VOLUME,
            request_id=f'req-{number}',
            created_at=NOW + datetime.timedelta(minutes=number))
            for number, project in enumerate((
                cinder_api.PROJECT, cinder_api.PROJECT, cinder_api.OTHER))]
        self.insert(*self.rows)
        port = process.free_port()
        server = wsgi.Server(('127.0.0.1', port), self.api.plain)
        server.prepare()
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 30)
        self.addCleanup(server.stop)
        self.url = f'http://127.0.0.1:{port}/v3/{cinder_api.PROJECT}'

    def insert(self, *rows):
        path = self.api.directory / 'cinder.sqlite'
        with contextlib.closing(sqlite3.connect(path)) as database:
            for row in rows:
                names = ', '.join(row)
                marks = ', '.join('?' * len(row))
                database.execute(
                    f'INSERT INTO messages ({names}) VALUES ({marks})',
                    [value.isoformat(' ', 'microseconds')
                     if isinstance(value, datetime.datetime) else value
                     for value in row.values()])
            database.commit()

    def openstack(self, *args, code=0):
        printed, said = io.StringIO(), io.StringIO()
        # NOTE: what Cinder logs in this process is in stderr, too.
        with contextlib.redirect_stdout(
                printed), contextlib.redirect_stderr(said):
            got = shell.OpenStackShell().run([
                '--os-auth-type', 'admin_token', '--os-token', self.token,
                '--os-endpoint', self.url, 'volume', *args])
        self.assertEqual(code, got, said.getvalue())
        return said.getvalue() if code == 1 else printed.getvalue()

    def listed(self, *args):
        return [row['Request ID'] for row in json.loads(self.openstack(
            'message', 'list', '-f', 'json', *args))]

    def test_why(self):
        printed = self.openstack('why', VOLUME)
        for expected in ('What failed:  schedule allocate volume',
                         '2 times', 'Request ID:'):
            self.assertIn(expected, printed)
        for absent in ('What to do', 'Try again'):
            self.assertNotIn(absent, printed)
        self.openstack('why', '--request-id', 'req-9', code=3)
        self.assertIn(
            "There is no volume, snapshot, backup or group 'nope'.\n",
            self.openstack('why', 'nope', code=1))

    def test_list(self):
        for args, expected in (
                ([], ['req-1', 'req-0']),
                (['--sort', 'created_at:asc'], ['req-0', 'req-1']),
                (['--limit', '1'], ['req-1', 'req-0']),
                (['--request-id', 'req-0'], ['req-0']),
                (['--resource', VOLUME, '--type', 'volume', '--level',
                  'error'], ['req-1', 'req-0']),
                (['--reason', '003', '--action', '1'], ['req-1', 'req-0']),
                (['--reason', '004'], []),
                (['--since', '2026-11-24T08:01'], ['req-1'])):
            with self.subTest(args):
                self.assertEqual(expected, self.listed(*args))
        self.assertIn('by name', self.openstack(
            'message', 'list', '--reason', 'X', code=1))

    def test_show(self):
        shown = json.loads(self.openstack(
            'message', 'show', self.rows[0]['id'], '-f', 'json'))
        self.assertEqual('req-0', shown['Request ID'])
