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

"""Databases for tests: SQLite always, servers where the environment says.

``CINDER_MESSAGES_TEST_MYSQL_URL`` and ``CINDER_MESSAGES_TEST_POSTGRESQL_URL``
name a server by the URL of a database that is there, with an account that may
create others. A server that is named and not reachable fails its tests.
"""

import os
import uuid

import fixtures
import sqlalchemy as sa

VARIABLES = {
    'mysql': 'CINDER_MESSAGES_TEST_MYSQL_URL',
    'postgresql': 'CINDER_MESSAGES_TEST_POSTGRESQL_URL',
}
BACKENDS = ('sqlite', *VARIABLES)


def skip_unless_named(test, backend):
    """Skip a test of a server that the environment does not name."""
    variable = VARIABLES.get(backend)
    if variable and not os.environ.get(variable):
        test.skipTest(f'{variable} is not set')


class DatabaseFixture(fixtures.Fixture):
    """An empty database of one's own, gone at the end.

    :param backend: one of :data:`BACKENDS`
    :ivar url: its URL, as a string with the password
    """

    def __init__(self, backend):
        self._backend = backend

    def _setUp(self):
        if self._backend == 'sqlite':
            directory = self.useFixture(fixtures.TempDir())
            self.url = f'sqlite:///{directory.join("messages.sqlite")}'
            return
        server = sa.make_url(os.environ[VARIABLES[self._backend]])
        self._name = f'cinder_messages_{uuid.uuid4().hex}'
        self._engine = sa.create_engine(
            server, isolation_level='AUTOCOMMIT', poolclass=sa.pool.NullPool)
        self._execute(f'CREATE DATABASE {self._name}')
        self.addCleanup(self._drop)
        self.url = server.set(database=self._name).render_as_string(
            hide_password=False)

    def _drop(self):
        force = ' WITH (FORCE)' if self._backend == 'postgresql' else ''
        self._execute(f'DROP DATABASE {self._name}{force}')

    def _execute(self, statement):
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)
