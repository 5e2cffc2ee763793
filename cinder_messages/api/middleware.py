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

"""The layers of ours around the router. ``app.py`` says in which order.

They are plain WSGI: a layer made with WebOb takes ten times as long.
"""

from collections.abc import Callable
from collections.abc import Iterable
import ipaddress
import logging
import re
import time
from typing import Any
from urllib import parse as urlparse

from oslo_context import context as oslo_context
from oslo_middleware import request_id

from cinder_messages.api import errors
from cinder_messages.api import versions
from cinder_messages import context as request_context
from cinder_messages import i18n
from cinder_messages.i18n import N_

LOG = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Keys of the WSGI environment.
CONTEXT = 'cinder_messages.context'
VERSION = 'cinder_messages.microversion'
OPT_IN = 'cinder_messages.opt_in_version'

# Of a number of bytes, so many digits are read.
_DIGITS = 18

# Of a path and of a query, how much is logged; and what of a query as it is.
_LOGGED = 1000
_IN_QUERY = "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"

_REQUEST_ID = re.compile(request_id.ID_FORMAT)


def path_of(environ: Environ) -> str:
    """The path as text.

    :raises Refusal: it is not UTF-8
    """
    try:
        # NOTE: PEP 3333 carries bytes as if they were Latin-1.
        return environ.get('PATH_INFO', '').encode('latin-1').decode()
    except UnicodeError:
        raise errors.Refusal(
            400, i18n.Text(N_('The path is not UTF-8.'))) from None


class RequestLog:
    """Writes one line for each request, by the id that it gives it.

    The id is what oslo.middleware's RequestId would have given, unless that,
    or Cinder, has. Nothing that a caller sends can begin another line, end a
    field or fill the disk.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        path = environ.get('PATH_INFO', '')[:_LOGGED]
        own = ('' if request_id.ENV_REQUEST_ID in environ
               else _give_id(environ))
        seen: list[str] = []

        def start(status: str, headers: list[tuple[str, str]],
                  *args: Any) -> Any:
            seen[:] = status[:3], dict(headers).get('Content-Length', '-')
            if own:
                headers.append((request_id.HTTP_RESP_HEADER_REQUEST_ID, own))
            return start_response(status, headers, *args)

        body = self._application(environ, start)
        context = environ.get(CONTEXT)
        version = environ.get(VERSION)
        query = environ.get('QUERY_STRING', '')[:_LOGGED]
        LOG.info(
            '%s "%s %s%s" status: %s len: %s time: %.6f project: %s '
            'microversion: %s', environ[request_id.ENV_REQUEST_ID],
            environ['REQUEST_METHOD'][:_LOGGED],
            urlparse.quote(path, encoding='latin-1', errors='replace'),
            query and '?' + urlparse.quote(
                query, _IN_QUERY, encoding='latin-1', errors='replace'),
            *seen, time.monotonic() - started,
            context.project_id if context else '-',
            '%d.%d' % version if version else '-',
            # NOTE: or oslo.log would print that of the request before, which
            # the thread still holds when this one failed before it had any.
            extra={'context': context})
        return body


class Faults:
    """Sees to it that every answer is one of ours.

    Exceptions become faults, and so do, below ``/v3/``, the errors that
    libraries answered in formats of their own. There each answer says its
    microversion, too.
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


class Paths:
    """Sends a request to an open application, or into ``/v3/``.

    :param open_applications: by their whole path; they need no token
    :param v3: everything below ``/v3/``
    :param most: bytes of a body for it, which nobody there reads
    """

    def __init__(self, open_applications: dict[str, Application],
                 v3: Application, most: int | None = None) -> None:
        self._open = open_applications
        self._v3 = v3
        self._most = most

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        path = path_of(environ)
        application = self._open.get(path)
        if application is None:
            if not path.startswith('/v3/'):
                raise errors.Refusal(404)
            # NOTE: the answer to a version that is refused names none.
            environ[VERSION] = None
            header = environ.get('HTTP_OPENSTACK_API_VERSION', '')
            environ[OPT_IN] = versions.parse_opt_in(header)
            environ[VERSION] = versions.parse(header)
            if self._most is not None and _length(environ) > self._most:
                raise errors.Refusal(413)
            application = self._v3
        return application(environ, start_response)


class KeystoneContext:
    """Takes the caller from what keystonemiddleware has confirmed."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        context = request_context.RequestContext.from_confirmed(environ)
        if context is None:
            raise errors.Refusal(401)
        environ[CONTEXT] = context
        return self._application(environ, start_response)


class CinderContext:
    """Takes the caller from what Cinder's own filters have found out."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        # NOTE: no client can set this key; a header would be HTTP_something.
        known = environ.get('cinder.context')
        context = known and request_context.RequestContext.of_cinder(known)
        if context is None:
            raise errors.Refusal(401)
        environ[CONTEXT] = context
        return self._application(environ, start_response)


class NoAuth:
    """Believes ``X-Auth-Token: USER:PROJECT[:ROLE,...]``, and no other header.

    :param allow_remote: whether clients of other machines are answered
    """

    _TOKEN = re.compile(r'([^:\s]+):([^:\s]+)(?::([^:]*))?')
    _DEFAULT_ROLES = 'member,reader'

    def __init__(self, application: Application, allow_remote: bool) -> None:
        self._application = application
        self._allow_remote = allow_remote
        LOG.warning('[api] auth_strategy is noauth: every caller is whoever '
                    'they say, administrators included.')

    def __call__(self, environ: Environ,
                 start_response: StartResponse) -> Iterable[bytes]:
        if not self._allow_remote and not _is_local(
                environ.get('REMOTE_ADDR', '')):
            raise errors.Refusal(403, i18n.Text(
                N_('Without authentication only this machine is served.')))
        match = self._TOKEN.fullmatch(environ.get('HTTP_X_AUTH_TOKEN', ''))
        if match is None:
            raise errors.Refusal(401, i18n.Text(
                N_('X-Auth-Token should read USER:PROJECT or '
                   'USER:PROJECT:ROLE,... for example '
                   'demo:demo:member,reader')))
        user, project, roles = match.groups()
        environ[CONTEXT] = request_context.RequestContext(
            user_id=user, project_id=project,
            roles=[role.strip()
                   for role in (roles or self._DEFAULT_ROLES).split(',')],
            request_id=environ.get('openstack.request_id'),
            global_request_id=environ.get('openstack.global_request_id'))
        return self._application(environ, start_response)


def _give_id(environ: Environ) -> str:
    """The new id of a request; what its caller calls it is kept beside."""
    of_caller = environ.get('HTTP_X_OPENSTACK_REQUEST_ID', '')
    if _REQUEST_ID.fullmatch(of_caller):
        environ[request_id.GLOBAL_REQ_ID] = of_caller
    own = oslo_context.generate_request_id()
    environ[request_id.ENV_REQUEST_ID] = own
    return own


def _length(environ: Environ) -> int:
    """Bytes of the body, as far as the request says."""
    text = environ.get('CONTENT_LENGTH') or ''
    # NOTE: what is no number is the web server's business, and Python reads
    # none of thousands of digits.
    return int(text[:_DIGITS]) if text.isdecimal() else 0


def _is_local(address: str) -> bool:
    """Whether a peer is on this machine; a Unix socket has no address."""
    if not address:
        return True
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(ip, 'ipv4_mapped', None) or ip).is_loopback
