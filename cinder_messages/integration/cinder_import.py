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

"""Cinder's own messages, copied into our table.

A run may be stopped at any moment, and repeated as often as one likes: an id
that is there is passed over, also when its owner has deleted it since. Such a
row stays until it expires, and what has expired is not imported.
"""

from collections.abc import Callable
from collections.abc import Sequence
import contextlib
import dataclasses
import datetime

from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model
from cinder_messages.storage import errors
from cinder_messages.storage import models
from cinder_messages.storage import store as storage_store
from cinder_messages.writer import endpoint

_T = models.MESSAGES

# How many names of a kind are kept, and how many characters of each.
MAX_NAMES = 20
MAX_NAME_LENGTH = 80


class Tally:
    """Counts what has a name, and keeps the first few names.

    :ivar total: of all
    :ivar names: how often each of the first names was counted
    """

    def __init__(self) -> None:
        self.total = 0
        self.names: dict[str, int] = {}

    def add(self, name: str) -> None:
        """Count one more."""
        self.total += 1
        name = name[:MAX_NAME_LENGTH]
        if name in self.names or len(self.names) < MAX_NAMES:
            self.names[name] = self.names.get(name, 0) + 1

    def __str__(self) -> str:
        names = [f'{name} ({count})' if count > 1 else name
                 for name, count in self.names.items()]
        more = self.total - sum(self.names.values())
        return ', '.join([*names, f'and {more} more'] if more else names)


@dataclasses.dataclass(slots=True)
class Counts:
    """Numbers of rows of Cinder's table, by result.

    :ivar read: all rows
    :ivar imported: rows that were not in our table
    :ivar known: rows that were in our table, deleted there or not
    :ivar deleted: rows that are deleted in Cinder and were not imported; if
        an earlier run had imported them, they are deleted in our table, too
    :ivar expired: rows that have expired and were not imported
    :ivar refused: rows with a value that our table rejects, by id and column
    :ivar unknown_events: imported or known rows of each unknown event; users
        read an unknown error
    """

    read: int = 0
    imported: int = 0
    known: int = 0
    deleted: int = 0
    expired: int = 0
    refused: Tally = dataclasses.field(default_factory=Tally)
    unknown_events: Tally = dataclasses.field(default_factory=Tally)


class Importer:
    """Copies what is not there yet.

    :param source: Cinder's table
    :param engine: of our database
    :param catalog: says which events are known
    :param ttl: seconds that a message without expiry lives
    :param dry_run: count, and change nothing
    """

    def __init__(
            self, source: cinder_table.CinderTable,
            engine: sa.Engine,
            catalog: message_catalog.Catalog, ttl: int, *,
            dry_run: bool = False) -> None:
        self._source = source
        self._engine = engine
        self._store = storage_store.MessageStore(engine)
        self._catalog = catalog
        self._ttl = datetime.timedelta(seconds=ttl)
        self._dry_run = dry_run

    def run(self, batch_size: int,
            progress: Callable[[Counts], None] | None = None) -> Counts:
        """Go through the whole table once.

        :param batch_size: rows read, and stored, in one transaction
        :param progress: called after each with the counts so far
        :raises DatabaseUnavailable: one of the two; run again later
        """
        counts = Counts()
        for rows in self._source.batches(batch_size):
            counts.read += len(rows)
            self._import(rows, counts)
            if progress is not None:
                progress(counts)
        return counts

    def _import(self, rows: Sequence[sa.Row], counts: Counts) -> None:
        here = self._find([row.id for row in rows])
        alive = []
        for row in rows:
            if row.deleted:
                counts.deleted += 1
                if here.get(row.id) is False:
                    self._delete(row.id)
            else:
                alive.append(row)
        new = []
        for message in self._usable(alive, counts):
            if message.id in here:
                counts.known += 1
            else:
                new.append(message)
        stored = (storage_store.Stored(len(new), 0) if self._dry_run
                  else self._store.create(new))
        counts.imported += stored.stored
        # NOTE: another import has been quicker.
        counts.known += stored.duplicates

    def _usable(self, rows: Sequence[sa.Row],
                counts: Counts) -> Sequence[model.Message]:
        """Return the messages of the rows that can be imported."""
        usable = []
        now = timeutils.utcnow()
        for row in rows:
            try:
                message = cinder_table.to_message(
                    row, self._catalog, self._ttl)
            except cinder_table.UnusableRow as exc:
                counts.refused.add(f'{ascii(row.id)} for its {exc}')
                continue
            message = message._replace(
                created_at=endpoint.clamp_time(message.created_at, now))
            if row.expires_at is None:
                # NOTE: Cinder keeps such a row for ever. It is guaranteed as
                # long as a message that is stored now.
                message = message._replace(expires_at=now + self._ttl)
            if message.expires_at is None or message.expires_at <= now:
                counts.expired += 1
                continue
            if self._catalog.find_stored(message.event_id) is None:
                counts.unknown_events.add(message.event_id)
            usable.append(message)
        return usable

    def _find(self, ids: Sequence[object]) -> dict[str, bool]:
        """Return the ids that our table has, and whether they are deleted."""
        statement = sa.select(_T.c.id, _T.c.deleted).where(
            _T.c.id.in_([one for one in ids if model.is_id(one)]))
        with (errors.translate_errors(),
              self._engine.connect() as connection):
            return {row.id: row.deleted
                    for row in connection.execute(statement)}

    def _delete(self, message_id: str) -> None:
        if not self._dry_run:
            # NOTE: it may have expired.
            with contextlib.suppress(exception.MessageNotFound):
                self._store.delete(message_id, None)
