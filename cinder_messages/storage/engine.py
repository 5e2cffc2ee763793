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


"""Engines: how this service connects to a database.

Every connection has short timeouts, a deadline for each statement on the
client and on the server, and a strict SQL mode on MariaDB and MySQL. How
errors are translated is in ``errors``.
"""

import contextlib
import datetime
import os
import typing
from urllib import parse as urlparse

from oslo_config import cfg
from oslo_db.sqlalchemy import engines
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from cinder_messages import exception
from cinder_messages.storage import clock
from cinder_messages.storage import deadline
from cinder_messages.storage import errors
from cinder_messages.storage import sqlite_file

# Seconds that a statement may take. A client gives up with 503, a report is
# sent again, and a stopping service waits no longer than this.
STATEMENT_TIMEOUT = 15
# Seconds that a statement on MariaDB or MySQL waits for the lock of a row; a
# statement that loses is repeated, so this is shorter.
_LOCK_TIMEOUT = 5

# Connection parameters by backend, unless the URL or connection_parameters
# has them. Seconds, but tcp_user_timeout is in milliseconds.
_MYSQL_PARAMETERS: dict[str, object] = {
    # NOTE: with oslo.db's own default "utf8" the server stores question marks
    # for characters of four bytes.
    'charset': 'utf8mb4', 'connect_timeout': 5,
    'read_timeout': STATEMENT_TIMEOUT, 'write_timeout': STATEMENT_TIMEOUT}
_CONNECTION_PARAMETERS: dict[str, dict[str, object]] = {
    'mysql': _MYSQL_PARAMETERS,
    'mariadb': _MYSQL_PARAMETERS,
    'postgresql': {'connect_timeout': 5, 'tcp_user_timeout': 15000,
                   'keepalives_idle': 30},
    'sqlite': {'timeout': STATEMENT_TIMEOUT},
}
# A database of another service may be large and without our indexes.
_FOREIGN_TIMEOUT = 600

_STRICT_MODE = "CONCAT_WS(',', NULLIF(@@sql_mode, ''), 'STRICT_ALL_TABLES')"

# Statements for each new connection.
_SESSION = {
    'mariadb': f"SET SESSION time_zone = '+00:00', sql_mode = {_STRICT_MODE}, "
               f'innodb_lock_wait_timeout = {_LOCK_TIMEOUT}, '
               f'max_statement_time = {STATEMENT_TIMEOUT}',
    'mysql': f"SET SESSION time_zone = '+00:00', sql_mode = {_STRICT_MODE}, "
             f'innodb_lock_wait_timeout = {_LOCK_TIMEOUT}, '
             f'max_execution_time = {STATEMENT_TIMEOUT * 1000}',
    'postgresql': "SET TIME ZONE 'UTC'; "
                  f'SET statement_timeout = {STATEMENT_TIMEOUT * 1000}',
}

# Options of [database] that are passed to oslo.db. max_retries and
# retry_interval are left out: clients and emitters retry by themselves.
# slave_connection is, too: a report is listed as soon as it is stored.
_OPTIONS = (
    'sqlite_synchronous', 'mysql_sql_mode', 'mysql_wsrep_sync_wait',
    'connection_recycle_time', 'max_pool_size', 'max_overflow',
    'pool_timeout', 'connection_debug', 'connection_trace')

# Type code of DATETIME in the protocol of MySQL.
_MYSQL_DATETIME = 12
# Flag of the protocol of MySQL.
_FOUND_ROWS = 2


def make_engine(conf: cfg.ConfigOpts) -> sa.Engine:
    """Return the engine of ``[database]``, which connects when used.

    :raises InvalidConfiguration: the connection is missing or cannot work
    """
    options = conf.database
    url = _configured_url(conf)
    # NOTE: thread_checkin is a pause that lets green threads run.
    engine = engines.create_engine(
        options.connection, max_retries=0, thread_checkin=False,
        connection_parameters=urlparse.urlencode({
            **_missing_parameters(url),
            **dict(urlparse.parse_qsl(options.connection_parameters))}),
        **{name: options[name] for name in _OPTIONS})
    _prepare_connections(engine)
    return engine


def make_read_engine(conf: cfg.ConfigOpts) -> sa.Engine | None:
    """Return an engine that reads in one round trip, for ``fastpath``.

    oslo.db's engine checks that a connection is alive, begins a transaction
    and ends it; that takes a third of the time of showing a message.

    :returns: None for SQLite, which has no round trips
    :raises InvalidConfiguration: the connection is missing or cannot work
    """
    options = conf.database
    url = _configured_url(conf)
    if url.get_backend_name() == 'sqlite':
        return None
    pool = {'pool_size': options.max_pool_size,
            'max_overflow': options.max_overflow,
            'pool_timeout': options.pool_timeout}
    read_engine = sa.create_engine(
        url.update_query_dict(
            {**_missing_parameters(url),
             **dict(urlparse.parse_qsl(options.connection_parameters))}),
        isolation_level='AUTOCOMMIT', skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        pool_recycle=options.connection_recycle_time,
        **{name: value for name, value in pool.items() if value is not None})
    _discard_after_fork(read_engine)
    _prepare_connections(read_engine)
    if url.get_backend_name() in ('mysql', 'mariadb'):
        _prepare_mysql_reads(read_engine, options.mysql_wsrep_sync_wait)
    return read_engine


def make_foreign_engine(connection: str, option: str) -> sa.Engine:
    """Return an engine for the database of another service.

    :param connection: its URL, as it stands in a configuration file
    :param option: the origin of the URL, for errors
    :raises InvalidConfiguration: the URL cannot work
    """
    url = _parse(connection, option)
    parameters = _missing_parameters(url)
    for name in ('read_timeout', 'write_timeout'):
        if name in parameters:
            parameters[name] = str(_FOREIGN_TIMEOUT)
    # NOTE: a plugin belongs to the service that has it in its configuration.
    return sa.create_engine(url.update_query_dict(
        parameters).difference_update_query(('plugin',)))


def _prepare_connections(engine: sa.Engine) -> None:
    """Add deadlines, session settings and the handling of fail-overs."""
    @sa.event.listens_for(engine, 'do_connect')
    def connect(dialect: typing.Any, _record: object, args: typing.Any,
                parameters: dict[str, typing.Any]) -> typing.Any:
        if dialect.driver == 'psycopg':
            return deadline.connection_class(
                dialect.dbapi, STATEMENT_TIMEOUT).connect(*args, **parameters)
        if dialect.name == 'sqlite':
            sqlite_file.create(args[0], parameters.get('uri', False))
        if 'client_flag' in parameters:
            # NOTE: with it, an INSERT counts rows that are there already.
            parameters['client_flag'] &= ~_FOUND_ROWS
        return None

    @sa.event.listens_for(engine, 'connect')
    def prepare(connection: typing.Any, _record: object) -> None:
        if engine.dialect.name == 'sqlite':
            clock.register_sqlite_function(connection)
            return
        is_mariadb = getattr(engine.dialect, 'is_mariadb', False)
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(
                _SESSION['mariadb' if is_mariadb else engine.dialect.name])
        connection.commit()

    _treat_read_only_as_lost(engine.dialect)


def _treat_read_only_as_lost(dialect: typing.Any) -> None:
    """Have SQLAlchemy discard its connections to a read-only server.

    The next attempt connects anew and finds the new primary.
    """
    # NOTE: a listener for handle_error comes too late: that of oslo.db ends
    # the event for most errors of MariaDB.
    is_disconnect = dialect.is_disconnect

    def is_lost(error: Exception, *args: object) -> bool:
        return errors.is_read_only(error) or is_disconnect(error, *args)

    dialect.is_disconnect = is_lost


def _discard_after_fork(engine: sa.Engine) -> None:
    """Keep a forked process from using connections of its parent."""
    @sa.event.listens_for(engine, 'connect')
    def remember(_connection: object,
                 record: sa.pool.ConnectionPoolEntry) -> None:
        record.info['pid'] = os.getpid()

    @sa.event.listens_for(engine, 'checkout')
    def check(_connection: object, record: sa.pool.ConnectionPoolEntry,
              _proxy: object) -> None:
        if record.info['pid'] != os.getpid():
            raise sa_exc.DisconnectionError('of the parent process')


def _prepare_mysql_reads(engine: sa.Engine, sync_wait: int | None) -> None:
    """Have Galera wait for earlier writes, and parse times fast."""
    @sa.event.listens_for(engine, 'connect')
    def prepare(connection: typing.Any, _record: object) -> None:
        if sync_wait is not None:
            with contextlib.closing(connection.cursor()) as cursor:
                cursor.execute('SET SESSION wsrep_sync_wait = %s',
                               [sync_wait])
        # NOTE: PyMySQL's own parser takes a fifth of the time of a list; the
        # attribute has another name in mysqlclient.
        decoders = (getattr(connection, 'decoders', None) or
                    getattr(connection, 'converter', {}))
        if _MYSQL_DATETIME in decoders:
            decoders[_MYSQL_DATETIME] = datetime.datetime.fromisoformat


def _configured_url(conf: cfg.ConfigOpts) -> sa.URL:
    if not conf.database.connection:
        raise exception.InvalidConfiguration(
            reason='[database] connection is not set; it should be a URL '
                   'such as mysql+pymysql://USER:PASSWORD@HOST/DATABASE')
    return _parse(conf.database.connection, '[database] connection')


def _parse(connection: str, option: str) -> sa.URL:
    """Return the URL.

    :raises InvalidConfiguration: it is not a URL, or its driver is missing
    """
    try:
        url = sa.make_url(connection)
        url.get_dialect().import_dbapi()
    except (sa_exc.ArgumentError, ValueError) as exc:
        raise exception.InvalidConfiguration(
            reason=f'{option} is not the URL of a database that is '
                   'supported, such as mysql+pymysql://, postgresql:// or '
                   'sqlite:///') from exc
    except ImportError as exc:
        raise exception.InvalidConfiguration(
            reason=f'{option} needs a driver that is not installed: {exc}'
        ) from exc
    return url


def _missing_parameters(url: sa.URL) -> dict[str, str]:
    """Return our connection parameters that the URL does not have."""
    ours = _CONNECTION_PARAMETERS.get(url.get_backend_name(), {})
    return {name: str(value) for name, value in ours.items()
            if name not in url.query}
