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

"""The message that all layers pass along.

The database row is in ``storage/models.py``, the RPC payload in
``rpc/contract.py``, and the JSON that users read in ``api/views.py``.
"""

import datetime
import os
import re
import typing

ERROR = 'ERROR'
WARNING = 'WARNING'
INFO = 'INFO'

LEVELS = (ERROR, WARNING, INFO)

# No message is older.
EPOCH = datetime.datetime(1970, 1, 1)

# NOTE: ids are visible ASCII. It keeps sentences out of a table that must
# never hold free text, and what databases disagree about: blanks at the end,
# NUL, half a surrogate pair.
_ID = re.compile(r'[!-~]+')

_MICROSECOND = datetime.timedelta(microseconds=1)
# Version and variant of a UUID.
_VERSION_7 = 7 << 76 | 0b10 << 62


class Message(typing.NamedTuple):
    """A failure of a resource, for the project that owns it.

    Times are naive datetimes in UTC with microseconds. The fields from
    ``action_id`` on are details: a list or show without the opt-in item does
    not read them, and then they are None.

    :ivar id: UUID made by the emitter, by which a redelivered report is
        deduplicated; do not rely on its order
    :ivar project_id: the owner, the project the message is for
    :ivar event_id: what happened, an id of the catalog
    :ivar created_at: when it happened
    :ivar message_level: one of :data:`LEVELS`
    :ivar resource_type: for example ``VOLUME``
    :ivar resource_uuid: the id of the resource
    :ivar request_id: the request that failed
    :ivar expires_at: the reaper deletes the message after this time; None
        until the writer has set it
    :ivar count: number of reports that a summary represents; None for a
        message that represents one failure
    :ivar action_id: what was being done; None for a flat event
    :ivar detail_id: why it failed; None for a flat event
    :ivar user_id: the actor; stored, never shown at Cinder's versions
    :ivar global_request_id: the id that the caller of the failed request uses
        in all services, for example Nova's
    :ivar host: the host of the reporting service
    """

    id: str
    project_id: str
    event_id: str
    created_at: datetime.datetime
    message_level: str = ERROR
    resource_type: str | None = None
    resource_uuid: str | None = None
    request_id: str | None = None
    expires_at: datetime.datetime | None = None
    # NOTE: hides the method of tuple, which nothing here calls.
    count: int | None = None  # type: ignore[assignment]
    action_id: str | None = None
    detail_id: str | None = None
    user_id: str | None = None
    global_request_id: str | None = None
    host: str | None = None


# The fields that a message without details has.
BRIEF_FIELDS = Message._fields[:Message._fields.index('action_id')]


def make_id(moment: datetime.datetime) -> str:
    """Return an unguessable id for a message of that moment.

    A UUID of version 7 (RFC 9562): the millisecond, twelve bits of its
    fraction, and random bits.
    """
    # NOTE: so a database adds new rows at the end of its index of ids and
    # reaps old ones at its start. Others may have other ids: Cinder's do.
    # NOTE: a host's clock can be before 1970, and a UUID has no sign.
    milliseconds, rest = divmod(
        max(moment - EPOCH, datetime.timedelta()) // _MICROSECOND, 1000)
    number = (milliseconds << 80 | (rest << 12) // 1000 << 64 | _VERSION_7 |
              int.from_bytes(os.urandom(8), 'big') >> 2)
    text = f'{number:032x}'
    return (f'{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-'
            f'{text[20:]}')


def is_id(value: object, max_length: int = 255) -> bool:
    """Return whether ``value`` is valid in an id column."""
    return (isinstance(value, str) and len(value) <= max_length and
            _ID.fullmatch(value) is not None)
