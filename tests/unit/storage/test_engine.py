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

"""What the options come to, and what the errors of a database mean."""

from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_db import exception as db_exc
from oslo_db import options
from sqlalchemy import exc as sa_exc
import testtools

from cinder_messages import exception
from cinder_messages.storage import engine
from tests import base


class TestMakeFacade(base.TestCase):

    def conf_with(self, **values):
        for name, value in values.items():
            self.conf.set_override(name, value, 'database')
        return self.conf

    def make_engine(self, connection, **values):
        return engine.make_facade(self.conf_with(
            connection=connection, **values)).writer.get_engine()

    def assert_invalid(self, connection, text):
        error = self.assertRaises(
            exception.InvalidConfiguration, engine.make_facade,
            self.conf_with(connection=connection))
        self.assertIn('[database] connection', str(error))
        self.assertIn(text, str(error))
        self.assertNotIn('sesame', str(error))

    def test_a_connection_must_be_set(self):
        for connection in (None, ''):
            self.assert_invalid(connection, 'is not set')

    def test_a_connection_must_be_a_url_of_a_database(self):
        for connection in ('messages.sqlite', 'nosuch://u:sesame@host/db',
                           'mysql+nosuch://u:sesame@host/db',
                           'mysql+pymysql://u:sesame@host:port/db'):
            self.assert_invalid(connection, 'is not the URL')

    def test_a_driver_must_be_installed(self):
        self.assert_invalid('oracle+cx_oracle://u:sesame@host/db',
                            'not installed')

    def test_plain_postgresql_is_psycopg_3(self):
        self.assertEqual('psycopg', self.make_engine(
            'postgresql://u:sesame@host/db').dialect.driver)

    def test_a_server_is_not_waited_for_without_end(self):
        for connection in ('mysql+pymysql://host/db',
                           'mariadb+pymysql://host/db',
                           'postgresql+psycopg://host/db'):
            query = self.make_engine(connection).url.query

            self.assertEqual('5', query['connect_timeout'])

    def test_mysql_takes_all_characters(self):
        for connection in ('mysql+pymysql://host/db',
                           'mariadb+pymysql://host/db'):
            self.assertEqual(
                'utf8mb4', self.make_engine(connection).url.query['charset'])

    def test_the_url_has_the_last_word(self):
        query = self.make_engine(
            'mysql+pymysql://host/db?connect_timeout=7').url.query

        self.assertEqual('7', query['connect_timeout'])
        self.assertEqual('60', query['read_timeout'])

    def test_connection_parameters_replace_ours(self):
        query = self.make_engine(
            'mysql+pymysql://host/db',
            connection_parameters='connect_timeout=7&ssl_ca=/ca').url.query

        self.assertEqual('7', query['connect_timeout'])
        self.assertEqual('60', query['read_timeout'])
        self.assertEqual('/ca', query['ssl_ca'])

    def test_pool_options_are_taken(self):
        made = self.make_engine('mysql+pymysql://host/db', max_pool_size=3)

        self.assertEqual(3, made.pool.size())

    def test_all_is_read_where_it_is_written(self):
        facade = engine.make_facade(self.conf_with(
            connection='sqlite://',
            slave_connection='mysql+pymysql://slave/db'))

        self.assertIs(facade.writer.get_engine(), facade.reader.get_engine())

    def test_options_of_a_host_service_are_not_taken(self):
        # NOTE: for what it is not given the facade asks the global
        # configuration, and in Cinder's process that is Cinder's.
        host = self.useFixture(config_fixture.Config(cfg.CONF))
        host.register_opts(options.database_opts, 'database')
        host.config(group='database', max_pool_size=99,
                    slave_connection='mysql+pymysql://cinder/db')

        facade = engine.make_facade(
            self.conf_with(connection='mysql+pymysql://host/db'))

        self.assertEqual(5, facade.writer.get_engine().pool.size())
        self.assertIs(facade.writer.get_engine(), facade.reader.get_engine())


class TestOwnErrors(testtools.TestCase):

    def outcome(self, error):
        """What becomes of an error."""
        try:
            with engine.own_errors():
                raise error
        except Exception as exc:
            return exc

    def test_values_are_never_taken(self):
        for kind in (sa_exc.DataError, sa_exc.IntegrityError):
            error = kind('INSERT', {}, Exception('sesame'))
            for raised in (error, db_exc.DBError(error),
                           db_exc.DBDataError(error)):
                outcome = self.outcome(raised)

                self.assertIsInstance(outcome, exception.InvalidMessage)
                self.assertNotIn('sesame', str(outcome))
        self.assertIsInstance(
            self.outcome(db_exc.DBInvalidUnicodeParameter()),
            exception.InvalidMessage)

    def test_the_state_of_the_database_may_change(self):
        for kind in (sa_exc.OperationalError, sa_exc.ProgrammingError,
                     sa_exc.InternalError, sa_exc.InterfaceError):
            error = kind('INSERT sesame', {'sesame': 1}, Exception('no\nway'))
            for raised in (error, db_exc.DBError(error),
                           db_exc.DBConnectionError(error),
                           db_exc.DBDeadlock(error)):
                outcome = self.outcome(raised)

                self.assertIsInstance(outcome, exception.DatabaseUnavailable)
                self.assertIn('Exception: no way', str(outcome))
                self.assertNotIn('sesame', str(outcome))
        self.assertIsInstance(self.outcome(sa_exc.TimeoutError('full')),
                              exception.DatabaseUnavailable)

    def test_a_reason_is_short(self):
        error = sa_exc.OperationalError('', {}, Exception('x' * 10000))

        self.assertGreater(300, len(str(self.outcome(error))))

    def test_bugs_pass(self):
        statement_error = sa_exc.StatementError('', '', {}, TypeError())
        for error in (statement_error, db_exc.DBError(statement_error),
                      sa_exc.ArgumentError('x'), TypeError('x'),
                      exception.MessageNotFound(message_id='x')):
            self.assertIs(error, self.outcome(error))
