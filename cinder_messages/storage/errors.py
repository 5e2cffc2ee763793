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


"""Translation of database errors to ours.

No database error is attributed to a message: messages are validated before
they are stored, so an error is about the state of the server, the connection
or the schema, and the same statement may succeed later.
"""

from collections.abc import Iterator
import contextlib

from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_

# Errors of one value in a query: a retry fails, too.
_PERMANENT = (db_exc.DBInvalidUnicodeParameter,)
# Errors of the server, the connection or the schema: a retry may succeed.
# Anything else is raised by Python code and is a bug.
_TRANSIENT = (sa_exc.DBAPIError, sa_exc.TimeoutError,
              sa_exc.DisconnectionError)

_INVALID_VALUE = i18n.Text(
    N_('the database does not take a value of it'))
_REASON_LENGTH = 200

# Errors of a server that will refuse every write on this connection, because
# another server is the primary now: MariaDB and MySQL (read-only, or a Galera
# node outside its cluster), and PostgreSQL.
_READ_ONLY_NUMBERS = frozenset({1047, 1290, 1792, 1836})
_READ_ONLY_STATE = '25006'


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Raise our exceptions for errors of the database; let bugs pass.

    :raises InvalidParameter: a value of a query is not valid text
    :raises DatabaseUnavailable: any other error of the database; the reason
        contains no statement, value or password
    """
    try:
        yield
    except _PERMANENT as exc:
        raise exception.InvalidParameter(reason=_INVALID_VALUE) from exc
    except (db_exc.DBError, sa_exc.SQLAlchemyError) as exc:
        error = getattr(exc, 'inner_exception', None) or exc
        if isinstance(error, _TRANSIENT):
            raise exception.DatabaseUnavailable(
                reason=_brief(error)) from exc
        raise


def is_read_only(error: BaseException | None) -> bool:
    """Return whether the server refuses writes on this connection for good.

    :param error: of the driver
    """
    number = error.args[0] if error is not None and error.args else None
    return (isinstance(number, int) and number in _READ_ONLY_NUMBERS or
            getattr(error, 'sqlstate', None) == _READ_ONLY_STATE)


def is_refused(error: BaseException | None) -> bool:
    """Return whether a connected server refused a statement.

    :param error: the cause of a DatabaseUnavailable
    """
    if isinstance(error, (db_exc.DBConnectionError, db_exc.DBDeadlock)):
        return False
    error = getattr(error, 'inner_exception', None) or error
    return (isinstance(error, sa_exc.DBAPIError) and
            not error.connection_invalidated)


def _brief(error: Exception) -> str:
    """Return the driver's text in one line, without statement and URL."""
    cause = getattr(error, 'orig', None) or error
    text = ' '.join(str(cause).split())
    return f'{type(cause).__name__}: {text[:_REASON_LENGTH]}'
