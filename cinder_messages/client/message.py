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

"""A message as a client shows it, and equal messages folded into one entry.

A service with the opt-in item ``user-messages 1.0`` answers action, reason,
remedy and retry as fields. Of any other Cinder only ``user_message`` is known,
which is split into what failed and why.
"""

import collections
from collections.abc import Iterable, Mapping
import dataclasses
import datetime
import re
import typing

from cinder_messages.client import moments
from cinder_messages.client import terminal

# Event ids of an action and a detail, such as VOLUME_VOLUME_001_003.
_PAIR = re.compile(r'VOLUME_[A-Z_]+_(?P<action>[0-9]+)_(?P<detail>[0-9]+)')

RETRY_WORDS = {
    'now': 'yes, at once',
    'later': 'yes, later',
    'after_change': 'only after a change of the request, the quota or the '
                    'resource',
    'never': 'no',
}


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """A message of the API, in the words of a client.

    :ivar body: the fields that the service sent, safe for a terminal
    :ivar created_at: None if the service sent no valid time
    :ivar what: the operation that failed; empty if it is not known
    :ivar why: the reason, without the remedy if the service separates them
    :ivar retry: a key of :data:`RETRY_WORDS`, or empty
    :ivar count: how many reports the message stands for
    """

    body: Mapping[str, typing.Any]
    created_at: datetime.datetime | None
    expires_at: datetime.datetime | None
    what: str
    why: str
    remedy: str
    retry: str
    count: int

    def get(self, name: str) -> str:
        """Return a field of the body, or an empty string."""
        value = self.body.get(name)
        return '' if value is None else str(value)

    @property
    def id(self) -> str:
        """Return the id of the message."""
        return self.get('id')

    @property
    def try_again(self) -> str:
        """Return whether a retry can succeed, in words; empty if unknown."""
        return RETRY_WORDS.get(self.retry, self.retry)

    @property
    def action_id(self) -> str:
        """Return the action of an event id of a pair, or an empty string."""
        found = _PAIR.fullmatch(self.get('event_id'))
        return found['action'] if found else ''

    @property
    def detail_id(self) -> str:
        """Return the detail of an event id of a pair, or an empty string."""
        found = _PAIR.fullmatch(self.get('event_id'))
        return found['detail'] if found else ''


def parse(body: Mapping[str, typing.Any]) -> Message:
    """Return the message in an answer of the API."""
    safe = terminal.escape(dict(body))
    what, why = _split_text(safe)
    return Message(
        body=safe, created_at=_parse_time(safe.get('created_at')),
        expires_at=_parse_time(safe.get('guaranteed_until')),
        what=what, why=why, remedy=safe.get('remedy') or '',
        retry=safe.get('retry') or '', count=_parse_count(safe.get('count')))


def _split_text(body: Mapping[str, typing.Any]) -> tuple[str, str]:
    if body.get('detail'):
        return body.get('action_text') or '', body['detail']
    text = str(body.get('user_message') or '')
    if _PAIR.fullmatch(str(body.get('event_id'))) and ':' in text:
        what, _, why = text.partition(':')
        return what.strip(), why.strip()
    return '', text


def _parse_time(text: typing.Any) -> datetime.datetime | None:
    try:
        return moments.parse_time(text)
    except (TypeError, ValueError):
        return None


def _parse_count(value: typing.Any) -> int:
    try:
        return max(int(value), 1)
    except (TypeError, ValueError):
        return 1


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """Equal messages: one failure that happened once or several times.

    :ivar newest: the newest of them
    :ivar first_at: when the oldest of them was reported
    :ivar count: how many reports they stand for
    :ivar ids: the ids of all of them, newest first
    """

    newest: Message
    first_at: datetime.datetime | None
    count: int
    ids: tuple[str, ...]


def fold_key(message: Message) -> tuple[str, ...]:
    """Return what is equal in messages that are folded into one entry."""
    return tuple(message.get(name) for name in (
        'project_id', 'resource_type', 'resource_uuid', 'event_id',
        'message_level', 'user_message', 'host'))


def fold(messages: Iterable[Message]) -> list[Entry]:
    """Fold messages with equal resource, event, level and text.

    :param messages: newest first
    :returns: entries, ordered by their newest message
    """
    groups: dict[tuple[str, ...], list[Message]] = (
        collections.defaultdict(list))
    for message in messages:
        groups[fold_key(message)].append(message)
    return [Entry(newest=group[0], first_at=group[-1].created_at,
                  count=sum(each.count for each in group),
                  ids=tuple(each.id for each in group))
            for group in groups.values()]


def failures_first(entries: Iterable[Entry]) -> list[Entry]:
    """Move the newest failure in front of newer warnings and information."""
    ordered = list(entries)
    for index, entry in enumerate(ordered):
        if entry.newest.get('message_level') == 'ERROR':
            ordered.insert(0, ordered.pop(index))
            break
    return ordered
