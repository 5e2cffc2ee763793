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

"""The answer of a writer to a batch; see :mod:`.contract`."""

import collections
from collections.abc import Mapping
from collections.abc import Sequence
import re
import typing

from cinder_messages.message import model
from cinder_messages.rpc import contract

_CODE = re.compile('[A-Z][A-Z_]{0,31}', re.ASCII)

# The reason that a writer of version 1.0 gives for an unknown event.
_UNKNOWN_EVENT_1_0 = re.compile('Event .+ is not permitted')


class Rejected(typing.TypedDict):
    """A report that was not stored: its id as sent, a code and the reason."""

    id: str | None
    code: str
    reason: str


class Answer(typing.TypedDict):
    """The outcome of a batch, sent after the commit."""

    stored: int
    duplicates: int
    rejected: list[Rejected]


class ParsedAnswer(Answer):
    """An answer as the emitter sees it.

    ``suppressed`` is not 0 for a writer of version 1.0 with a rate limit.
    """

    suppressed: int


def parse_answer(reply: typing.Any,
                 batch: Sequence[Mapping[str, str]] | None = None
                 ) -> ParsedAnswer:
    """Parse the answer of a writer, of this version or an older one.

    :param reply: the response
    :param batch: the reports that were sent; the answer must account for
        each of them. None checks the form only.
    :raises ValueError: the answer is malformed or does not add up, so the
        state of the batch is unknown and it must be sent again
    """
    if not isinstance(reply, dict):
        raise ValueError('the answer of the writer is not an object')
    rejected = reply.get('rejected')
    if not isinstance(rejected, list) or len(rejected) > contract.MAX_BATCH:
        raise ValueError('rejected, of the answer, is not a list of at most '
                         f'{contract.MAX_BATCH}')
    answer: ParsedAnswer = {
        'stored': _parse_number(reply, 'stored'),
        'duplicates': _parse_number(reply, 'duplicates'),
        'suppressed': _parse_number(reply, 'suppressed', 0),
        'rejected': [_parse_rejected(entry) for entry in rejected]}
    if batch is not None:
        _check_answer_accounts_for(batch, answer)
    return answer


def _check_answer_accounts_for(
        batch: Sequence[Mapping[str, str]], answer: ParsedAnswer) -> None:
    total = (answer['stored'] + answer['duplicates'] + answer['suppressed'] +
             len(answer['rejected']))
    if total != len(batch):
        raise ValueError(f'the answer accounts for {total} reports of '
                         f'{len(batch)}')
    # NOTE: a writer answers None for an id that is malformed.
    sent = collections.Counter(map(contract.valid_id_or_none, batch))
    rejected = collections.Counter(
        entry['id'] for entry in answer['rejected'])
    if not rejected <= sent:
        raise ValueError('the answer rejects reports that were not sent')


def _parse_number(reply: Mapping[str, object], name: str,
                  default: int | None = None) -> int:
    value = reply.get(name, default)
    if (not isinstance(value, int) or isinstance(value, bool) or
            not 0 <= value <= contract.MAX_BATCH):
        raise ValueError(f'{name}, of the answer, is not a number from 0 to '
                         f'{contract.MAX_BATCH}')
    return value


def _parse_rejected(entry: object) -> Rejected:
    if not isinstance(entry, dict):
        raise ValueError('a rejection is not an object')
    message_id, reason = entry.get('id'), entry.get('reason')
    if message_id is not None and not model.is_id(
            message_id, contract.MAX_LENGTH['id']):
        raise ValueError('the id of a rejection is malformed')
    if not isinstance(reason, str):
        raise ValueError('the reason of a rejection is not a string')
    reason = reason[:contract.MAX_REASON]
    code = entry.get('code')
    if code is None:
        code = (contract.UNKNOWN_EVENT if _UNKNOWN_EVENT_1_0.match(reason)
                else contract.INVALID_REPORT)
    elif not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError('the code of a rejection is malformed')
    return {'id': message_id, 'code': code, 'reason': reason}
