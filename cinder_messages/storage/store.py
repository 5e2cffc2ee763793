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
import operator
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
from cinder_messages.storage import engine
from cinder_messages.storage import models
from cinder_messages.storage import query as storage_query

_T = models.MESSAGES
_S = typing.TypeVar('_S')
_COLUMNS = (
    _T.c.id, _T.c.project_id, _T.c.event_id, _T.c.created_at, _T.c.action_id,
    _T.c.detail_id, _T.c.message_level, _T.c.resource_type,
    _T.c.resource_uuid, _T.c.request_id, _T.c.user_id, _T.c.expires_at)
_NAMES = tuple(column.name for column in _COLUMNS)
_VALUES = operator.attrgetter(*_NAMES)

# NOTE: made once, for all projects and for one: to put a statement together
# takes longer than to run it.
_HAS_ID = _T.c.id == sa.bindparam('wanted')
_IN_PROJECT = _T.c.project_id == sa.bindparam('owner')
_VISIBLE = (_T.c.deleted == sa.false(), _T.c.expires_at > sa.bindparam('now'))
_LIST = (sa.select(*_COLUMNS).where(*_VISIBLE),
         sa.select(*_COLUMNS).where(*_VISIBLE, _IN_PROJECT))
_GET = tuple(statement.where(_HAS_ID) for statement in _LIST)
_COUNT = tuple(statement.with_only_columns(sa.func.count())
               for statement in _LIST)
_MARKER = (sa.select(*_COLUMNS).where(_HAS_ID),
           sa.select(*_COLUMNS).where(_HAS_ID, _IN_PROJECT))
_DELETE = tuple(sa.update(_T).where(_HAS_ID, *_VISIBLE, *own).values(
    deleted=True, deleted_at=sa.bindparam('now'),
    updated_at=sa.bindparam('now')) for own in ((), (_IN_PROJECT,)))

# Removes a number of expired rows, the oldest first, by the form that each
# database was measured to be fast with and to make nobody wait.
_DELETE_EXPIRED = {
    'postgresql': '''
        DELETE FROM user_messages WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM user_messages WHERE expires_at <= :now
            ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED))''',
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
        rows = [_to_row(message) for message in messages]
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
        rows = engine.read(self._reading or self._engine(),
                           *_asked(_GET, project_id, message_id))
        if not rows:
            raise exception.MessageNotFound(message_id=message_id)
        return _to_message(rows[0])

    def list(self, query: storage_query.Query,
             project_id: str | None) -> Page:
        """A page of messages.

        :raises MarkerNotFound: the marker was never a message of the project
        """
        reading = self._reading or self._engine()
        dialect = reading.dialect.name
        sort = storage_query.complete(query.sort, query.filters)
        statement, values = _asked(_LIST, project_id)
        statement = statement.where(
            *storage_query.conditions(query.filters, dialect))
        if query.marker is not None:
            marker = self._marker(reading, query.marker, project_id)
            statement = statement.where(storage_query.behind(
                sort, marker, project_id, dialect))
        if query.limit == 0:
            return Page((), False)
        statement = storage_query.choose_index(
            statement, query, project_id, dialect).order_by(
            *storage_query.order_by(sort, dialect)).limit(query.limit + 1)
        if query.offset:
            statement = statement.offset(query.offset)
        rows = engine.read(reading, statement, values)
        return Page([_to_message(row) for row in rows[:query.limit]],
                    len(rows) > query.limit)

    def count(self, query: storage_query.Query,
              project_id: str | None) -> int:
        """How many messages match, on all pages together."""
        reading = self._reading or self._engine()
        statement, values = _asked(_COUNT, project_id)
        statement = statement.where(*storage_query.conditions(
            query.filters, reading.dialect.name))
        return engine.read(reading, statement, values)[0][0]

    def delete(self, message_id: str, project_id: str | None) -> None:
        """Delete for those who read; the row stays until it expires.

        :raises MessageNotFound: no such message in the project
        """
        with engine.own_errors():
            deleted = self._execute(
                *_asked(_DELETE, project_id, message_id))
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
                    {**_to_row(summary), 'detail_id': str(count)}, count))

    @_retry_on_deadlock
    def _insert(self, rows: Sequence[dict[str, typing.Any]]) -> int:
        with self._engine().begin() as connection:
            statement = _insert_new(connection.dialect.name)
            return connection.execute(
                statement, rows,
                execution_options={'preserve_rowcount': True}).rowcount

    def _marker(self, reading: sa.Engine, message_id: str,
                project_id: str | None) -> sa.Row:
        # NOTE: deleted or expired, it still says where the page begins.
        rows = engine.read(
            reading, *_asked(_MARKER, project_id, message_id))
        if not rows:
            raise exception.MarkerNotFound(marker=message_id)
        return rows[0]


def _asked(statements: tuple[_S, ...], project_id: str | None,
           message_id: str = '') -> tuple[_S, dict[str, typing.Any]]:
    """The statement of two for what is asked, and its values."""
    # NOTE: PostgreSQL would refuse a NUL, and no message has no id.
    return statements[project_id is not None], {
        'now': timeutils.utcnow(), 'owner': project_id,
        'wanted': '' if '\0' in message_id else message_id}


def _insert_new(dialect: str) -> sa.Insert:
    """An insert that passes over the ids that are there."""
    if dialect == 'postgresql':
        return postgresql.insert(_T).on_conflict_do_nothing(
            index_elements=['id'])
    if dialect == 'sqlite':
        return sqlite.insert(_T).on_conflict_do_nothing(index_elements=['id'])
    # NOTE: IGNORE would also cut what is too long; the writer has checked.
    return mysql.insert(_T).prefix_with('IGNORE')


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


def _to_row(message: model.Message) -> dict[str, typing.Any]:
    return dict(zip(_NAMES, _VALUES(message)))


def _to_message(row: sa.Row) -> model.Message:
    (message_id, project_id, event_id, created_at, action_id, detail_id,
     message_level, resource_type, resource_uuid, request_id, user_id,
     expires_at) = row
    return model.Message(
        id=message_id, project_id=project_id, event_id=event_id,
        created_at=created_at, action_id=action_id, detail_id=detail_id,
        message_level=message_level, resource_type=resource_type,
        resource_uuid=resource_uuid, request_id=request_id, user_id=user_id,
        expires_at=expires_at)
