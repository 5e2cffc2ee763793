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

"""Statements that go to the driver as they are.

For each value of each row SQLAlchemy looks what the driver takes, and gives.
The drivers of the servers take and give all of ours as they are; so SQLAlchemy
says a statement in the words of the driver, once, and looks after connections
and errors, and the values pass it by. With SQLite, whose driver knows no
times, they do not.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import functools
import time
import typing

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from cinder_messages.storage import engine as storage_engine

# Statements that are remembered, for each driver.
_MAX_STATEMENTS = 512

# Seconds in which a connection that was lost in the pool is found to be.
_LOST_BEFORE = 1

_Values = Mapping[str, typing.Any]


class Prepared(typing.NamedTuple):
    """A statement in the words of a driver.

    :ivar own: values that are part of the statement
    :ivar names: of all values in their order, for a driver that takes them so
    """

    text: str
    own: _Values
    names: Sequence[str] | None

    def fill(self, values: _Values) -> _Values | tuple[typing.Any, ...]:
        """What the driver takes beside the text."""
        if self.own:
            values = {**self.own, **values}
        if self.names is None:
            return values
        return tuple(values[name] for name in self.names)


@functools.lru_cache(maxsize=_MAX_STATEMENTS)
def prepare(statement: sa.Select | sa.Insert, dialect: sa.Dialect,
            columns: tuple[str, ...] | None = None) -> Prepared:
    """A statement in the words of a driver, made once.

    :param columns: of an insert, those that it has values for
    """
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    own = {name: value for name, value in compiled.params.items()
           if value is not None}
    return Prepared(
        str(compiled), own,
        compiled.positiontup if compiled.positional else None)


def read(engine: sa.Engine, statement: sa.Select,
         values: _Values) -> Sequence[Sequence[typing.Any]]:
    """The rows that a statement finds.

    A connection that was lost while it lay in the pool is replaced, once.

    :raises DatabaseUnavailable: as :func:`.engine.own_errors`
    """
    if _is_typed(engine.dialect):
        with storage_engine.own_errors(), engine.connect() as connection:
            return connection.execute(statement, values).all()
    prepared = prepare(statement, engine.dialect)
    filled = prepared.fill(values)
    started = time.monotonic()
    with storage_engine.own_errors():
        try:
            return _run(engine, prepared.text, filled)
        except sa_exc.DBAPIError as exc:
            # NOTE: one that was lost later may be lost again, as late.
            if (not exc.connection_invalidated or
                    time.monotonic() - started > _LOST_BEFORE):
                raise
        return _run(engine, prepared.text, filled)


def insert(connection: sa.Connection, statement: sa.Insert,
           rows: Sequence[_Values]) -> int:
    """Carry out a statement for rows of the same columns.

    :returns: how many it put in
    """
    options = {'preserve_rowcount': True}
    if _is_typed(connection.dialect):
        return connection.execute(
            statement, rows, execution_options=options).rowcount
    prepared = prepare(statement, connection.dialect, tuple(rows[0]))
    return connection.exec_driver_sql(
        prepared.text, [prepared.fill(row) for row in rows],
        execution_options=options).rowcount


def _is_typed(dialect: sa.Dialect) -> bool:
    return dialect.name == 'sqlite'


def _run(engine: sa.Engine, text: str, values: _Values | tuple[object, ...]
         ) -> Sequence[Sequence[typing.Any]]:
    dialect = engine.dialect
    connection = cursor = rows = None
    try:
        connection = engine.raw_connection()
        cursor = connection.cursor()
        dialect.do_execute(cursor, text, values)
        rows = cursor.fetchall()
        cursor.close()
        return rows
    except dialect.loaded_dbapi.Error as exc:
        is_lost = dialect.is_disconnect(exc, connection, cursor)
        if is_lost:
            # NOTE: so are the others that lie in the pool.
            engine.dispose()
        raise sa_exc.DBAPIError.instance(
            text, values, exc, dialect.loaded_dbapi.Error,
            connection_invalidated=is_lost, dialect=dialect) from exc
    finally:
        if connection is not None:
            if rows is None:
                # NOTE: it may be in the middle of an answer.
                connection.invalidate()
            else:
                connection.close()
