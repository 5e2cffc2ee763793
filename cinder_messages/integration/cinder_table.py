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

"""The table in which Cinder keeps its own messages, and what a row says.

It is only read, by plain SQL and in short transactions, so that Cinder may go
on meanwhile. Nothing of Cinder's code is needed.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import datetime
import pathlib
import typing

import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.storage import engine as storage_engine
from cinder_messages.storage import errors
from cinder_messages.storage import models

_NAME = 'messages'
# NOTE: without types, so that a value which is not of its column's type
# arrives as it is, and spoils no more than its own row.
_TABLE = sa.table(_NAME, *(sa.column(name) for name in (
    'id', 'project_id', 'event_id', 'created_at', 'action_id', 'detail_id',
    'message_level', 'resource_type', 'resource_uuid', 'request_id',
    'expires_at', 'deleted')))

# The columns that are ids, and how long ours are.
_LENGTHS = {
    name: models.MESSAGES.c[name].type.length  # type: ignore[attr-defined]
    for name in ('id', 'project_id', 'event_id', 'action_id', 'detail_id',
                 'resource_type', 'resource_uuid', 'request_id')}
_REQUIRED = ('id', 'project_id', 'event_id')


class UnusableRow(ValueError):
    """A row that our table does not take; says which column is why."""


class CinderTable:
    """The table ``messages`` of a Cinder database.

    :param connection: the URL of the database
    :param option: where the URL comes from, for errors
    :raises InvalidConfiguration: the URL cannot work
    """

    def __init__(self, connection: str, option: str) -> None:
        self._option = option
        self._engine = storage_engine.make_foreign_engine(connection, option)

    def check(self) -> None:
        """Check that the database has the table.

        :raises InvalidConfiguration: it is not the database of a Cinder
        :raises DatabaseUnavailable: the server does not answer
        """
        url = self._engine.url
        if (url.get_backend_name() == 'sqlite' and
                not pathlib.Path(url.database or '').is_file()):
            # NOTE: connecting would make one.
            raise self._refusal(f'there is no file {url.database}')
        with self._errors():
            inspector = sa.inspect(self._engine)
            if not inspector.has_table(_NAME):
                raise self._refusal(
                    'it is our own' if
                    inspector.has_table(models.MESSAGES.name)
                    else f'it has no table {_NAME}')
            there = {column['name']
                     for column in inspector.get_columns(_NAME)}
        missing = [name for name in _TABLE.c.keys() if name not in there]
        if missing:
            raise self._refusal(
                f'its table {_NAME} has no {", ".join(missing)}')

    def count(self) -> int:
        """Return the number of all rows, with deleted and expired ones."""
        with self._errors(), self._engine.connect() as connection:
            return connection.execute(
                sa.select(sa.func.count()).select_from(_TABLE)).scalar_one()

    def batches(self, size: int) -> Iterator[Sequence[sa.Row]]:
        """Yield all rows in the order of their ids, a transaction a batch."""
        statement = sa.select(_TABLE).order_by(_TABLE.c.id).limit(size)
        rows = self._fetch(statement)
        while rows:
            yield rows
            rows = self._fetch(statement.where(_TABLE.c.id > rows[-1].id))

    def close(self) -> None:
        """Let go of the connection."""
        self._engine.dispose()

    def _fetch(self, statement: sa.Select) -> Sequence[sa.Row]:
        with self._errors(), self._engine.connect() as connection:
            return connection.execute(statement).all()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with errors.translate_errors():
                yield
        except exception.DatabaseUnavailable as exc:
            raise exception.DatabaseUnavailable(
                f'{self._option}: {exc}') from exc

    def _refusal(self, reason: str) -> exception.InvalidConfiguration:
        return exception.InvalidConfiguration(
            reason=f'{self._option} is not the database of a Cinder: {reason}')


def to_message(row: sa.Row, catalog: message_catalog.Catalog,
               ttl: datetime.timedelta) -> model.Message:
    """Return the message of a row; its event may be unknown here.

    :param ttl: lifetime of a message without an expiry
    :raises UnusableRow: it has a value that our table rejects
    """
    ids: dict[str, typing.Any] = {
        name: getattr(row, name) or None for name in _LENGTHS}
    if ids['event_id'] is None:
        ids['event_id'] = _compose(ids)
    for name, value in ids.items():
        if value is None and name not in _REQUIRED:
            continue
        if not model.is_id(value, _LENGTHS[name]):
            raise UnusableRow(name)
    # NOTE: a summary is made by our emitters alone. From another table its
    # number would be shown as if it had been counted.
    if ids['event_id'].removeprefix('VOLUME_') == defined_messages.SUPPRESSED:
        raise UnusableRow('event_id')
    event = catalog.find_stored(ids['event_id'])
    if event is not None:
        ids.update(action_id=event.action_id, detail_id=event.detail_id)
    level = str(row.message_level).upper()
    if level not in model.LEVELS:
        raise UnusableRow('message_level')
    created_at = _moment(row, 'created_at')
    try:
        expires_at = (created_at + ttl if row.expires_at is None
                      else _moment(row, 'expires_at'))
    except OverflowError:
        raise UnusableRow('created_at') from None
    return model.Message(**ids, message_level=level, created_at=created_at,
                         expires_at=expires_at)


def _compose(ids: dict[str, typing.Any]) -> str | None:
    """Return the event that the other columns name, if any."""
    parts = ids['resource_type'], ids['action_id'], ids['detail_id']
    return 'VOLUME_{}_{}_{}'.format(*parts) if all(parts) else None


def _moment(row: sa.Row, name: str) -> datetime.datetime:
    value = getattr(row, name)
    if isinstance(value, str):
        # NOTE: as SQLite keeps one.
        with contextlib.suppress(ValueError):
            value = datetime.datetime.fromisoformat(value)
    if (not isinstance(value, datetime.datetime) or
            value.tzinfo is not None or value < model.EPOCH):
        raise UnusableRow(name)
    return value
