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


"""The fast path: statements that bypass SQLAlchemy's Connection and Row.

SQLAlchemy converts each value of each row in Python, both ways, and creates a
Connection, a transaction and a result for each statement; that is 9 to 15 % of
a list request. The drivers of MariaDB, MySQL and PostgreSQL accept and return
all types of our columns as they are. So here SQLAlchemy compiles a statement
once and manages the pool, and the values go directly to the driver. SQLite's
driver has no type for times, so its values go through SQLAlchemy.

This is the only module with raw DBAPI code.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import functools
import logging
import time
import typing

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc
from sqlalchemy import util as sa_util

from cinder_messages.storage import errors
from cinder_messages.storage import mysql_hints
from cinder_messages.storage import select

LOG = logging.getLogger(__name__)

# Compiled statements that a reader caches; clients use a few dozen shapes.
# The size of one is bounded because a query is: some kilobytes, and some tens
# of kilobytes on SQLite, where it is not only text.
MAX_STATEMENTS = 128

# Seconds within which a connection that was lost in the pool is detected.
_DETECTED_WITHIN = 1

_Values = Mapping[str, typing.Any]
_Rows = Sequence[Sequence[typing.Any]]
_Build = Callable[[select.Shape], sa.Select]


class Prepared(typing.NamedTuple):
    """A compiled statement.

    :ivar text: SQL in the parameter style of the driver
    :ivar constants: values that are part of the statement
    :ivar names: of all parameters in order, for a driver with positional
        parameters; None for one with named parameters
    """

    text: str
    constants: _Values
    names: Sequence[str] | None

    def bind(self, values: _Values) -> _Values | tuple[typing.Any, ...]:
        """Return the parameters for the driver."""
        if self.constants:
            values = {**self.constants, **values}
        if self.names is None:
            return values
        return tuple(values[name] for name in self.names)


class Reader:
    """Runs SELECT statements, and caches them compiled.

    :param engine: of ``engine.make_read_engine``, or any other
    :param monotonic: the clock
    """

    def __init__(self, engine: sa.Engine, monotonic: Callable[[], float] =
                 time.monotonic) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self.dialect = engine.dialect.name
        self._missing: frozenset[str] = frozenset()
        self.prepare = functools.lru_cache(MAX_STATEMENTS)(self._prepare)
        # NOTE: SQLAlchemy's own cache holds 750 statements; for SQLite, where
        # one is larger, that is too much memory.
        self._options: dict[str, typing.Any] = {
            'compiled_cache': sa_util.LRUCache(MAX_STATEMENTS)}

    def read(self, build: _Build, shape: select.Shape,
             values: _Values) -> _Rows:
        """Return the rows that a statement selects.

        A connection that was lost in the pool is replaced, once. An index
        that the statement names and that the site has dropped is not named
        again.

        :param build: a function of ``select``
        :raises DatabaseUnavailable: see ``errors.translate_errors``
        """
        if self._missing:
            shape = shape._replace(missing=self._missing)
        with errors.translate_errors():
            prepared = self.prepare(build, shape)
            if not isinstance(prepared, Prepared):
                with self._engine.connect() as connection:
                    return connection.execute(
                        prepared, values,
                        execution_options=self._options).all()
            parameters = prepared.bind(values)
            started = self._monotonic()
            try:
                return _run(self._engine, prepared.text, parameters)
            except sa_exc.DBAPIError as exc:
                missing = mysql_hints.missing_index(exc.orig)
                if missing and missing not in self._missing:
                    self._missing |= {missing}
                    LOG.info('The table has no index %s; lists that it would '
                             'serve are slower.', missing)
                    return self.read(build, shape, values)
                # NOTE: a connection that was lost later may be lost again, as
                # late.
                if (not exc.connection_invalidated or
                        self._monotonic() - started > _DETECTED_WITHIN):
                    raise
            return _run(self._engine, prepared.text, parameters)

    def _prepare(self, build: _Build,
                 shape: select.Shape) -> Prepared | sa.Select:
        statement = build(shape)
        if _is_typed(self._engine.dialect):
            return statement
        return _prepare(statement, self._engine.dialect)


class Inserter:
    """Runs one INSERT statement for batches of rows.

    :param statement: for the dialect of the engine
    :param columns: names of the columns that every row has
    """

    def __init__(self, statement: sa.Insert, engine: sa.Engine,
                 columns: Sequence[str]) -> None:
        self._statement = statement
        self._engine = engine
        self._columns = columns

    def insert(self, connection: sa.Connection,
               rows: Sequence[_Values]) -> int:
        """Insert the rows and return how many were new."""
        options = {'preserve_rowcount': True}
        if _is_typed(connection.dialect):
            return connection.execute(
                self._statement, rows, execution_options=options).rowcount
        return connection.exec_driver_sql(
            self._prepared.text, [self._prepared.bind(row) for row in rows],
            execution_options=options).rowcount

    @functools.cached_property
    def _prepared(self) -> Prepared:
        return _prepare(self._statement, self._engine.dialect, self._columns)


def _prepare(statement: sa.Select | sa.Insert, dialect: sa.Dialect,
             columns: Sequence[str] | None = None) -> Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    constants = {name: value for name, value in compiled.params.items()
                 if value is not None}
    return Prepared(
        str(compiled), constants,
        compiled.positiontup if compiled.positional else None)


def _is_typed(dialect: sa.Dialect) -> bool:
    return dialect.name == 'sqlite'


def _run(engine: sa.Engine, text: str,
         parameters: _Values | tuple[object, ...]) -> _Rows:
    dialect = engine.dialect
    connection = cursor = rows = None
    try:
        connection = engine.raw_connection()
        cursor = connection.cursor()
        dialect.do_execute(cursor, text, parameters)
        rows = cursor.fetchall()
        cursor.close()
        return rows
    except dialect.loaded_dbapi.Error as exc:
        is_lost = dialect.is_disconnect(exc, connection, cursor)
        if is_lost:
            # NOTE: the other connections in the pool are lost, too.
            engine.dispose()
        raise sa_exc.DBAPIError.instance(
            text, parameters, exc, dialect.loaded_dbapi.Error,
            connection_invalidated=is_lost, dialect=dialect) from exc
    finally:
        if connection is not None:
            if rows is None:
                # NOTE: it may be in the middle of an answer.
                connection.invalidate()
            else:
                connection.close()
