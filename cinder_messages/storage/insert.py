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

"""INSERT a batch: skip the ids that exist, and set when rows expire."""

from collections.abc import Sequence
import datetime
import typing

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from cinder_messages.message import model
from cinder_messages.storage import clock
from cinder_messages.storage import fastpath
from cinder_messages.storage import models
from cinder_messages.storage import mysql_hints

_T = models.MESSAGES

# Inserts that skip the ids that exist.
_INSERT_NEW: dict[str, sa.Insert] = {
    'postgresql': postgresql.insert(_T).on_conflict_do_nothing(
        index_elements=['id']),
    'sqlite': sqlite.insert(_T).on_conflict_do_nothing(index_elements=['id']),
    # NOTE: INSERT IGNORE would cut values that are too long and ignore other
    # constraints.
    'mysql': mysql.insert(_T).on_duplicate_key_update(id=_T.c.id),
}
_INSERT_NEW['mariadb'] = _INSERT_NEW['mysql']
_FROM_NOW = clock.utc_now(sa.bindparam('ttl', type_=sa.BigInteger()))


class Inserter:
    """Insert messages whose ids do not exist yet.

    :param engine: its dialect selects the statement
    """

    def __init__(self, engine: sa.Engine) -> None:
        statement = _INSERT_NEW[engine.dialect.name]
        columns = model.Message._fields
        self._inserter = fastpath.Inserter(statement, engine, columns)
        self._expiring_inserter = fastpath.Inserter(
            statement.values(expires_at=_FROM_NOW), engine,
            [name for name in columns if name != 'expires_at'])

    def insert(self, connection: sa.Connection,
               rows: Sequence[dict[str, typing.Any]],
               ttl: int | None) -> tuple[int, tuple[str, ...]]:
        """Insert rows; return the number inserted, and the foreign ids.

        :param ttl: see :meth:`.store.MessageStore.create`
        """
        if ttl is not None:
            rows = _with_expiry(connection, rows, ttl)
        inserter = (self._expiring_inserter if 'ttl' in rows[0]
                    else self._inserter)
        stored = inserter.insert(connection, rows)
        if stored == len(rows):
            return stored, ()
        return stored, _find_foreign(connection, rows)


def _with_expiry(connection: sa.Connection,
                 rows: Sequence[dict[str, typing.Any]],
                 ttl: int) -> Sequence[dict[str, typing.Any]]:
    """Return rows that expire ``ttl`` seconds after the database's now."""
    if connection.dialect.name in mysql_hints.DIALECTS:
        # NOTE: the drivers send many rows in one statement only if all
        # values are parameters.
        now = clock.naive(connection.execute(
            sa.select(clock.utc_now())).scalar_one())
        expiry: dict[str, typing.Any] = {
            'expires_at': now + datetime.timedelta(seconds=ttl)}
    else:
        expiry = {'ttl': ttl}
    return [{**{name: value for name, value in row.items()
                if name != 'expires_at'}, **expiry} for row in rows]


def _find_foreign(connection: sa.Connection,
                  rows: Sequence[dict[str, typing.Any]]) -> tuple[str, ...]:
    """Return the ids of rows whose stored row belongs to another project."""
    owners = {found.id: found.project_id for found in connection.execute(
        sa.select(_T.c.id, _T.c.project_id).where(
            _T.c.id.in_([row['id'] for row in rows])))}
    return tuple(row['id'] for row in rows
                 if owners.get(row['id']) != row['project_id'])
