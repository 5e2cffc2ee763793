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

"""Read one page of entries, in either direction.

Equal messages are folded, so a page ends where it would get one entry too
many, and not after a number of messages.
"""

from collections.abc import Iterator
import dataclasses

from cinder_messages.client import message as client_message
from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service

OLDEST_FIRST: client_selection.Sort = (('created_at', False),)

# Messages that are read for one page, however few entries they make.
MOST_MESSAGES = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first.

    :ivar first: id of the newest message, the marker of the page before
    :ivar last: id of the oldest message, the marker of the next page
    """

    entries: tuple[client_message.Entry, ...] = ()
    first: str | None = None
    last: str | None = None
    has_previous: bool = False
    has_next: bool = False


def read_page(service: client_service.MessageService,
              selection: client_selection.Selection, size: int,
              after: str | None = None, before: str | None = None) -> Page:
    """Return a page.

    :param size: the most entries
    :param after: marker; the page has older messages than it
    :param before: marker; the page has the newer messages next to it
    """
    if before:
        selection = dataclasses.replace(selection, sort=OLDEST_FIRST)
    messages, more = _take(client_selection.select(
        service, selection, max(size, 50), before or after), size)
    if before:
        messages.reverse()
    return Page(
        entries=tuple(client_message.fold(messages)),
        first=messages[0].id if messages else None,
        last=messages[-1].id if messages else None,
        has_previous=more if before else bool(after),
        has_next=bool(before) or more)


def _take(found: Iterator[client_message.Message], size: int
          ) -> tuple[list[client_message.Message], bool]:
    """Return the messages of a page, and whether there are more."""
    messages: list[client_message.Message] = []
    known: set[tuple[str, ...]] = set()
    for message in found:
        key = client_message.fold_key(message)
        if len(messages) >= MOST_MESSAGES or (
                key not in known and len(known) >= size):
            return messages, True
        known.add(key)
        messages.append(message)
    return messages, False
