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


"""The current time by the clock of the database, as SQL.

Expiry is set, compared and reaped by this one clock, so a writer, a reaper or
an API on a host with a wrong clock stores, lists and deletes the same rows as
any other. The time is in UTC with microseconds, whatever the time zone of the
session. SQLite has no clock of that precision and runs in the process, so it
calls back for the clock of the operating system.
"""

import datetime
import typing

import sqlalchemy as sa
from sqlalchemy.ext import compiler
from sqlalchemy.sql import functions

# Seconds between the clocks of a process and the database that are reported
# as an error.
MAX_SKEW = 60

_SQLITE_FUNCTION = 'cinder_messages_utc_now'


class utc_now(functions.GenericFunction):
    """The time when the statement began.

    :param seconds: optional bind parameter, seconds to add
    """

    type = sa.DateTime()
    inherit_cache = True


def now_statement(_shape: object) -> sa.Select:
    """Select the time of the database; a builder of ``fastpath.Reader``."""
    return sa.select(utc_now())


@compiler.compiles(utc_now, 'mysql', 'mariadb')
def _compile_mysql(element: utc_now, sql: typing.Any, **kw: object) -> str:
    seconds = sql.process(element.clauses, **kw)
    if not seconds:
        return 'UTC_TIMESTAMP(6)'
    return f'(UTC_TIMESTAMP(6) + INTERVAL {seconds} SECOND)'


@compiler.compiles(utc_now, 'postgresql')
def _compile_postgresql(element: utc_now, sql: typing.Any,
                        **kw: object) -> str:
    seconds = sql.process(element.clauses, **kw)
    # NOTE: stable, so an index on expires_at is used; clock_timestamp() is
    # volatile.
    now = "timezone('UTC', statement_timestamp())"
    if not seconds:
        return now
    return f'({now} + make_interval(secs => {seconds}))'


@compiler.compiles(utc_now, 'sqlite')
def _compile_sqlite(element: utc_now, sql: typing.Any, **kw: object) -> str:
    return f'{_SQLITE_FUNCTION}({sql.process(element.clauses, **kw)})'


def register_sqlite_function(connection: typing.Any) -> None:
    """Make :class:`utc_now` available on a connection of the driver."""
    # NOTE: SQLite calls a function "deterministic" if it may be called once a
    # statement instead of once a row.
    connection.create_function(
        _SQLITE_FUNCTION, -1, _format_now, deterministic=True)


def _format_now(seconds: float = 0) -> str:
    """Return the time in the format in which SQLAlchemy stores it."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return (now + datetime.timedelta(seconds=seconds)).isoformat(
        ' ', timespec='microseconds')


def naive(moment: datetime.datetime | str) -> datetime.datetime:
    """Return a value of :class:`utc_now`; some drivers return it as text."""
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    return moment
