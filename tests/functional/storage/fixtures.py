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

"""A store on a database of its own, and messages to fill it with."""

import atexit
import collections
import contextlib
import datetime
from unittest import mock

import fixtures
from oslo_utils import timeutils
from oslo_utils import uuidutils
import sqlalchemy as sa

from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store
from tests import database
from tests import fixtures as conf_fixtures

OWN = 'project-own'
OTHER = 'project-other'


class EngineFixture(fixtures.Fixture):
    """The engine of an empty database.

    :param backend: see :class:`tests.database.DatabaseFixture`
    :ivar url: of the database
    :ivar engine: connects to it
    """

    def __init__(self, backend):
        self._backend = backend

    def _setUp(self):
        self.url = self.useFixture(
            database.DatabaseFixture(self._backend)).url
        self.engine = self.connect()

    def connect(self, **query):
        """Return one more engine, as another process would have it.

        :param query: parameters for the URL
        """
        config = self.useFixture(conf_fixtures.ConfFixture())
        config.config(group='database', connection=sa.make_url(
            self.url).update_query_dict(query).render_as_string(
                hide_password=False))
        made = engine.make_engine(config.conf)
        self.addCleanup(made.dispose)
        return made


# Migrated databases on servers that no test uses now, by backend. To create
# one takes longer than most tests.
_IDLE = collections.defaultdict(list)
_TRUNCATE = {
    'mysql': 'SET lock_wait_timeout = 5; TRUNCATE TABLE user_messages',
    'postgresql': "SET lock_timeout = '5s'; TRUNCATE TABLE user_messages",
}


class StoreFixture(EngineFixture):
    """A store on a migrated database without messages.

    :ivar store: reads and writes it
    """

    def _setUp(self):
        self._schema_changed = False
        if self._backend == 'sqlite':
            super()._setUp()
            migrate.upgrade(self.engine)
        else:
            self._use_server()
        self.store = store.MessageStore(self.engine)

    def _use_server(self):
        idle = _IDLE[self._backend]
        is_new = not idle
        if is_new:
            made = database.DatabaseFixture(self._backend)
            made.setUp()
            atexit.register(made.cleanUp)
        else:
            made = idle.pop()
        self.url = made.url
        self.addCleanup(self._release, made)
        self.engine = self.connect()
        if is_new:
            migrate.upgrade(self.engine)
            self._schema_changed = False

    def connect(self, **query):
        made = super().connect(**query)

        @sa.event.listens_for(made, 'before_cursor_execute')
        def watch(_connection, _cursor, statement, *_args):
            if statement.split(None, 1)[0] in ('ALTER', 'CREATE', 'DROP'):
                self._schema_changed = True

        return made

    def _release(self, made):
        """Empty the database for the next test, unless its schema changed."""
        if self._schema_changed:
            return
        cleaner = sa.create_engine(made.url, isolation_level='AUTOCOMMIT',
                                   poolclass=sa.pool.NullPool)
        with cleaner.connect() as connection:
            for statement in _TRUNCATE[self._backend].split('; '):
                connection.exec_driver_sql(statement)
        _IDLE[self._backend].append(made)


def make_message(**values):
    """A message of OWN's that was reported now and is kept for a day."""
    now = timeutils.utcnow()
    return model.Message(**{
        'id': uuidutils.generate_uuid(), 'project_id': OWN,
        'event_id': '000002', 'created_at': now,
        'expires_at': now + datetime.timedelta(days=1), **values})


def make_expired(**values):
    """A message that nothing guarantees any more."""
    return make_message(
        expires_at=timeutils.utcnow() - datetime.timedelta(seconds=1),
        **values)


@contextlib.contextmanager
def clock_ahead(delta):
    """Set the clock of this process wrong.

    :param delta: how far it is ahead
    """
    wrong = timeutils.utcnow() + delta
    with mock.patch.object(timeutils, 'utcnow', autospec=True,
                           return_value=wrong):
        yield
