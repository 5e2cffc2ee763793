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

"""The middleware around the router; ``app.py`` composes it.

It is plain WSGI: middleware made with WebOb takes ten times as long.
"""

from collections.abc import Callable
from collections.abc import Iterable
import logging
import re
import time
from typing import Any
from urllib import parse as urlparse

from oslo_context import context as oslo_context
from oslo_middleware import request_id

from cinder_messages.api import errors
from cinder_messages.api import versions
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages import log_escape

LOG = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Keys of the WSGI environment.
CONTEXT = 'cinder_messages.context'
VERSION = 'cinder_messages.microversion'
OPT_IN = 'cinder_messages.opt_in_version'

# Digits of Content-Length that are parsed.
_DIGITS = 18

# Characters of a path and of a query that are logged.
_LOGGED = 1000
# Characters of a logged query that are not quoted.
_IN_QUERY = "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"

_SLASHES = re.compile('//+')

# Headers that proxies add, in the WSGI environment.
_PROXY_HEADERS = frozenset({
    'HTTP_CF_CONNECTING_IP', 'HTTP_CLIENT_IP', 'HTTP_FASTLY_CLIENT_IP',
    'HTTP_FORWARDED', 'HTTP_TRUE_CLIENT_IP', 'HTTP_VIA', 'HTTP_X_CLIENT_IP',
    'HTTP_X_CLUSTER_CLIENT_IP', 'HTTP_X_REAL_IP'})
_PROXY_PREFIXES = ('HTTP_FORWARDED_', 'HTTP_X_FORWARDED', 'HTTP_X_ENVOY_',
                   'HTTP_X_ORIGINAL_', 'HTTP_X_REAL_')

# Methods of the API.
_METHODS = 'DELETE, GET, HEAD, OPTIONS'

# cinderclient reads the request id from this header.
_COMPATIBLE_HEADER = 'x-compute-request-id'

_REQUEST_ID = re.compile(request_id.ID_FORMAT)


def path_of(environ: Environ) -> str:
    """Return the path as text, ``/`` if it is empty.

    Repeated slashes are one, as in Cinder: clients join an endpoint that ends
    in a slash and a path that begins with one.

    :raises HTTPError: the path is not UTF-8
    """
    try:
        # NOTE: PEP 3333 carries bytes as if they were Latin-1.
        path = environ.get('PATH_INFO', '').encode('latin-1').decode()
    except UnicodeError:
        raise errors.HTTPError(
            400, i18n.Text(N_('The path is not UTF-8.'))) from None
    return _SLASHES.sub('/', path) or '/'


def is_proxied(environ: Environ) -> bool:
    """Return whether a header says that a proxy has forwarded the request."""
    return any(name in _PROXY_HEADERS or name.startswith(_PROXY_PREFIXES)
               for name in environ)


class RequestLog:
    """Log each request on one line, and add its id to the response.

    The id is generated here unless oslo.middleware's RequestId in front has
    done so, as in Cinder. All that comes from the client is escaped and cut,
    so it can neither begin another line, nor end a field, nor fill the disk.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        # NOTE: read first, because inner middleware may change them.
        method = environ.get('REQUEST_METHOD', '')
        path = environ.get('PATH_INFO', '')[:_LOGGED]
        query = environ.get('QUERY_STRING', '')[:_LOGGED]
        is_first = request_id.ENV_REQUEST_ID not in environ
        if is_first:
            _set_id(environ)
        own_id = environ[request_id.ENV_REQUEST_ID]
        seen: list[str] = []

        def start(status: str, headers: list[tuple[str, str]],
                  *args: Any) -> Any:
            seen[:] = status[:3], dict(headers).get('Content-Length', '-')
            if is_first:
                headers.append((request_id.HTTP_RESP_HEADER_REQUEST_ID,
                                own_id))
            headers.append((_COMPATIBLE_HEADER, own_id))
            return start_response(status, headers, *args)

        body = self._application(environ, start)
        context = environ.get(CONTEXT)
        version = environ.get(VERSION)
        LOG.info(
            '%s "%s %s%s" status: %s len: %s time: %.6f project: %s '
            'microversion: %s',
            log_escape.escape(own_id, spaces=False),
            log_escape.escape(method, spaces=False),
            urlparse.quote(path, encoding='latin-1', errors='replace'),
            query and '?' + urlparse.quote(
                query, _IN_QUERY, encoding='latin-1', errors='replace'),
            *seen, time.monotonic() - started,
            log_escape.escape(context.project_id, spaces=False)
            if context else '-',
            '%d.%d' % version if version else '-',
            # NOTE: without it, oslo.log prints the context of the thread's
            # previous request if this one failed before it had a context.
            extra={'context': context})
        return body


class Faults:
    """Turn errors into faults, and add the microversion to responses.

    Exceptions become faults. Below ``/v3/``, error responses of libraries
    become faults, too, and each response has the version headers.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        seen: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]],
                  *args: Any) -> None:
            seen[:] = status, headers

        try:
            body = self._application(environ, start)
            status, headers = seen
            if VERSION in environ and int(status[:3]) >= 400:
                body = errors.from_status(
                    status, headers, environ)(environ, start)
        except Exception as error:
            body = errors.from_exception(error, environ)(environ, start)
        status, headers = seen
        if VERSION in environ:
            headers.append(('Vary', versions.HEADER))
            if environ[VERSION] is not None:
                headers.append((versions.HEADER, versions.echo(
                    environ[VERSION], environ.get(OPT_IN))))
        start_response(status, headers)
        return body


class Dispatcher:
    """Send a request to a public application or into ``/v3/``.

    :param public: applications by their whole path; they require no token
    :param v3: serves everything below ``/v3/``
    :param max_body_size: bytes of a body that ``v3`` accepts, which it does
        not read; None accepts any
    """

    def __init__(self, public: dict[str, Application], v3: Application,
                 max_body_size: int | None = None) -> None:
        self._public = public
        self._v3 = v3
        self._max_body_size = max_body_size

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        path = path_of(environ)
        if environ['REQUEST_METHOD'] == 'OPTIONS':
            # NOTE: of every path and without a token, as Cinder does; load
            # balancers ask so, and browsers before a request.
            start_response('200 OK', [('Allow', _METHODS),
                                      ('Content-Length', '0')])
            return []
        application = self._public.get(path)
        if application is None:
            if not path.startswith('/v3/'):
                raise errors.HTTPError(404)
            # NOTE: the answer to a version that is refused names none.
            environ[VERSION] = None
            header = environ.get('HTTP_OPENSTACK_API_VERSION', '')
            environ[OPT_IN] = versions.parse_opt_in(header)
            environ[VERSION] = versions.parse(header)
            if (self._max_body_size is not None and
                    _length(environ) > self._max_body_size):
                raise errors.HTTPError(413)
            application = self._v3
        return application(environ, start_response)


def _set_id(environ: Environ) -> None:
    """Generate the id of a request; keep the client's id as the global one."""
    global_id = environ.get('HTTP_X_OPENSTACK_REQUEST_ID', '')
    if _REQUEST_ID.fullmatch(global_id):
        environ[request_id.GLOBAL_REQ_ID] = global_id
    environ[request_id.ENV_REQUEST_ID] = oslo_context.generate_request_id()


def _length(environ: Environ) -> int:
    """Return the Content-Length; 0 if it is missing or not a number."""
    text = environ.get('CONTENT_LENGTH') or ''
    # NOTE: the web server rejects other values, and Python's int() refuses
    # thousands of digits.
    return int(text[:_DIGITS]) if text.isdecimal() else 0
