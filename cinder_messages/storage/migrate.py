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

"""The schema: brings a database up to date and says where it is.

The version table has a name of ours, so that the table may live in the same
database as those of another service.
"""

from collections.abc import Iterator
import contextlib
from importlib import resources
import time

from alembic import command
from alembic import config
from alembic.runtime import migration
from alembic import script
import sqlalchemy as sa
from sqlalchemy import pool

from cinder_messages import exception
from cinder_messages.storage import errors
from cinder_messages.storage import models
from cinder_messages.storage import sqlite_file

VERSION_TABLE = 'cinder_messages_alembic_version'

# NOTE: its locks are the server's, not the database's.
_MYSQL_LOCK = ("SELECT GET_LOCK(SHA1(CONCAT('cinder_messages.', DATABASE())), "
               '86400)')

# Between two attempts, in seconds.
_LOCK_INTERVAL = 0.2

# By dialect, what a migration runs first: one at a time gets past it. If it
# says that it did not get past, it is run again.
LOCKS = {
    # NOTE: not the one that waits: an index that is created concurrently
    # waits for all statements, so also for one that waits for the lock.
    'postgresql': 'SELECT pg_try_advisory_lock(2026112400)',
    'mysql': _MYSQL_LOCK,
    'mariadb': _MYSQL_LOCK,
    # The lock of the file, which the transaction then holds.
    'sqlite': 'PRAGMA user_version = 0',
}


def head() -> str:
    """Return the revision that this code needs."""
    found = _scripts().get_current_head()
    assert found is not None  # nosec B101
    return found


def version(engine: sa.Engine) -> str | None:
    """Return the revision of the database; None before the first.

    A missing SQLite file is not created.

    :raises DatabaseUnavailable: the server does not answer
    """
    if sqlite_file.is_missing(engine.url):
        return None
    with errors.translate_errors(), engine.connect() as connection:
        return migration.MigrationContext.configure(
            connection, opts={'version_table': VERSION_TABLE},
        ).get_current_revision()


def check(engine: sa.Engine) -> None:
    """Check that the database has the revision that this code needs.

    :raises DatabaseUnavailable: the server does not answer
    :raises DatabaseNotMigrated: it is behind
    :raises DatabaseTooNew: it was migrated by a newer version
    :raises DatabaseIncomplete: its table is missing
    """
    actual = version(engine)
    if actual == head():
        return _check_tables(engine, actual)
    known = {revision.revision
             for revision in _scripts().walk_revisions()}
    if actual is not None and actual not in known:
        raise exception.DatabaseTooNew(actual=actual, expected=head())
    raise exception.DatabaseNotMigrated(
        actual=actual or 'none', expected=head())


def upgrade(engine: sa.Engine) -> None:
    """Bring the database to the revision that this code needs.

    Two at the same time wait for each other.

    :raises DatabaseUnavailable: it cannot be reached
    :raises DatabaseTooNew: it was migrated by a newer version
    """
    with contextlib.suppress(exception.DatabaseNotMigrated):
        return check(engine)
    with errors.translate_errors(), _connect(engine) as connection:
        _wait_for_lock(connection)
        cfg = make_config()
        cfg.attributes['connection'] = connection
        command.upgrade(cfg, 'head')
        connection.commit()


def _check_tables(engine: sa.Engine, actual: str) -> None:
    """Check that the tables exist; a partly restored dump may lack them."""
    with errors.translate_errors():
        for table in models.METADATA.tables:
            if not sa.inspect(engine).has_table(table):
                raise exception.DatabaseIncomplete(
                    actual=actual, table=table, version_table=VERSION_TABLE)


def _wait_for_lock(connection: sa.Connection) -> None:
    while True:
        answer = connection.exec_driver_sql(LOCKS[connection.dialect.name])
        if not answer.returns_rows:
            return
        is_ours = answer.scalar_one()
        # NOTE: the lock is the session's, and a revision may need to be in
        # no transaction.
        connection.commit()
        if is_ours:
            return
        time.sleep(_LOCK_INTERVAL)


@contextlib.contextmanager
def _connect(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection for the lock; the lock ends with the connection."""
    if engine.dialect.name == 'sqlite':
        # NOTE: stays with the file; readers then never wait for a writer.
        # Below SQLAlchemy, whose connections begin a transaction at once.
        with contextlib.closing(engine.raw_connection()) as raw:
            raw.cursor().execute('PRAGMA journal_mode=WAL')
    else:
        # NOTE: a statement may take as long as the rows need that are there.
        engine = sa.create_engine(
            engine.url.difference_update_query(
                ('read_timeout', 'write_timeout')), poolclass=pool.NullPool)
    with engine.connect() as connection:
        yield connection


def make_config() -> config.Config:
    """Make the configuration of alembic without reading a file."""
    cfg = config.Config()
    cfg.set_main_option(
        'script_location',
        str(resources.files('cinder_messages.storage') / 'migrations'
            ).replace('%', '%%'))
    return cfg


def _scripts() -> script.ScriptDirectory:
    return script.ScriptDirectory.from_config(make_config())
