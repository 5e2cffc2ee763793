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

"""Messages in the database.

It never guesses rights: whoever reads or deletes passes the project, and None,
all projects, only where policy has allowed it. A message that was deleted or
has expired is as good as gone.
"""

from collections.abc import Sequence
import typing

from oslo_db import api as db_api
from oslo_db.sqlalchemy import enginefacade
from oslo_utils import timeutils
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from cinder_messages import exception
from cinder_messages.message import model
from cinder_messages.storage import direct
from cinder_messages.storage import engine
from cinder_messages.storage import models
from cinder_messages.storage import query as storage_query
from cinder_messages.storage import statements

_T = models.MESSAGES

# Removes a number of expired rows, the oldest first, by the form that each
# database was measured to be fast with and to make nobody wait. On PostgreSQL
# to lock them first, so that several reapers share them, costs a third; now
# the second waits for the transaction of the first, and finds them gone.
_DELETE_EXPIRED = {
    'postgresql': '''
        DELETE FROM user_messages WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM user_messages WHERE expires_at <= :now
            ORDER BY expires_at LIMIT :limit))''',
    'sqlite': '''
        DELETE FROM user_messages WHERE rowid IN (
            SELECT rowid FROM user_messages WHERE expires_at <= :now
            ORDER BY expires_at LIMIT :limit)''',
    'mysql': '''
        DELETE FROM user_messages WHERE expires_at <= :now
        ORDER BY expires_at LIMIT :limit''',
}
_DELETE_EXPIRED['mariadb'] = _DELETE_EXPIRED['mysql']

_retry_on_deadlock = db_api.wrap_db_retry(
    retry_interval=0.1, max_retries=5, retry_on_deadlock=True)


class Stored(typing.NamedTuple):
    """How many messages were new, and how many there already."""

    stored: int
    duplicates: int


class Page(typing.NamedTuple):
    """A part of a list, and whether there is more behind it."""

    messages: Sequence[model.Message]
    has_more: bool


class MessageStore:
    """Creates, lists, shows and deletes messages.

    Each method is a transaction of its own and raises DatabaseUnavailable
    when the database cannot carry it out now.

    :param facade: of oslo.db, see :func:`.engine.make_facade`
    :param reading: see :func:`.engine.make_reading_engine`
    """

    def __init__(self, facade: enginefacade._TransactionContextManager,
                 reading: sa.Engine | None = None) -> None:
        self._facade = facade
        self._reading = reading

    def create(self, messages: Sequence[model.Message]) -> Stored:
        """Store what is not there yet, even if it was deleted meanwhile.

        :raises InvalidMessage: the database takes one of them never; then
            none is stored
        """
        if not messages:
            return Stored(0, 0)
        rows = [message._asdict() for message in messages]
        with engine.own_errors():
            stored = self._insert(rows)
        return Stored(stored, len(rows) - stored)

    def raise_summaries(
            self, counts: Sequence[tuple[model.Message, int]]) -> None:
        """Have the number in ``detail_id`` of each be at least the one given.

        All or none; a message that is not there yet is stored.
        """
        with engine.own_errors():
            # NOTE: in one order, so that two writers do not wait for each
            # other.
            self._raise(sorted(counts, key=lambda pair: pair[0].id))

    def get(self, message_id: str, project_id: str | None) -> model.Message:
        """One message.

        :raises MessageNotFound: no such message in the project
        """
        message = self._find(statements.GET, project_id, message_id)
        if message is None:
            raise exception.MessageNotFound(message_id=message_id)
        return message

    def list(self, query: storage_query.Query,
             project_id: str | None) -> Page:
        """A page of messages.

        :raises MarkerNotFound: the marker was never a message of the project
        """
        marker = None
        if query.marker is not None:
            marker = self._find(statements.MARKER, project_id, query.marker)
            if marker is None:
                raise exception.MarkerNotFound(marker=query.marker)
        if query.limit == 0:
            return Page((), False)
        reading = self._reading or self._engine()
        rows = direct.read(reading, *statements.ask_page(
            query, project_id, marker, reading.dialect.name))
        return Page([model.Message._make(row) for row in rows[:query.limit]],
                    len(rows) > query.limit)

    def count(self, query: storage_query.Query,
              project_id: str | None) -> int:
        """How many messages match, on all pages together."""
        reading = self._reading or self._engine()
        return direct.read(reading, *statements.ask_count(
            query, project_id, reading.dialect.name))[0][0]

    def delete(self, message_id: str, project_id: str | None) -> None:
        """Delete for those who read; the row stays until it expires.

        :raises MessageNotFound: no such message in the project
        """
        with engine.own_errors():
            deleted = self._execute(*statements.ask(
                statements.DELETE, project_id, message_id))
        if not deleted:
            raise exception.MessageNotFound(message_id=message_id)

    def count_expired(self) -> int:
        """How many messages the reaper may remove."""
        with engine.own_errors(), self._engine().connect() as connection:
            return connection.execute(
                sa.select(sa.func.count()).select_from(_T).where(
                    _T.c.expires_at <= timeutils.utcnow())).scalar_one()

    def delete_expired(self, limit: int) -> int:
        """Remove expired messages, deleted ones too.

        :param limit: how many at most, in one short transaction
        :returns: how many it were
        """
        with engine.own_errors():
            text = _DELETE_EXPIRED[self._engine().dialect.name]
            return self._execute(sa.text(text).bindparams(
                sa.bindparam('now', timeutils.utcnow(), sa.DateTime()),
                limit=limit))

    def _engine(self) -> sa.Engine:
        return self._facade.writer.get_engine()

    @_retry_on_deadlock
    def _execute(self, statement: sa.Executable,
                 values: dict[str, typing.Any] | None = None) -> int:
        with self._engine().begin() as connection:
            return connection.execute(statement, values).rowcount

    @_retry_on_deadlock
    def _raise(self, counts: Sequence[tuple[model.Message, int]]) -> None:
        with self._engine().begin() as connection:
            for summary, count in counts:
                connection.execute(_insert_or_raise(
                    connection.dialect.name,
                    summary._replace(detail_id=str(count))._asdict(), count))

    @_retry_on_deadlock
    def _insert(self, rows: Sequence[dict[str, typing.Any]]) -> int:
        with self._engine().begin() as connection:
            return direct.insert(
                connection, statements.INSERT_NEW[connection.dialect.name],
                rows)

    def _find(self, asked: tuple[sa.Select, ...], project_id: str | None,
              message_id: str) -> model.Message | None:
        rows = direct.read(self._reading or self._engine(), *statements.ask(
            asked, project_id, message_id))
        return model.Message._make(rows[0]) if rows else None


def _insert_or_raise(dialect: str, row: dict[str, typing.Any],
                     count: int) -> sa.Insert:
    """An insert that raises the number of a row that is there."""
    number = sa.case(
        (sa.cast(_T.c.detail_id, sa.Integer) < count, str(count)),
        else_=_T.c.detail_id)
    if dialect in ('mysql', 'mariadb'):
        return mysql.insert(_T).values(row).on_duplicate_key_update(
            detail_id=number)
    insert = postgresql.insert if dialect == 'postgresql' else sqlite.insert
    return insert(_T).values(row).on_conflict_do_update(
        index_elements=['id'], set_={'detail_id': number})
