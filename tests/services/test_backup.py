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

"""The page on backup, word for word, on each server."""

import os

import fixtures
import sqlalchemy as sa

from tests import base
from tests import database
from tests import documents
from tests import process

PROJECT = 'a-project'


class TestBackup(base.TestCase):

    def prepare(self, backend):
        """A database with a message, and clients that find it by its name."""
        self.home = self.useFixture(fixtures.TempDir()).path
        url = self.useFixture(database.DatabaseFixture(backend)).url
        self.url = sa.make_url(url)
        self.config_file = os.path.join(self.home, 'cinder-messages.conf')
        with open(self.config_file, 'w') as config:
            config.write('[DEFAULT]\ntransport_url = fake://\n'
                         f'[database]\nconnection = {url}\n')
        with open(os.path.join(self.home, '.my.cnf'), 'w') as config:
            config.write(f'[client]\nhost={self.url.host}\n'
                         f'port={self.url.port or 3306}\n'
                         f'user={self.url.username}\n'
                         f'password={self.url.password or ""}\n')
        done = process.run(process.command(
            'cinder-messages-manage', '--config-file', self.config_file,
            'db', 'sync'))
        self.assertEqual(0, done.returncode, done.stderr)

    def run_block(self, name):
        for command in documents.block_named(name).commands():
            program, rest = command.split(' ', 1)
            if program.startswith('cinder-messages-'):
                command = (f'{process.command(program)[0]} --config-file '
                           f'{self.config_file} {rest}')
            done = process.run(
                ['sh', '-ec', command.replace(
                    ' cinder_messages ', f' {self.url.database} ')],
                cwd=self.home, HOME=self.home, PGHOST=self.url.host,
                PGPORT=str(self.url.port or 5432),
                PGUSER=self.url.username, PGPASSWORD=self.url.password or '')
            self.assertEqual(0, done.returncode, done.stderr)

    def execute(self, statement):
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            done = connection.exec_driver_sql(statement)
            return done.scalar() if done.returns_rows else None

    def insert(self, message_id):
        self.execute(
            'INSERT INTO user_messages (id, project_id, event_id, '
            'message_level, created_at, expires_at, deleted) VALUES ('
            f"'{message_id}', '{PROJECT}', '000002', 'ERROR', "
            "'2026-11-24 00:00:00', '2126-11-24 00:00:00', "
            f'{self.false})')

    def ids(self):
        return self.execute(
            'SELECT string_agg(id, \',\') FROM user_messages'
            if self.url.get_backend_name() == 'postgresql' else
            'SELECT group_concat(id) FROM user_messages')

    def check(self, backend, backup, restore):
        self.false = 'false' if backend == 'postgresql' else '0'
        self.prepare(backend)
        self.insert('before')
        self.run_block(backup)
        self.insert('after')
        self.execute("DELETE FROM user_messages WHERE id = 'before'")

        self.run_block(restore)
        self.run_block('restore-check')

        self.assertEqual('before', self.ids())

    def test_mysql(self):
        self.check('mysql', 'backup-mysql', 'restore-mysql')

    def test_postgresql(self):
        self.check(
            'postgresql', 'backup-postgresql', 'restore-postgresql')
