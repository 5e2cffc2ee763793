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

"""From what went wrong to the answer; the one place that knows both.

The body is Cinder's: ``{"itemNotFound": {"code": 404, "message": "..."}}``.
What a 5xx says never depends on its cause, which is in the log under the
request id.
"""

from collections.abc import Mapping
import http
import json
import logging
from typing import Any

from webob import response

from cinder_messages import exception

LOG = logging.getLogger(__name__)

# Seconds a client should wait before it tries again while we, the database
# or Keystone are away.
RETRY_AFTER = '10'

_NAMES = {
    400: 'badRequest',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'itemNotFound',
    405: 'badMethod',
    406: 'notAcceptable',
    413: 'overLimit',
    503: 'serviceUnavailable',
}

# NOTE: Cinder inherited the name from its elder sister; clients know it.
_OTHER_NAME = 'computeFault'

_TEXTS = {
    401: 'The request you have made requires authentication.',
    404: 'The resource could not be found.',
    405: 'The method is not allowed here.',
    413: 'The request is too large.',
    500: 'The server has either erred or is incapable of performing the '
         'requested operation.',
    503: 'The service is temporarily unavailable. Please try again later.',
}

_STATUS = (
    (exception.MessageNotFound, 404),
    (exception.MarkerNotFound, 404),
    (exception.InvalidParameter, 400),
    # NOTE: here it is of a filter, with a value that no row could hold.
    (exception.InvalidMessage, 400),
    (exception.NotAuthorized, 403),
)


class Refusal(Exception):
    """A request that is refused before a layer below could say why.

    Not one of WebOb's exceptions: the first layer of a library on the way
    out would render those in a format of its own.

    :param headers: more headers of the answer
    """

    def __init__(self, code: int, text: str | None = None,
                 headers: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.text = text
        self.headers = headers
        super().__init__(text)


def fault(code: int, text: str | None = None,
          headers: Mapping[str, str] | None = None) -> response.Response:
    """An answer with the one error body.

    :param text: for the caller; left out, a general one for the status
    :param headers: more headers of the answer
    """
    if text is None:
        text = _TEXTS.get(code) or http.HTTPStatus(code).phrase
    body = {_NAMES.get(code, _OTHER_NAME): {'code': code, 'message': text}}
    answer = response.Response(
        status=code, body=json.dumps(body).encode(),
        content_type='application/json')
    if code == 503:
        answer.headers['Retry-After'] = RETRY_AFTER
    answer.headers.update(headers or {})
    return answer


def from_exception(error: Exception,
                   environ: Mapping[str, Any]) -> response.Response:
    """The answer to a request that ended in an exception; logs a 5xx."""
    request_id = environ.get('openstack.request_id')
    if isinstance(error, Refusal):
        return fault(error.code, error.text, error.headers)
    for kind, code in _STATUS:
        if isinstance(error, kind):
            return fault(code, str(error))
    if isinstance(error, exception.DatabaseUnavailable):
        LOG.error('%s: %s', request_id, error)
        return fault(503)
    LOG.error('%s: unexpected error', request_id, exc_info=error)
    return fault(500)


def from_status(status: str,
                headers: list[tuple[str, str]]) -> response.Response:
    """The answer in place of an error that a library made in its own format.

    Its headers are kept but for those that tell of its body.
    """
    answer = fault(int(status[:3]))
    for name, value in headers:
        if not name.lower().startswith('content-'):
            answer.headers[name] = value
    return answer
