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

"""The options of [database] and what they configure."""

import datetime
import types

from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_db import options
from pymysql.constants import FIELD_TYPE

from cinder_messages import exception
from cinder_messages.storage import engine
from tests import base


class TestMakeEngine(base.TestCase):

    def conf_with(self, **values):
        for name, value in values.items():
            self.conf.set_override(name, value, 'database')
        return self.conf

    def make_engine(self, connection, **values):
        return engine.make_engine(self.conf_with(
            connection=connection, **values))

    def assert_invalid(self, connection, text):
        error = self.assertRaises(
            exception.InvalidConfiguration, engine.make_engine,
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

    def test_times_of_mysql_are_parsed_by_datetime(self):
        made = self.make_engine('mysql+pymysql://u:sesame@host/db')
        engine._prepare_mysql_reads(made, None)
        [prepare] = [listener for listener in made.pool.dispatch.connect
                     if '_prepare_mysql_reads' in listener.__qualname__]
        for attribute in 'decoders', 'converter':
            connection = types.SimpleNamespace(**{attribute: {
                FIELD_TYPE.DATETIME: str, FIELD_TYPE.LONG: int}})
            prepare(connection, None)
            self.assertEqual({
                FIELD_TYPE.DATETIME: datetime.datetime.fromisoformat,
                FIELD_TYPE.LONG: int}, getattr(connection, attribute))

    def test_the_url_has_the_last_word(self):
        query = self.make_engine(
            'mysql+pymysql://host/db?connect_timeout=7').url.query

        self.assertEqual('7', query['connect_timeout'])
        self.assertEqual('15', query['read_timeout'])

    def test_connection_parameters_replace_ours(self):
        query = self.make_engine(
            'mysql+pymysql://host/db',
            connection_parameters='connect_timeout=7&ssl_ca=/ca').url.query

        self.assertEqual('7', query['connect_timeout'])
        self.assertEqual('15', query['read_timeout'])
        self.assertEqual('/ca', query['ssl_ca'])

    def test_pool_options_are_taken(self):
        made = self.make_engine('mysql+pymysql://host/db', max_pool_size=3)

        self.assertEqual(3, made.pool.size())

    def test_options_of_a_host_service_are_not_taken(self):
        # NOTE: in Cinder's process the global configuration is Cinder's.
        host = self.useFixture(config_fixture.Config(cfg.CONF))
        host.register_opts(options.database_opts, 'database')
        host.config(group='database', max_pool_size=99)

        self.assertEqual(
            5, self.make_engine('mysql+pymysql://host/db').pool.size())
