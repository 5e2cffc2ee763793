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

The body is Cinder's: ``{"itemNotFound": {"code": 404, "message": "..."}}``,
the message in the language that the request asks for. What a 5xx says never
depends on its cause, which is in the log under the request id.
"""

from collections.abc import Mapping
import http
import json
import logging
from typing import Any

from webob import response

from cinder_messages.api import language
from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages import log_escape

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
    401: N_('The request you have made requires authentication.'),
    404: N_('The resource could not be found.'),
    405: N_('The method is not allowed here.'),
    413: N_('The request is too large.'),
    500: N_('The server has either erred or is incapable of performing the '
            'requested operation.'),
    503: N_('The service is temporarily unavailable. Please try again later.'),
}

_STATUS = (
    (exception.MessageNotFound, 404),
    (exception.MarkerNotFound, 404),
    (exception.InvalidParameter, 400),
    # NOTE: here it is of a filter, with a value that no row could hold.
    (exception.InvalidMessage, 400),
    (exception.NotAuthorized, 403),
)


class HTTPError(Exception):
    """A request that is refused before a layer below could say why.

    Not one of WebOb's exceptions: the first layer of a library on the way
    out would render those in a format of its own.

    :param text: for the caller; left out, a general one for the status
    :param headers: more headers of the answer
    """

    def __init__(self, code: int, text: i18n.Text | None = None,
                 headers: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.text = text
        self.headers = headers
        super().__init__(text)


def from_exception(error: Exception,
                   environ: Mapping[str, Any]) -> response.Response:
    """Return the response for an exception, and log a 5xx."""
    request_id = log_escape.escape(
        environ.get('openstack.request_id'), spaces=False)
    if isinstance(error, HTTPError):
        return _fault(environ, error.code, error.text, error.headers)
    for kind, code in _STATUS:
        if isinstance(error, kind):
            return _fault(environ, code, error.text)
    if isinstance(error, (exception.DatabaseUnavailable,
                          exception.PolicyUnavailable)):
        LOG.error('%s: %s', request_id, log_escape.escape(error, 1000))
        return _fault(environ, 503)
    LOG.error('%s: unexpected error', request_id, exc_info=error)
    return _fault(environ, 500)


def from_status(status: str, headers: list[tuple[str, str]],
                environ: Mapping[str, Any]) -> response.Response:
    """Return our format of an error response that a library made.

    It keeps the headers, except those about the body.
    """
    return _fault(environ, int(status[:3]), headers={
        name: value for name, value in headers
        if not name.lower().startswith('content-')})


def fault_body(code: int, message: str | None = None) -> bytes:
    """Return the body of a fault, for a server that refuses a request itself.

    :param message: None is a general one for the status, in English
    """
    message = message or _TEXTS.get(code) or http.HTTPStatus(code).phrase
    return json.dumps({_NAMES.get(code, _OTHER_NAME): {
        'code': code, 'message': message}}).encode()


def _fault(environ: Mapping[str, Any], code: int,
           text: i18n.Text | None = None,
           headers: Mapping[str, str] | None = None) -> response.Response:
    if text is None:
        text = i18n.Text(_TEXTS.get(code) or http.HTTPStatus(code).phrase)
    tag = language.negotiate(environ.get('HTTP_ACCEPT_LANGUAGE', ''))
    answer = response.Response(
        status=code, content_type='application/json',
        body=fault_body(code, text.translate(language.LOCALES[tag])))
    answer.headers['Content-Language'] = tag
    answer.headers['Vary'] = 'Accept-Language'
    if code == 503:
        answer.headers['Retry-After'] = RETRY_AFTER
    answer.headers.update(headers or {})
    return answer
