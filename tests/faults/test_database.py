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

"""A store whose database freezes, restarts or becomes read-only."""

import concurrent.futures
import threading
import time

import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import query
from cinder_messages.storage import store
from tests import base
from tests.faults import network
from tests.functional.storage import fixtures
from tests import process
from tests.services import servers

COUNT = 2000
BATCH = 100

# Connections in each pool when a fault begins.
POOLED = 3
# Seconds that a call may take on a busy machine: the ping of a connection and
# the statement, or the statement and a new connection, each with a deadline.
PATIENCE = 2 * engine.STATEMENT_TIMEOUT + 20


class DatabaseFaults:
    """The tests, for each database and driver."""

    backend: str
    driver: str

    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.network = self.useFixture(network.Network(self.server.port))
        self.conf.set_override(
            'connection', self.url_of(self.server).set(
                port=self.network.port).render_as_string(hide_password=False),
            'database')
        writes = engine.make_engine(self.conf)
        self.addCleanup(writes.dispose)
        reads = engine.make_read_engine(self.conf)
        self.addCleanup(reads.dispose)
        self.store = store.MessageStore(writes, reads)
        self.message = fixtures.make_message()
        self.store.create([self.message])
        self.fill_pools(writes, reads)

    def start_server(self):
        """Start a server with the schema and the account of the store."""
        server = self.useFixture(servers.DATABASES[self.backend]())
        bind = sa.create_engine(server.url, poolclass=sa.pool.NullPool)
        migrate.upgrade(bind)
        for statement in self.ACCOUNT:
            self.execute(server, statement)
        return server

    def url_of(self, server):
        return sa.make_url(server.url).set(
            drivername=self.driver, username='messages')

    def execute(self, server, statement):
        bind = sa.create_engine(server.url, isolation_level='AUTOCOMMIT',
                                poolclass=sa.pool.NullPool)
        with bind.connect() as connection:
            return connection.exec_driver_sql(statement)

    def fill_pools(self, *engines):
        for bind in engines:
            connections = [bind.connect() for _ in range(POOLED)]
            for connection in connections:
                connection.close()

    def get(self):
        self.assertEqual(
            self.message, self.store.get(self.message.id, fixtures.OWN))

    def create(self):
        self.assertEqual(1, self.store.create([fixtures.make_message()]
                                              ).stored)

    def assert_unavailable(self, function, *args):
        started = time.monotonic()
        self.assertRaises(exception.DatabaseUnavailable, function, *args)
        self.assertGreater(PATIENCE, time.monotonic() - started)

    def test_connections_that_freeze_for_good(self):
        self.network.freeze()

        with concurrent.futures.ThreadPoolExecutor() as pool:
            read = pool.submit(self.assert_unavailable, self.store.get,
                               self.message.id, fixtures.OWN)
            # NOTE: a write pings its connection first, and makes another.
            written = pool.submit(self.create)
            read.result()
            written.result(PATIENCE)

        # NOTE: the others of the pool are not tried one by one.
        started = time.monotonic()
        for _ in range(POOLED + 1):
            self.get()
            self.create()
        self.assertGreater(engine.STATEMENT_TIMEOUT,
                           time.monotonic() - started)

    def test_a_network_that_is_silent_for_a_while(self):
        self.network.cut()

        for _ in range(2):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                for call in [
                        pool.submit(self.assert_unavailable, self.store.get,
                                    self.message.id, fixtures.OWN),
                        pool.submit(self.assert_unavailable, self.create)]:
                    call.result()
        self.network.mend()

        self.get()
        self.create()

    def test_a_server_that_restarts_between_two_calls(self):
        self.server.kill()
        self.server.start()

        self.get()
        self.create()

    def test_a_server_that_is_killed_while_reports_are_stored(self):
        self.assert_unavailable_while_killed()

        self.get()
        messages = [fixtures.make_message() for _ in range(COUNT)]
        half = threading.Event()
        writer = threading.Thread(
            target=self.store_all, args=(messages, half), daemon=True)
        writer.start()
        self.assertTrue(half.wait(process.DEADLINE))
        self.server.kill()
        self.server.start()
        writer.join(process.DEADLINE)

        self.assertFalse(writer.is_alive())
        ids = {message.id for message in messages}
        page = self.store.list(query.Query(limit=2 * COUNT), fixtures.OWN)
        self.assertEqual(ids | {self.message.id},
                         {message.id for message in page.messages})

    def assert_unavailable_while_killed(self):
        self.server.kill()
        self.assert_unavailable(
            self.store.get, self.message.id, fixtures.OWN)
        self.assert_unavailable(self.create)
        self.server.start()

    def store_all(self, messages, half):
        """Store in batches, as writers do with what is sent again."""
        for start in range(0, COUNT, BATCH):
            if start >= COUNT / 2:
                half.set()
            batch = messages[start:start + BATCH]
            while True:
                try:
                    result = self.store.create(batch)
                    break
                except exception.DatabaseUnavailable:
                    time.sleep(0.1)
            self.assertEqual(BATCH, result.stored + result.duplicates)

    def test_a_server_that_is_read_only_for_a_while(self):
        expired = fixtures.make_expired()
        self.store.create([expired])
        self.let_write(False)

        for call, *args in (
                (self.create,),
                (self.store.delete, self.message.id, fixtures.OWN),
                (self.store.delete_expired, 10)):
            self.assert_unavailable(call, *args)
            self.get()
        self.let_write(True)

        self.create()
        self.assertEqual(1, self.store.delete_expired(10))
        self.store.delete(self.message.id, fixtures.OWN)

    def let_write(self, writable):
        """Set whether the server lets its sessions write, also open ones."""
        for statement in self.WRITABLE if writable else self.READ_ONLY:
            self.execute(self.server, statement)

    def test_an_old_primary_that_stays_up_and_is_read_only(self):
        primary = self.start_server()
        self.let_write(False)
        self.network.redirect(primary.port)

        self.assert_unavailable(self.create)

        # NOTE: whichever of the pooled connections is taken.
        for _ in range(POOLED + 1):
            self.create()


class TestDatabaseFaultsOnMariaDB(DatabaseFaults, base.TestCase):
    backend = 'mysql'
    driver = 'mysql+pymysql'
    # NOTE: an account with SUPER writes to a read-only server.
    ACCOUNT = ("CREATE USER 'messages'@'127.0.0.1'",
               "GRANT SELECT, INSERT, UPDATE, DELETE ON test.* "
               "TO 'messages'@'127.0.0.1'",
               "CREATE USER 'messages'@'localhost'",
               "GRANT SELECT, INSERT, UPDATE, DELETE ON test.* "
               "TO 'messages'@'localhost'")
    READ_ONLY = ('SET GLOBAL read_only = ON',)
    WRITABLE = ('SET GLOBAL read_only = OFF',)


class TestDatabaseFaultsOnMySQLClient(TestDatabaseFaultsOnMariaDB):
    driver = 'mysql+mysqldb'


class TestDatabaseFaultsOnPostgreSQL(DatabaseFaults, base.TestCase):
    backend = 'postgresql'
    driver = 'postgresql+psycopg'
    ACCOUNT = ('CREATE ROLE messages LOGIN',
               'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES '
               'IN SCHEMA public TO messages')
    READ_ONLY = ('ALTER SYSTEM SET default_transaction_read_only = on',
                 'SELECT pg_reload_conf()')
    WRITABLE = ('ALTER SYSTEM RESET default_transaction_read_only',
                'SELECT pg_reload_conf()')

    def let_write(self, writable):
        super().let_write(writable)
        # A session that begins with the new value begins after the server has
        # signalled the open ones.
        while self.read_only() is writable:
            time.sleep(0.01)

    def read_only(self):
        bind = sa.create_engine(self.server.url, poolclass=sa.pool.NullPool)
        with bind.connect() as connection:
            return connection.exec_driver_sql(
                'SHOW default_transaction_read_only').scalar() == 'on'

    def test_a_database_that_is_read_only_for_new_sessions(self):
        self.execute(self.server, 'ALTER DATABASE postgres SET '
                                  'default_transaction_read_only = on')
        self.server.kill()
        self.server.start()
        self.assert_unavailable(self.create)
        self.execute(self.server, 'BEGIN; SET TRANSACTION READ WRITE; '
                     'ALTER DATABASE postgres RESET '
                     'default_transaction_read_only; COMMIT')

        self.create()
