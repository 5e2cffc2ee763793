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

"""Databases for tests: SQLite always, servers where they answer.

``CINDER_MESSAGES_TEST_MYSQL_URL`` and ``CINDER_MESSAGES_TEST_POSTGRESQL_URL``
name a server by the URL of an existing database, with an account that may
create others. A named server that is not reachable fails its tests. Without
the variable, the server on loopback is used if it accepts the default account,
and otherwise its tests are skipped; an empty variable skips them, too.
"""

import functools
import os
import sys
import uuid

import fixtures
import sqlalchemy as sa

VARIABLES = {
    'mysql': 'CINDER_MESSAGES_TEST_MYSQL_URL',
    'postgresql': 'CINDER_MESSAGES_TEST_POSTGRESQL_URL',
}
DEFAULT_URLS = {
    'mysql': 'mysql+pymysql://root@127.0.0.1:3306/test',
    'postgresql': 'postgresql+psycopg://root@127.0.0.1:5432/test',
}
BACKENDS = ('sqlite', *VARIABLES)

# Seconds for a server on loopback to accept a connection.
_CONNECT_TIMEOUT = 5


def answers(url):
    """Return whether a database server accepts a connection."""
    try:
        engine = sa.create_engine(
            url, poolclass=sa.pool.NullPool,
            connect_args={'connect_timeout': _CONNECT_TIMEOUT})
        engine.connect().close()
    except Exception as error:
        print(f'{url}: {error}'.splitlines()[0], file=sys.stderr)
        return False
    return True


@functools.cache
def server_url(backend):
    """Return the URL of a server, or None if no server is available."""
    named = os.environ.get(VARIABLES[backend])
    if named is not None:
        return named or None
    return DEFAULT_URLS[backend] if answers(DEFAULT_URLS[backend]) else None


def skip_unless_available(test, backend):
    """Skip a test of a server that is neither named nor answers."""
    if backend in VARIABLES and not server_url(backend):
        test.skipTest(f'{VARIABLES[backend]} is not set, and no server with '
                      'the default account answers on loopback')


class DatabaseFixture(fixtures.Fixture):
    """An empty database, dropped at the end.

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
        server = sa.make_url(server_url(self._backend))
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
