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

"""A database that is away is said to be, soon, and without its password."""

from oslo_db import exception as db_exc
from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import query
from cinder_messages.storage import store
from tests import base
from tests import database
from tests.functional.storage import fixtures

# Nobody listens at the port.
ADDRESSES = {
    'mysql': 'mysql+pymysql://messages:sesame@127.0.0.1:1/messages',
    'postgresql+psycopg':
        'postgresql+psycopg://messages:sesame@127.0.0.1:1/messages',
    'postgresql': 'postgresql://messages:sesame@127.0.0.1:1/messages',
    'sqlite': 'sqlite:////nonexistent/sesame/messages.sqlite',
}


class TestUnavailable(base.TestCase):

    def connect(self, url):
        self.conf.set_override('connection', url, 'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)
        return bind

    def assert_unavailable(self, function, *args):
        watch = timeutils.StopWatch()
        with watch:
            error = self.assertRaises(
                exception.DatabaseUnavailable, function, *args)
        self.assertNotIn('sesame', str(error))
        self.assertGreater(8, watch.elapsed())

    def test_nothing_connects_before_it_is_used(self):
        for url in ADDRESSES.values():
            self.connect(url)

    def test_every_method_says_so(self):
        for url in ADDRESSES.values():
            messages = store.MessageStore(self.connect(url))
            listing = query.Query(limit=10)
            for method, args in (
                    (messages.create, [[fixtures.make_message()]]),
                    (messages.get, ['abc', None]),
                    (messages.list, [listing, None]),
                    (messages.count, [listing, None]),
                    (messages.delete, ['abc', None]),
                    (messages.count_expired, []),
                    (messages.delete_expired, [1])):
                self.assert_unavailable(method, *args)

    def test_migration_says_so(self):
        for url in ADDRESSES.values():
            bind = self.connect(url)
            for function in (migrate.check, migrate.version, migrate.upgrade):
                self.assert_unavailable(function, bind)

    def test_a_pool_that_stays_empty_is_a_database_that_is_away(self):
        pool = sa.create_engine(
            'sqlite://', poolclass=sa.pool.QueuePool, pool_size=1,
            max_overflow=0, pool_timeout=0)

        with pool.connect():
            self.assert_unavailable(
                store.MessageStore(pool).get, 'abc', None)


class ServerTests:
    """Of a server that is there, and then is not."""

    backend: str
    kill: str
    pid: str

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)

    def test_a_server_that_does_not_know_the_database(self):
        url = sa.make_url(database.server_url(self.backend))
        self.conf.set_override(
            'connection', url.set(database='cinder_messages_sesame'
                                  ).render_as_string(hide_password=False),
            'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)

        self.assertRaises(exception.DatabaseUnavailable, migrate.check,
                          bind)

    def test_a_lost_connection_is_replaced(self):
        fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        message = fixtures.make_message()
        fixture.store.create([message])
        with fixture.engine.connect() as connection:
            pid = connection.exec_driver_sql(self.pid).scalar_one()
        other = fixture.connect()
        with other.connect() as connection:
            connection.exec_driver_sql(self.kill % pid)

        self.assertEqual(message,
                         fixture.store.get(message.id, fixtures.OWN))
        self.assertEqual((0, 1, ()), fixture.store.create([message]))

    def test_a_connection_lost_in_a_statement(self):
        fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        other = fixture.connect()

        @sa.event.listens_for(fixture.engine, 'before_cursor_execute')
        def lose(_connection, cursor, *_args):
            cursor.execute(self.pid)
            with other.connect() as connection:
                connection.exec_driver_sql(self.kill % cursor.fetchone()[0])

        self.assertRaises(exception.DatabaseUnavailable,
                          fixture.store.create, [fixtures.make_message()])


class TestServerMySQL(ServerTests, base.TestCase):
    backend = 'mysql'
    pid = 'SELECT CONNECTION_ID()'
    kill = 'KILL %d'

    def test_an_account_that_may_not(self):
        url = sa.make_url(database.server_url(self.backend))
        self.conf.set_override(
            'connection', url.set(username='nobody', password='sesame'
                                  ).render_as_string(hide_password=False),
            'database')
        bind = engine.make_engine(self.conf)

        error = self.assertRaises(exception.DatabaseUnavailable,
                                  migrate.check, bind)

        self.assertNotIn('sesame', str(error))

    def test_connections_to_a_read_only_server_are_discarded(self):
        fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        with fixture.engine.connect() as connection:
            self.assertRaises(
                db_exc.DBConnectionError, connection.exec_driver_sql,
                "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1290")
            self.assertTrue(connection.invalidated)


class TestServerPostgreSQL(ServerTests, base.TestCase):
    backend = 'postgresql'
    pid = 'SELECT pg_backend_pid()'
    kill = 'SELECT pg_terminate_backend(%d)'

    def test_a_server_that_only_reads(self):
        fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        reading = store.MessageStore(fixture.connect(
            options='-c default_transaction_read_only=on'))

        self.assertRaises(exception.DatabaseUnavailable, reading.create,
                          [fixtures.make_message()])
