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

"""An engine to which a read is one statement, and one round trip."""

import os
from unittest import mock

from cinder_messages.api import params
from cinder_messages import exception
from cinder_messages.storage import clock
from cinder_messages.storage import engine
from cinder_messages.storage import fastpath
from cinder_messages.storage import models
from cinder_messages.storage import query
from cinder_messages.storage import select
from cinder_messages.storage import store
from tests import base
from tests import database
from tests.functional.storage import fixtures


class ReadingTests:
    """The tests, for each server."""

    backend: str
    pid: str
    kill: str

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        self.fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        self.reading = self.connect()
        self.store = store.MessageStore(self.fixture.engine, self.reading)
        self.message = fixtures.make_message()
        self.store.create([self.message])
        self.get()

    def connect(self, **options):
        options['connection'] = self.fixture.url
        for name, value in options.items():
            self.conf.set_override(name, value, 'database')
        reading = engine.make_read_engine(self.conf)
        self.addCleanup(reading.dispose)
        return reading

    def get(self):
        self.assertEqual(self.message,
                         self.store.get(self.message.id, fixtures.OWN))

    def connection_id(self):
        with self.reading.connect() as connection:
            return connection.exec_driver_sql(self.pid).scalar_one()

    def lose_connection(self):
        lost = self.connection_id()
        with self.fixture.engine.connect() as connection:
            connection.exec_driver_sql(self.kill % lost)

    def test_a_read_is_one_round_trip(self):
        with self.reading.connect() as connection:
            driver = type(connection.connection.dbapi_connection)
        dialect = self.reading.dialect
        with (mock.patch.object(dialect, 'do_execute', autospec=True,
                                side_effect=dialect.do_execute) as executed,
              mock.patch.object(dialect, 'do_ping', autospec=True) as ping,
              mock.patch.object(driver, 'rollback',
                                autospec=True) as rollback):
            self.get()

        executed.assert_called_once()
        self.assertEqual([], ping.mock_calls + rollback.mock_calls)

    def test_each_read_sees_what_was_stored_before(self):
        self.store.list(query.Query(limit=9), None)
        new = fixtures.make_message()
        self.store.create([new])
        self.store.delete(self.message.id, fixtures.OWN)

        self.assertEqual(
            [new], self.store.list(query.Query(limit=9), None).messages)
        self.assertEqual(1, self.store.count(query.Query(limit=9), None))

    def test_lists_are_alike_without_the_indexes_that_a_site_dropped(self):
        self.store.create([fixtures.make_message(
            event_id=f'00000{number % 3 + 1}', resource_uuid=f'v{number % 4}')
            for number in range(12)])
        asked = [query.Query(limit=5, sort=((column, direction),))
                 for column in params.SORT_KEYS.values()
                 for direction in ('asc', 'desc')]
        asked += [query.Query(limit=5, filters=(
            query.Filter(name, 'eq', getattr(self.message, name)),))
            for name in ('event_id', 'message_level', 'resource_type',
                         'resource_uuid', 'request_id', 'global_request_id')]
        cases = [(each, project_id) for each in asked
                 for project_id in (fixtures.OWN, None)]
        before = [self.store.list(*case) for case in cases]
        with self.fixture.engine.begin() as connection:
            for index in models.MESSAGES.indexes:
                index.drop(connection)

        self.assertEqual(before, [self.store.list(*case) for case in cases])

    def test_a_lost_connection_is_replaced(self):
        self.lose_connection()

        self.get()

    def test_a_connection_that_is_lost_late_is_not_replaced(self):
        self.lose_connection()

        reader = fastpath.Reader(self.reading, iter([0, 2]).__next__)
        self.assertRaises(
            exception.DatabaseUnavailable, reader.read, clock.now_statement,
            select.Shape(reader.dialect, False), {})

    def test_a_statement_that_fails_is_not_repeated(self):
        with self.fixture.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE user_messages')

        self.assertRaises(exception.DatabaseUnavailable, self.store.get,
                          self.message.id, None)
        self.assertEqual(0, self.reading.pool.checkedout())

    def test_a_connection_on_which_a_read_was_interrupted_is_not_used(self):
        interrupted = self.connection_id()
        with mock.patch.object(self.reading.dialect, 'do_execute',
                               autospec=True, side_effect=KeyboardInterrupt):
            self.assertRaises(KeyboardInterrupt, self.store.get,
                              self.message.id, None)

        self.assertEqual(0, self.reading.pool.checkedout())
        self.assertNotEqual(interrupted, self.connection_id())

    def test_a_forked_process_has_connections_of_its_own(self):
        parents = self.connection_id()

        with mock.patch.object(os, 'getpid', autospec=True, return_value=-1):
            self.assertNotEqual(parents, self.connection_id())

    def test_the_pool_is_as_configured(self):
        reading = self.connect(max_pool_size=3, pool_timeout=7)

        self.assertEqual((3, 7),
                         (reading.pool.size(), reading.pool.timeout()))


class TestReadingMySQL(ReadingTests, base.TestCase):
    backend = 'mysql'
    pid = 'SELECT CONNECTION_ID()'
    kill = 'KILL %d'

    def test_galera_is_told_to_wait(self):
        reading = self.connect(mysql_wsrep_sync_wait=1)

        # NOTE: a server that is not of a cluster takes it all the same.
        with reading.connect() as connection:
            self.assertEqual(1, connection.exec_driver_sql(
                'SELECT @@wsrep_sync_wait').scalar_one())


class TestReadingPostgreSQL(ReadingTests, base.TestCase):
    backend = 'postgresql'
    pid = 'SELECT pg_backend_pid()'
    kill = 'SELECT pg_terminate_backend(%d)'


class TestReadingSQLite(base.TestCase):

    def test_a_file_is_no_server(self):
        self.conf.set_override('connection', 'sqlite://', 'database')

        self.assertIsNone(engine.make_read_engine(self.conf))
