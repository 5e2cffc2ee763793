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


"""The store of messages: one method is one transaction.

The store checks no rights: the caller passes the project, and None (all
projects) only where policy allows it. To a reader, a message that was deleted
or has expired does not exist.
"""

from collections.abc import Sequence
import typing

from oslo_db import api as db_api
from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.message import model
from cinder_messages.storage import clock
from cinder_messages.storage import errors
from cinder_messages.storage import fastpath
from cinder_messages.storage import insert
from cinder_messages.storage import models
from cinder_messages.storage import query as storage_query
from cinder_messages.storage import schema
from cinder_messages.storage import select

_T = models.MESSAGES

_DELETE = sa.update(_T).where(select.HAS_ID, *select.VISIBLE).values(
    deleted=True, deleted_at=clock.utc_now(), updated_at=clock.utc_now())
_EXPIRED = _T.c.expires_at <= clock.utc_now()

# Deletes the oldest expired rows, in the form that was measured to be fast on
# each database and to keep nobody waiting. On PostgreSQL, locking the rows
# first, so that several reapers share them, costs a third; now the second
# reaper waits for the first and finds no rows.
_DELETE_EXPIRED = {
    'postgresql': '''
        DELETE FROM user_messages WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM user_messages WHERE expires_at <= {now}
            ORDER BY expires_at LIMIT :limit))''',
    'sqlite': '''
        DELETE FROM user_messages WHERE rowid IN (
            SELECT rowid FROM user_messages WHERE expires_at <= {now}
            ORDER BY expires_at LIMIT :limit)''',
    'mysql': '''
        DELETE FROM user_messages WHERE expires_at <= {now}
        ORDER BY expires_at LIMIT :limit''',
}
_DELETE_EXPIRED['mariadb'] = _DELETE_EXPIRED['mysql']

_retry_on_deadlock = db_api.wrap_db_retry(
    retry_interval=0.1, max_retries=5, retry_on_deadlock=True)


class Stored(typing.NamedTuple):
    """The result of storing a batch.

    :ivar stored: number of messages that were new
    :ivar duplicates: number of messages whose id existed
    :ivar foreign: ids among the duplicates whose row belongs to another
        project
    """

    stored: int
    duplicates: int
    foreign: tuple[str, ...] = ()


class Page(typing.NamedTuple):
    """A page of a list, and whether more pages follow."""

    messages: Sequence[model.Message]
    has_more: bool


class MessageStore:
    """Creates, lists, shows and deletes messages.

    Every method raises DatabaseUnavailable when the database cannot carry it
    out now; the same call may succeed later. For example::

        store = MessageStore(engine.make_engine(conf))
        store.create(messages, ttl=3600)
        page = store.list(query.Query(limit=50), project_id)

    :param engine: for writes, see :func:`.engine.make_engine`
    :param read_engine: for reads, see :func:`.engine.make_read_engine`; None
        reads with ``engine``
    """

    def __init__(self, engine: sa.Engine,
                 read_engine: sa.Engine | None = None) -> None:
        self._engine = engine
        self._reader = fastpath.Reader(read_engine or engine)
        self._inserter = insert.Inserter(engine)

    def create(self, messages: Sequence[model.Message],
               ttl: int | None = None) -> Stored:
        """Store the messages whose ids do not exist yet, all or none.

        An existing row is never changed, also if it was deleted meanwhile.

        :param ttl: seconds from now, by the clock of the database, for which
            the messages are guaranteed; None takes their own ``expires_at``
        :raises DatabaseUnavailable: nothing was stored; if the table does not
            fit, the reason names the difference
        """
        if not messages:
            return Stored(0, 0)
        # NOTE: two writers that insert the same ids in different orders would
        # deadlock.
        ordered = sorted(messages, key=lambda message: message.id)
        rows = [message._asdict() for message in ordered]
        try:
            with errors.translate_errors():
                stored, foreign = self._insert(rows, ttl)
        except exception.DatabaseUnavailable as exc:
            differences = (self._explain() if errors.is_refused(exc.__cause__)
                           else '')
            if not differences:
                raise
            raise exception.DatabaseUnavailable(
                reason=f"{exc.kwargs['reason']}; {differences}"
            ) from exc.__cause__
        return Stored(stored, len(rows) - stored, foreign)

    def get(self, message_id: str, project_id: storage_query.ProjectId,
            has_details: bool = True) -> model.Message:
        """Return a message.

        :param has_details: whether to read the details, see ``model.Message``
        :raises MessageNotFound: no such message in the project
        """
        message = self._find(
            select.get_statement, project_id, message_id, has_details)
        if message is None:
            raise exception.MessageNotFound(message_id=message_id)
        return message

    def list(self, query: storage_query.Query,
             project_id: storage_query.ProjectId,
             has_details: bool = True) -> Page:
        """Return a page of messages.

        :param has_details: whether to read the details, see ``model.Message``
        :raises MarkerNotFound: the marker was never a message of the project
        """
        marker = None
        if query.marker is not None:
            marker = self._find(
                select.marker_statement, project_id, query.marker)
            if marker is None:
                raise exception.MarkerNotFound(marker=query.marker)
        if query.limit == 0:
            return Page((), False)
        shape = select.page_shape(
            query, project_id is not None, marker, self._reader.dialect,
            has_details)
        values = select.page_values(query, shape, marker)
        values['project'] = project_id
        rows = self._reader.read(select.page_statement, shape, values)
        return Page([model.Message(*row) for row in rows[:query.limit]],
                    len(rows) > query.limit)

    def count(self, query: storage_query.Query,
              project_id: storage_query.ProjectId) -> int:
        """Return the number of messages on all pages."""
        shape = select.count_shape(
            query, project_id is not None, self._reader.dialect)
        values = select.filter_values(query, shape.dialect)
        values['project'] = project_id
        return self._reader.read(select.count_statement, shape, values)[0][0]

    def delete(self, message_id: str,
               project_id: storage_query.ProjectId) -> None:
        """Hide a message from readers; the row stays until it expires.

        :raises MessageNotFound: no such message in the project
        """
        statement, values = _DELETE, {'message_id': _without_nul(message_id)}
        if project_id is not None:
            statement = statement.where(select.IN_PROJECT)
            values['project'] = project_id
        with errors.translate_errors():
            deleted = self._execute(statement, values)
        if not deleted:
            raise exception.MessageNotFound(message_id=message_id)

    def count_expired(self) -> int:
        """Return the number of messages that the reaper may delete."""
        with errors.translate_errors(), self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(
                _T).where(_EXPIRED)).scalar_one()

    def delete_expired(self, limit: int) -> int:
        """Delete expired messages in one short transaction.

        :param limit: number of messages at most
        :returns: the number of messages deleted
        """
        now = str(clock.utc_now().compile(dialect=self._engine.dialect))
        text = _DELETE_EXPIRED[self._engine.dialect.name].format(now=now)
        with errors.translate_errors():
            return self._execute(sa.text(text), {'limit': limit})

    def schema_differences(self) -> str:
        """Return a sentence on how the table differs from what we need.

        :returns: an empty string if it does not
        """
        found = schema.differences(self._engine)
        return schema.describe(found) if found else ''

    def clock_skew(self) -> float:
        """Return the seconds that the clock of this process is ahead.

        Negative if it is behind the clock of the database, and 0 if the
        difference is within the time of the measurement.
        """
        before = timeutils.utcnow()
        now = clock.naive(self._reader.read(
            clock.now_statement, select.Shape(self._reader.dialect, False),
            {})[0][0])
        after = timeutils.utcnow()
        if before > now:
            return (before - now).total_seconds()
        return min((after - now).total_seconds(), 0.0)

    @_retry_on_deadlock
    def _execute(self, statement: sa.Executable,
                 values: dict[str, typing.Any]) -> int:
        with self._engine.begin() as connection:
            return connection.execute(statement, values).rowcount

    @_retry_on_deadlock
    def _insert(self, rows: Sequence[dict[str, typing.Any]], ttl: int | None
                ) -> tuple[int, tuple[str, ...]]:
        with self._engine.begin() as connection:
            return self._inserter.insert(connection, rows, ttl)

    def _find(self, build: typing.Callable[[select.Shape], sa.Select],
              project_id: storage_query.ProjectId, message_id: str,
              has_details: bool = True) -> model.Message | None:
        rows = self._reader.read(
            build, select.Shape(self._reader.dialect, project_id is not None,
                                has_details=has_details),
            {'message_id': _without_nul(message_id), 'project': project_id})
        return model.Message(*rows[0]) if rows else None

    def _explain(self) -> str:
        """Return how the table differs from what we need, if that is known."""
        try:
            return self.schema_differences()
        except exception.DatabaseUnavailable:
            return ''


def _without_nul(message_id: str) -> str:
    # NOTE: PostgreSQL refuses a NUL, and no message has an empty id.
    return '' if '\0' in message_id else message_id
