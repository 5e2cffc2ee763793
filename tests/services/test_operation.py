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

"""A writer of two workers, asked all that an operator can ask it."""

import collections
import os
import signal
import socket
import urllib.request
import uuid

import fixtures as python_fixtures
from oslo_utils import uuidutils
import sqlalchemy as sa

from tests import base
from tests import process
from tests.services import fixtures

COUNT = 300


class TestWriter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.deployment = self.useFixture(fixtures.Deployment('mysql'))
        self.deployment.sync()
        self.engine = sa.create_engine(
            self.deployment.connection, isolation_level='AUTOCOMMIT',
            poolclass=sa.pool.NullPool)
        self.user = f'writer_{uuid.uuid4().hex[:12]}'
        self.execute(f"CREATE USER {self.user}@'%%' IDENTIFIED BY 'first'")
        self.addCleanup(self.execute, f"DROP USER {self.user}@'%%'")
        self.execute('GRANT ALL ON '
                     f'{sa.make_url(self.deployment.connection).database}.* '
                     f"TO {self.user}@'%%'")
        self.configure('first', 3600)
        self.port = process.free_port()
        directory = self.useFixture(python_fixtures.TempDir())
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.systemd.close)
        self.systemd.bind(directory.join('notify'))
        self.systemd.settimeout(60)
        self.writer = self.useFixture(process.Process(
            self.deployment.command('cinder-messages-writer'),
            NOTIFY_SOCKET=directory.join('notify'), OS_WRITER__WORKERS='2',
            OS_METRICS__WRITER_PORT=str(self.port),
            OS_METRICS__DIRECTORY=directory.join('metrics')))

    def execute(self, statement):
        with self.engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def configure(self, password, message_ttl):
        """Write the options that SIGHUP is to reread."""
        url = sa.make_url(self.deployment.connection).set(
            username=self.user, password=password)
        # NOTE: of two values of an option the last one counts.
        with open(self.deployment.config_file, 'a') as config:
            config.write('[database]\nconnection = '
                         f'{url.render_as_string(hide_password=False)}\n'
                         f'[messages]\nmessage_ttl = {message_ttl}\n')

    def rotate_password(self):
        """Change the password, and end the connections of the old one."""
        self.execute(f"ALTER USER {self.user}@'%%' IDENTIFIED BY 'second'")
        self.execute(f'KILL USER {self.user}')

    def lifetimes(self):
        """Return the lifetimes of the messages in seconds, each once."""
        with self.engine.connect() as connection:
            return {int(value) for value in connection.exec_driver_sql(
                'SELECT ROUND(TIMESTAMPDIFF(SECOND, created_at, expires_at)'
                ', -3) FROM user_messages').scalars()}

    def ping(self, *args):
        return self.deployment.run(
            'cinder-messages-manage', 'writer', 'ping', *args)

    def numbers(self):
        with urllib.request.urlopen(
                f'http://127.0.0.1:{self.port}/metrics',
                timeout=60) as answer:
            text = answer.read().decode()
        found = collections.defaultdict(float)
        for line in text.splitlines():
            if not line.startswith('#'):
                name, _, value = line.rpartition(' ')
                found[name] = float(value)
        return found

    def report(self):
        reporter = self.deployment.start_reporter(COUNT)
        self.assertEqual(0, reporter.wait(), reporter.lines)

    def test_ready_counted_reported_reloaded_and_stopped(self):
        self.assertEqual(b'READY=1', self.systemd.recv(100))
        # NOTE: of both workers.
        self.assertEqual(b'READY=1', self.systemd.recv(100))

        self.assertEqual(0, self.ping().returncode)
        missing = self.ping('--host', uuidutils.generate_uuid(),
                            '--timeout', '3')
        self.assertEqual(1, missing.returncode)
        self.assertIn('No writer', missing.stderr.splitlines()[-1],
                      missing.stderr)

        self.report()
        stored = sum(value for name, value in self.numbers().items()
                     if 'writer_messages_total' in name and
                     'outcome="accepted"' in name)
        self.assertEqual(COUNT, stored)

        os.kill(self.writer.popen.pid, signal.SIGUSR2)
        self.writer.wait_for_line('Guru Meditation')
        self.writer.wait_for_line(r'transport_url = \*\*\*')
        self.assertNotIn('guest:guest', '\n'.join(self.writer.lines))

        self.assertEqual({4000}, self.lifetimes())
        self.rotate_password()
        self.configure('second', 1_000_000)
        os.kill(self.writer.popen.pid, signal.SIGHUP)
        for _ in range(2):
            self.assertEqual(b'READY=1', self.systemd.recv(100))
        self.report()
        self.assertEqual({4000, 1_000_000}, self.lifetimes())
        after = sum(value for name, value in self.numbers().items()
                    if 'writer_messages_total' in name and
                    'outcome="accepted"' in name)
        self.assertEqual(2 * COUNT, after)

        self.assertEqual(0, self.writer.terminate())
        self.assertEqual(b'STOPPING=1', self.systemd.recv(100))
