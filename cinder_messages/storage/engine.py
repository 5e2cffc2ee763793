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
from urllib import parse as urlparse

from oslo_config import cfg
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from cinder_messages import exception

# What a URL gets unless it says otherwise, by the name of the database: a
# server that cannot be reached, or is cut off in the middle of a statement,
# must not hold a request or a batch for ever. Seconds, but tcp_user_timeout is
# in milliseconds.
_CONNECTION_PARAMETERS = {
    'mysql': {'connect_timeout': 5, 'read_timeout': 60, 'write_timeout': 60},
    'mariadb': {'connect_timeout': 5, 'read_timeout': 60,
                'write_timeout': 60},
    'postgresql': {'connect_timeout': 5, 'tcp_user_timeout': 60000},
    'sqlite': {'timeout': 30},
}

# Options of [database] that the engine takes. max_retries and retry_interval
# are left out: who waits for the database here sends again by itself.
_OPTIONS = (
    'sqlite_synchronous', 'mysql_sql_mode', 'mysql_wsrep_sync_wait',
    'connection_recycle_time', 'max_pool_size', 'max_overflow',
    'pool_timeout', 'connection_debug', 'connection_trace')

_REASON_LENGTH = 200


def make_facade(
        conf: cfg.ConfigOpts) -> enginefacade._TransactionContextManager:
    """The engine of ``[database]`` as oslo.db's facade; connects when used.

    :raises InvalidConfiguration: the connection is missing or no URL
    """
    options = conf.database
    if not options.connection:
        raise exception.InvalidConfiguration(
            reason='[database] connection is not set; it should be a URL '
                   'such as mysql+pymysql://USER:PASSWORD@HOST/DATABASE')
    try:
        url = sa.make_url(options.connection)
        url.get_dialect()
    except (sa_exc.ArgumentError, sa_exc.NoSuchModuleError,
            ValueError) as exc:
        raise exception.InvalidConfiguration(
            reason='[database] connection is not the URL of a database that '
                   'is supported, such as mysql+pymysql://, postgresql:// or '
                   'sqlite:///') from exc
    parameters = {
        name: value for name, value in
        _CONNECTION_PARAMETERS.get(url.get_backend_name(), {}).items()
        if name not in url.query}
    given = options.connection_parameters
    facade = enginefacade.transaction_context()
    facade.configure(
        connection=options.connection, max_retries=0,
        connection_parameters='&'.join(
            filter(None, (urlparse.urlencode(parameters), given))),
        **{name: options[name] for name in _OPTIONS})
    return facade


@contextlib.contextmanager
def own_errors() -> Iterator[None]:
    """Turn errors of the database into ours.

    :raises InvalidMessage: a value that the database will never take
    :raises DatabaseUnavailable: anything else, and the same statement may
        work later; the reason names no password
    """
    try:
        yield
    except (db_exc.DBDataError, sa_exc.DataError) as exc:
        raise exception.InvalidMessage(
            reason='the database does not take a value') from exc
    except (db_exc.DBError, sa_exc.SQLAlchemyError) as exc:
        raise exception.DatabaseUnavailable(reason=_brief(exc)) from exc


def _brief(exc: Exception) -> str:
    """What the driver says, in one line and without statement or URL."""
    cause = getattr(exc, 'inner_exception', None) or exc
    cause = getattr(cause, 'orig', None) or cause
    text = ' '.join(str(cause).split())
    return f'{type(cause).__name__}: {text[:_REASON_LENGTH]}'
