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

"""Follow new messages, each once and none left out.

A report can be stored long after the failure, so new messages are not always
those with the latest ``created_at``. Lists are therefore read in two orders:
by time of failure, and by expiry, which follows the time of storing. Each is
read down to a minute before its newest known row, because transactions that
overlap commit within that minute. Only those rows are remembered.
"""

from collections.abc import Callable, Iterator
import dataclasses
import datetime

from cinder_messages.client import message as client_message
from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service

INTERVAL = 5.0
LONGEST_INTERVAL = 60.0
OVERLAP = datetime.timedelta(seconds=60)
_PAGE_SIZE = 50

_Horizon = datetime.datetime | None


@dataclasses.dataclass(slots=True)
class _Order:
    """Tracks how far the list was read in one order.

    :ivar key: how the service names it
    :ivar field: the field of a message
    :ivar newest: the greatest value seen so far
    """

    key: str
    field: str
    newest: _Horizon = None

    def horizon(self) -> _Horizon:
        return self.newest - OVERLAP if self.newest else None

    def reaches(self, message: client_message.Message,
                horizon: _Horizon) -> bool:
        value = getattr(message, self.field)
        return horizon is None or value is None or value >= horizon


class Follower:
    """Reads what is new in a selection.

    :param service: where the messages are
    :param selection: which of them; its order and ``since`` are not used
    """

    def __init__(self, service: client_service.MessageService,
                 selection: client_selection.Selection) -> None:
        self._service = service
        self._selection = selection
        # NOTE: Cinder sorts by the column, our service by the field.
        self._orders = [
            _Order('created_at', 'created_at'),
            _Order('guaranteed_until' if service.extended else 'expires_at',
                   'expires_at')]
        self._seen: dict[str, client_message.Message] = {}

    def start(self, since: datetime.datetime | None = None
              ) -> list[client_message.Message]:
        """Begin to follow.

        :param since: None begins with what comes from now on
        :returns: the messages since then, oldest first
        """
        shown = []
        if since:
            shown = list(client_selection.select(
                self._service, dataclasses.replace(
                    self._selection, since=since,
                    sort=client_selection.NEWEST_FIRST)))
        self._seen.update((message.id, message) for message in shown)
        self._orders = [order for order in self._orders if self._begin(order)]
        missed = [message for message in self._read()
                  if since and message.created_at and
                  message.created_at >= since]
        return _oldest_first(shown + missed)

    def _begin(self, order: _Order) -> bool:
        """Return whether the service has the order, and note its newest."""
        try:
            newest = next(self._list(order, 1), None)
        except client_service.ServiceError as error:
            if error.status != 400:
                raise
            return False
        if newest is not None:
            order.newest = getattr(newest, order.field)
        return True

    def poll(self) -> list[client_message.Message]:
        """Return the messages that are new since the last call."""
        return _oldest_first(self._read())

    def _read(self) -> list[client_message.Message]:
        horizons = [order.horizon() for order in self._orders]
        new: dict[str, client_message.Message] = {}
        for order, horizon in zip(self._orders, horizons, strict=True):
            for message in self._list(order, _PAGE_SIZE):
                if not order.reaches(message, horizon):
                    break
                if message.id not in self._seen:
                    new[message.id] = message
        self._remember(new)
        return list(new.values())

    def _remember(self, new: dict[str, client_message.Message]) -> None:
        self._seen.update(new)
        for order in self._orders:
            order.newest = max(filter(None, (
                order.newest, *(getattr(message, order.field)
                                for message in new.values()))), default=None)
        horizons = [order.horizon() for order in self._orders]
        self._seen = {
            id_: message for id_, message in self._seen.items()
            if any(order.reaches(message, horizon) for order, horizon in zip(
                self._orders, horizons, strict=True))}

    def _list(self, order: _Order, size: int
              ) -> Iterator[client_message.Message]:
        return client_selection.select(
            self._service, dataclasses.replace(
                self._selection, since=None, sort=((order.key, True),)), size)


def _oldest_first(messages: list[client_message.Message]
                  ) -> list[client_message.Message]:
    return sorted(messages, key=lambda message: (
        message.get('created_at'), message.id))


def follow(follower: Follower, since: datetime.datetime | None,
           sleep: Callable[[float], object],
           warn: Callable[[str], object]
           ) -> Iterator[list[client_message.Message]]:
    """Yield batches of new messages for ever.

    An outage is reported once; the requests go on, less often.

    :param sleep: waits for a number of seconds
    :param warn: prints a line for the user
    :raises ServiceError: the service refuses the requests for good
    """
    yield follower.start(since)
    pause, away = INTERVAL, False
    while True:
        sleep(pause)
        try:
            batch = follower.poll()
        except client_service.ServiceError as error:
            if not error.transient:
                raise
            if not away:
                warn(f'{str(error).rstrip(".")}. Trying again.')
            pause, away = min(pause * 2, LONGEST_INTERVAL), True
            continue
        pause, away = INTERVAL, False
        yield batch
