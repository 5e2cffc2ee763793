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

"""What travels between a reporting service and a writer.

One exposed method, ``create_messages(messages)``, always called and never
cast: oslo.messaging acknowledges a request before it is dispatched, so the
answer is the only sign that a batch was committed.

Request
    a list of at most :data:`MAX_BATCH` objects, see :func:`to_primitive`, and
    :class:`Turn` for two more keys of an object. Keys that this version does
    not know are ignored (a newer emitter), optional ones that are missing are
    defaulted (an older one).

Answer
    ``{"stored": n, "duplicates": n, "suppressed": n, "rejected": [{"id",
    "reason"}]}``. What is suppressed was over the rate of its project and is
    only counted; what is rejected was not stored and never will be. An emitter
    forgets both. Anything else than an answer means: send the same batch
    again.

History of the contract; the minor grows with an optional argument or key, the
major with anything else, and a writer speaks the old major for one release:

1.0
    the first.
"""

from collections.abc import Mapping
import datetime
import re
import typing
import uuid

from cinder_messages import exception
from cinder_messages.message import model

EXCHANGE = 'cinder-messages'
TOPIC = 'cinder-messages'
VERSION = '1.0'

MAX_BATCH = 1000

# Characters a value may have at most; the columns are as wide.
MAX_LENGTH: Mapping[str, int] = {
    'id': 36,
    'project_id': 255,
    'event_id': 255,
    'message_level': 255,
    'resource_type': 36,
    'resource_uuid': 255,
    'request_id': 255,
    'user_id': 255,
    'created_at': 40,
}
REQUIRED = ('id', 'project_id', 'event_id', 'created_at')


_NUMBER = re.compile('[0-9]{1,9}', re.ASCII)


class Turn(typing.NamedTuple):
    """Which of the reports of a burst a report is.

    A burst is what one process reports for one project within a minute. The
    keys ``burst`` and ``nth`` travel from its second report on.

    :ivar burst: an id that no other has
    :ivar number: from 1
    """

    burst: str = ''
    number: int = 1

    def to_primitive(self) -> dict[str, str]:
        """The keys that go with the report."""
        if self.number == 1:
            return {}
        return {'burst': self.burst, 'nth': str(self.number)}

    @classmethod
    def from_primitive(cls, primitive: Mapping[str, object]) -> 'Turn':
        """What the keys of a report say; one without them is the first.

        :raises InvalidMessage: they do not have the form
        """
        burst, number = primitive.get('burst'), primitive.get('nth')
        if burst is None and number is None:
            return cls()
        if not isinstance(burst, str) or not model.is_id(burst, 36):
            raise exception.InvalidMessage(reason='burst is not an id')
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise exception.InvalidMessage(
                reason='nth is not a number of at most 9 digits')
        return cls(burst, int(number))


class Rejected(typing.TypedDict):
    """A message that will not be stored: its id, as sent, and why."""

    id: str | None
    reason: str


class Answer(typing.TypedDict):
    """What became of a batch, sent after its commit."""

    stored: int
    duplicates: int
    suppressed: int
    rejected: list[Rejected]


def to_primitive(message: model.Message) -> dict[str, str]:
    """A message as it travels: strings only, empty fields left out.

    ``action_id``, ``detail_id`` and ``expires_at`` do not travel: the writer
    derives the first two from the event and sets the last.
    """
    primitive = {
        name: value for name in MAX_LENGTH
        if name != 'created_at' and (value := getattr(message, name))}
    primitive['created_at'] = message.created_at.isoformat()
    return primitive


def from_primitive(primitive: object) -> model.Message:
    """The message that travelled, if it has the form of one.

    Only the form is checked here; whether the event is permitted is the
    catalog's to say.

    :raises InvalidMessage: with a reason that repeats nothing of what came
    """
    if not isinstance(primitive, dict):
        raise exception.InvalidMessage(reason='a message is an object')
    fields = {name: primitive[name] for name in MAX_LENGTH
              if primitive.get(name) is not None}
    for name in REQUIRED:
        if name not in fields:
            raise exception.InvalidMessage(reason=f'{name} is missing')
    for name, value in fields.items():
        if not model.is_id(value, MAX_LENGTH[name]):
            raise exception.InvalidMessage(
                reason=f'{name} is not a string of 1 to {MAX_LENGTH[name]} '
                       'visible ASCII characters')
    fields['id'] = _parse_uuid(fields['id'])
    fields['created_at'] = _parse_time(fields['created_at'])
    return model.Message(**fields)


def parse_answer(reply: typing.Any) -> Answer:
    """The answer of a writer, if it has the form of one.

    :raises ValueError: it has not, so nothing is known about the batch
    """
    try:
        return {
            'stored': int(reply['stored']),
            'duplicates': int(reply['duplicates']),
            # NOTE: the first writers did not know of it.
            'suppressed': int(reply.get('suppressed', 0)),
            'rejected': [{'id': one['id'], 'reason': str(one['reason'])}
                         for one in reply['rejected']]}
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ValueError('not an answer to create_messages') from exc


def _parse_uuid(value: str) -> str:
    try:
        canonical = str(uuid.UUID(value))
    except ValueError:
        canonical = ''
    if canonical != value:
        raise exception.InvalidMessage(
            reason='id is not a UUID in its canonical form')
    return value


def _parse_time(value: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise exception.InvalidMessage(
            reason='created_at is not an ISO 8601 time') from None
    if moment < model.EPOCH:
        raise exception.InvalidMessage(reason='created_at is before 1970')
    return moment
