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

"""The engine, held by whoever asks for it, and what its errors mean."""

from collections.abc import Iterator
import contextlib
import datetime
import os
import typing
from urllib import parse as urlparse

from oslo_config import cfg
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_

# What a URL gets unless it, or connection_parameters, says otherwise, by the
# name of the database: a server that cannot be reached, or is cut off in the
# middle of a statement, must not hold a request or a batch for ever. Seconds,
# but tcp_user_timeout is in milliseconds.
_MYSQL_PARAMETERS: dict[str, object] = {
    # NOTE: oslo.db's own default is the three bytes of "utf8", with which
    # the server stores four question marks for what needs more.
    'charset': 'utf8mb4',
    'connect_timeout': 5, 'read_timeout': 60, 'write_timeout': 60}
_CONNECTION_PARAMETERS: dict[str, dict[str, object]] = {
    'mysql': _MYSQL_PARAMETERS,
    'mariadb': _MYSQL_PARAMETERS,
    'postgresql': {'connect_timeout': 5, 'tcp_user_timeout': 60000,
                   'keepalives_idle': 30},
    'sqlite': {'timeout': 30},
}

# Options of [database] that the engine takes. max_retries and retry_interval
# are left out: who waits for the database here sends again by itself. So is
# slave_connection: a report must be listed as soon as it is stored.
_OPTIONS = (
    'sqlite_synchronous', 'mysql_sql_mode', 'mysql_wsrep_sync_wait',
    'connection_recycle_time', 'max_pool_size', 'max_overflow',
    'pool_timeout', 'connection_debug', 'connection_trace')

# Of a value, and so the same each time; and of the state of the database.
# What is left comes from Python and is a bug.
_NEVER = (sa_exc.DataError, sa_exc.IntegrityError)
_LATER = (sa_exc.DBAPIError, sa_exc.TimeoutError, sa_exc.DisconnectionError)

_NOT_TAKEN = i18n.Text(N_('the database does not take a value of it'))
_REASON_LENGTH = 200

# Of a column, as the protocol has it.
_MYSQL_DATETIME = 12


def make_facade(
        conf: cfg.ConfigOpts) -> enginefacade._TransactionContextManager:
    """The engine of ``[database]`` as oslo.db's facade; connects when used.

    :raises InvalidConfiguration: the connection is missing or cannot work
    """
    options = conf.database
    if not options.connection:
        raise exception.InvalidConfiguration(
            reason='[database] connection is not set; it should be a URL '
                   'such as mysql+pymysql://USER:PASSWORD@HOST/DATABASE')
    # NOTE: what is not named here, the facade would take from cfg.CONF, which
    # may be another service's. thread_checkin is a pause that lets green
    # threads run.
    facade = enginefacade.transaction_context()
    facade.configure(
        connection=options.connection, slave_connection=None, max_retries=0,
        thread_checkin=False,
        connection_parameters=urlparse.urlencode({
            **_missing_parameters(_parse(options.connection,
                                         '[database] connection')),
            **dict(urlparse.parse_qsl(options.connection_parameters))}),
        **{name: options[name] for name in _OPTIONS})
    return facade


def make_reading_engine(conf: cfg.ConfigOpts) -> sa.Engine | None:
    """An engine to which a read is one round trip, for :func:`.direct.read`.

    The facade's asks a connection whether it lives, begins a transaction and
    ends it; of the time that it takes to show a message, a third.

    :returns: None where the database is no server
    :raises InvalidConfiguration: the connection is missing or cannot work
    """
    options = conf.database
    url = _parse(options.connection or '', '[database] connection')
    if url.get_backend_name() == 'sqlite':
        return None
    pool = {'pool_size': options.max_pool_size,
            'max_overflow': options.max_overflow,
            'pool_timeout': options.pool_timeout}
    reading = sa.create_engine(
        url.update_query_dict(
            {**_missing_parameters(url),
             **dict(urlparse.parse_qsl(options.connection_parameters))}),
        isolation_level='AUTOCOMMIT', skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        pool_recycle=options.connection_recycle_time,
        **{name: value for name, value in pool.items() if value is not None})
    _leave_to_parent(reading)
    if url.get_backend_name() in ('mysql', 'mariadb'):
        _prepare_mysql(reading, options.mysql_wsrep_sync_wait)
    return reading


def _leave_to_parent(engine: sa.Engine) -> None:
    """Have a process that was forked use none of its parent's connections."""
    @sa.event.listens_for(engine, 'connect')
    def remember(_connection: object,
                 record: sa.pool.ConnectionPoolEntry) -> None:
        record.info['pid'] = os.getpid()

    @sa.event.listens_for(engine, 'checkout')
    def check(_connection: object, record: sa.pool.ConnectionPoolEntry,
              _proxy: object) -> None:
        if record.info['pid'] != os.getpid():
            raise sa_exc.DisconnectionError('of the parent process')


def _prepare_mysql(engine: sa.Engine, sync_wait: int | None) -> None:
    """Have Galera wait until it has what was written, and times read fast."""
    @sa.event.listens_for(engine, 'connect')
    def prepare(connection: typing.Any, _record: object) -> None:
        if sync_wait is not None:
            with contextlib.closing(connection.cursor()) as cursor:
                cursor.execute('SET SESSION wsrep_sync_wait = %s',
                               [sync_wait])
        # NOTE: PyMySQL's own takes a fifth of the time of a list; the other
        # name is mysqlclient's.
        decoders = (getattr(connection, 'decoders', None) or
                    getattr(connection, 'converter', {}))
        if _MYSQL_DATETIME in decoders:
            decoders[_MYSQL_DATETIME] = datetime.datetime.fromisoformat


def make_engine(connection: str, option: str) -> sa.Engine:
    """An engine for a database of somebody else's; connects when used.

    :param connection: its URL, as it stands in a configuration file
    :param option: where that comes from, for errors
    :raises InvalidConfiguration: the URL cannot work
    """
    url = _parse(connection, option)
    # NOTE: a plugin is of the service that has it in its configuration.
    return sa.create_engine(url.update_query_dict(
        _missing_parameters(url)).difference_update_query(('plugin',)))


@contextlib.contextmanager
def own_errors() -> Iterator[None]:
    """Turn errors of the database into ours; a bug of our own stays one.

    :raises InvalidMessage: a value that the database will never take
    :raises DatabaseUnavailable: anything else that it says, and the same
        statement may work later; the reason names no password
    """
    try:
        yield
    except db_exc.DBInvalidUnicodeParameter as exc:
        raise exception.InvalidMessage(reason=_NOT_TAKEN) from exc
    except (db_exc.DBError, sa_exc.SQLAlchemyError) as exc:
        error = getattr(exc, 'inner_exception', None) or exc
        if isinstance(error, _NEVER):
            raise exception.InvalidMessage(reason=_NOT_TAKEN) from exc
        if isinstance(error, _LATER):
            raise exception.DatabaseUnavailable(
                reason=_brief(error)) from exc
        raise


def _parse(connection: str, option: str) -> sa.URL:
    """The URL, if it is one for a driver that is here.

    :raises InvalidConfiguration: it is not
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
    """What we say where the URL does not."""
    ours = _CONNECTION_PARAMETERS.get(url.get_backend_name(), {})
    return {name: str(value) for name, value in ours.items()
            if name not in url.query}


def _brief(error: Exception) -> str:
    """What the driver says, in one line and without statement or URL."""
    cause = getattr(error, 'orig', None) or error
    text = ' '.join(str(cause).split())
    return f'{type(cause).__name__}: {text[:_REASON_LENGTH]}'
