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

"""A report as it is kept in a journal and travels to a writer.

It is an object of strings whose empty fields are left out; the contract, see
:mod:`cinder_messages.rpc.contract`, has their names and lengths.
"""

import json.encoder

from cinder_messages.message import model

# What the writer derives from the event, or sets, does not travel.
_DERIVED = ('action_id', 'detail_id', 'expires_at')

# Fields that are strings, with the part of the object that precedes the value.
_FIELDS = tuple(
    (number, f', "{name}": ')
    for number, name in enumerate(model.Message._fields)
    if name not in (*_DERIVED, 'id', 'created_at', 'count'))

_quote = json.encoder.encode_basestring_ascii


def encode(message: model.Message, traceparent: str | None = None) -> str:
    """Return a report as JSON of printable ASCII characters.

    NOTE: json.dumps() takes ten times as long, and create() waits for it.

    :param traceparent: a valid trace context of the failed request
    """
    body = (f'{{"id": {_quote(message.id)}, '
            f'"created_at": "{message.created_at.isoformat()}"')
    for number, key in _FIELDS:
        value = message[number]
        if value:
            body += key + _quote(value)  # type: ignore[arg-type]
    count = message[_COUNT]
    if count is not None:
        body += f', "count": "{count}"'
    if traceparent:
        body += f', "traceparent": "{traceparent}"'
    return body + '}'


_COUNT = model.Message._fields.index('count')
