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

"""The RPC contract between an emitter and a writer.

One exposed method, ``create_messages(messages)``, always called and never
cast: oslo.messaging acknowledges a request before it dispatches it, so only
the response proves that a batch was committed.

Request
    A list of at most :data:`MAX_BATCH` objects, see :func:`to_primitive`.
    Unknown keys are ignored (a newer emitter), missing optional keys have
    defaults (an older emitter). Sizes are checked before anything is parsed.

Answer
    ``{"stored": n, "duplicates": n, "rejected": [{"id", "code", "reason"}]}``.
    The numbers add up to the batch. ``code`` is one of :data:`CODES`; the
    emitter offers reports with a code in :data:`RETRYABLE` again later. An
    error, a timeout or an answer that does not add up means: send the same
    batch again.

Version history. The minor version grows with an optional key, the major
version with any other change; a writer serves the old major version for one
release. Emitters call with :data:`CALL_VERSION`, the oldest version that
serves them, so either side can be upgraded first.

1.0
    The first version. Keys ``id``, ``project_id``, ``event_id``,
    ``created_at``, ``message_level``, ``resource_type``, ``resource_uuid``,
    ``request_id`` and ``user_id``; answer ``stored``, ``duplicates`` and
    ``rejected`` with ``id`` and ``reason``. Two keys, ``burst`` and ``nth``,
    and ``suppressed`` in the answer were added later without a new version:
    the number of reports over the writer's rate limit.
1.1
    Adds the keys ``count``, ``global_request_id``, ``host`` and
    ``traceparent``, and ``code`` of a rejection. Ignores ``burst`` and
    ``nth``: the emitter limits the rate, and a writer no longer answers
    ``suppressed``.
"""

from collections.abc import Mapping
import datetime
import re
import typing

from cinder_messages import exception
from cinder_messages.message import model

EXCHANGE = 'cinder-messages'
TOPIC = 'cinder-messages'

VERSION = '1.1'
CALL_VERSION = '1.0'

MAX_BATCH = 1000
MAX_COUNT = 10 ** 9

# The event is not in the writer's catalog; a newer writer may know it.
UNKNOWN_EVENT = 'UNKNOWN_EVENT'
# A field is missing, malformed or not permitted for the event.
INVALID_REPORT = 'INVALID_REPORT'
# The batch as a whole is not a list, or has too many reports.
INVALID_BATCH = 'INVALID_BATCH'
# The id is the id of a message of another project.
FOREIGN_ID = 'FOREIGN_ID'
# The writer failed at this report alone.
WRITER_ERROR = 'WRITER_ERROR'

CODES = (UNKNOWN_EVENT, INVALID_REPORT, INVALID_BATCH, FOREIGN_ID,
         WRITER_ERROR)
RETRYABLE = frozenset({UNKNOWN_EVENT, WRITER_ERROR})

# The maximum number of characters of a value; the columns are as wide.
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
    'count': 10,
    'global_request_id': 255,
    'host': 255,
}
REQUIRED = ('id', 'project_id', 'event_id', 'created_at')

MAX_REASON = 255

_UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_COUNT = re.compile('[1-9][0-9]{0,9}', re.ASCII)
_TRACEPARENT = re.compile(
    '(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-'
    '(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}')

# An ISO 8601 time with a year of any size.
_TIME = re.compile(r'([+-]?[0-9]{1,12})-[0-9]{2}-[0-9]{2}T[0-9:.]+'
                   r'([+-][0-9:]+|Z)?', re.ASCII)


def to_primitive(message: model.Message) -> dict[str, str]:
    """Return a message as the request carries it: strings, no empty fields.

    ``action_id``, ``detail_id`` and ``expires_at`` are not sent: the writer
    derives the first two from the event and sets the last one.
    """
    primitive = {
        name: str(value) for name in MAX_LENGTH
        if name != 'created_at' and (value := getattr(message, name))}
    primitive['created_at'] = message.created_at.isoformat()
    return primitive


def from_primitive(primitive: object) -> model.Message:
    """Parse a report of a request.

    Checks the form only; the catalog decides whether the event is permitted.
    ``created_at`` of a time that datetime cannot hold is ``datetime.min``.

    :raises InvalidMessage: with a reason that repeats nothing of the report
    """
    if not isinstance(primitive, dict):
        raise exception.InvalidMessage(reason='a report must be an object')
    fields: dict[str, typing.Any] = {
        name: primitive[name] for name in MAX_LENGTH
        if primitive.get(name) is not None}
    for name in REQUIRED:
        if name not in fields:
            raise exception.InvalidMessage(reason=f'{name} is missing')
    for name, value in fields.items():
        if not model.is_id(value, MAX_LENGTH[name]):
            raise exception.InvalidMessage(
                reason=f'{name} must be a string of 1 to {MAX_LENGTH[name]} '
                       'visible ASCII characters')
    fields['id'] = _parse_uuid(fields['id'])
    fields['created_at'] = _parse_time(fields['created_at'])
    if 'count' in fields:
        fields['count'] = _parse_count(fields['count'])
    return model.Message(**fields)


def valid_id_or_none(primitive: object) -> str | None:
    """Return the id of a report as an answer may repeat it."""
    if isinstance(primitive, Mapping):
        value = primitive.get('id')
        if model.is_id(value, MAX_LENGTH['id']):
            return value
    return None


def get_traceparent(primitive: Mapping[str, object]) -> str | None:
    """Return the W3C trace context of a report; None if missing or malformed.

    It is not stored, and a malformed one does not invalidate its report.
    """
    value = primitive.get('traceparent')
    if (isinstance(value, str) and len(value) == 55 and
            _TRACEPARENT.fullmatch(value)):
        return value
    return None


def is_message_id(value: object) -> bool:
    """Return whether the value is a UUID in its canonical form."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def is_count(value: object) -> bool:
    """Return whether a message can represent this number of failures."""
    return (isinstance(value, int) and not isinstance(value, bool) and
            0 < value <= MAX_COUNT)


def _parse_uuid(value: str) -> str:
    if not is_message_id(value):
        raise exception.InvalidMessage(
            reason='id must be a UUID in its canonical form')
    return value


def _parse_count(value: str) -> int:
    if not _COUNT.fullmatch(value) or not is_count(int(value)):
        raise exception.InvalidMessage(
            reason=f'count must be a number from 1 to {MAX_COUNT}')
    return int(value)


def _parse_time(value: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        if _is_absurd_time(value):
            return datetime.datetime.min
        raise exception.InvalidMessage(
            reason='created_at must be an ISO 8601 time') from None
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(datetime.UTC).replace(tzinfo=None)
    except OverflowError:
        return datetime.datetime.min


def _is_absurd_time(value: str) -> bool:
    found = _TIME.fullmatch(value)
    return found is not None and not 1 <= int(found[1]) <= 9999
