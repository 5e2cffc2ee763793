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

"""Nobody else reads the file of a SQLite database of ours."""

import os
import pathlib
import stat

import fixtures
from oslo_db import exception as oslo_exc
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import sqlite_file
from tests import base


class TestSqliteFile(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.directory.chmod(0o777)
        self.addCleanup(os.umask, os.umask(0))
        self.path = self.directory / 'a b%.sqlite'

    def make_engine(self, connection=None):
        self.conf.set_override(
            'connection', connection or f'sqlite:///{self.path}', 'database')
        made = engine.make_engine(self.conf)
        self.addCleanup(made.dispose)
        return made

    def modes(self):
        return {path.name.removeprefix(self.path.name):
                stat.filemode(path.stat().st_mode)
                for path in self.directory.iterdir()}

    def test_database_and_its_logs_are_private(self):
        made = self.make_engine()
        migrate.upgrade(made)

        with made.connect() as connection:
            connection.exec_driver_sql('PRAGMA journal_mode = WAL')
            connection.exec_driver_sql('CREATE TABLE t (x)')
            connection.commit()

            self.assertEqual(dict.fromkeys(('', '-wal', '-shm'),
                                           '-rw-------'), self.modes())

    def test_rollback_journal_is_private(self):
        with self.make_engine().connect() as connection:
            connection.exec_driver_sql('PRAGMA journal_mode = DELETE')
            connection.exec_driver_sql('CREATE TABLE t (x)')

            self.assertEqual(dict.fromkeys(('', '-journal'), '-rw-------'),
                             self.modes())

    def test_file_of_a_uri_is_private(self):
        self.path = self.directory / 'a b'
        for query in ('uri=true', 'mode=rwc&uri=true'):
            self.path.unlink(missing_ok=True)
            with self.make_engine(f'sqlite:///file:{self.directory}/a%20b?' +
                                  query).connect() as connection:
                connection.exec_driver_sql('CREATE TABLE t (x)')

            self.assertEqual({'': '-rw-------'}, self.modes())

    def test_mode_of_an_existing_file_stays(self):
        self.path.touch()
        self.path.chmod(0o640)

        migrate.upgrade(self.make_engine())

        self.assertEqual('-rw-r-----', self.modes()[''])

    def test_nothing_is_made_for_memory(self):
        self.useFixture(fixtures.MonkeyPatch(
            'os.mknod', lambda *args: self.fail(f'made {args}')))
        for connection in ('sqlite://', 'sqlite:///:memory:',
                           'sqlite:///file::memory:?uri=true',
                           'sqlite:///file:x?mode=memory&uri=true'):
            with self.make_engine(connection).connect() as opened:
                opened.execute(sa.select(1))

    def test_read_only_database_is_not_made(self):
        made = self.make_engine(f'sqlite:///file:{self.directory}/a?mode=ro'
                                '&uri=true')

        self.assertRaises(oslo_exc.DBError, made.connect)
        self.assertEqual({}, self.modes())

    def test_file_is_missing_until_it_was_opened(self):
        made = self.make_engine()
        self.assertTrue(sqlite_file.is_missing(made.url))
        with made.connect():
            self.assertFalse(sqlite_file.is_missing(made.url))
        for url in ('sqlite://', 'sqlite:///:memory:', 'mysql://h/missing',
                    'sqlite:///file:missing?uri=true'):
            self.assertFalse(sqlite_file.is_missing(sa.make_url(url)), url)

    def test_missing_directory_is_an_outage_of_the_database(self):
        self.path = self.directory / 'missing' / 'messages.sqlite'

        self.assertRaises(exception.DatabaseUnavailable,
                          migrate.upgrade, self.make_engine())
