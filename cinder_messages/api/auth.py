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

"""Identify the caller: three ways to make the context of a request.

:mod:`.app` chooses by ``[api] auth_strategy``, or Cinder's in a Cinder.
"""

from collections.abc import Iterable
import ipaddress
import logging
import re

from cinder_messages.api import errors
from cinder_messages.api import middleware
from cinder_messages import context as request_context
from cinder_messages import i18n
from cinder_messages.i18n import N_

LOG = logging.getLogger(__name__)


class KeystoneContext:
    """Make the context from the headers that keystonemiddleware has set."""

    def __init__(self, application: middleware.Application) -> None:
        self._application = application

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse) -> Iterable[bytes]:
        context = request_context.RequestContext.from_confirmed(environ)
        if context is None:
            raise errors.HTTPError(401)
        environ[middleware.CONTEXT] = context
        return self._application(environ, start_response)


class CinderContext:
    """Make the context from the one that Cinder's own filters have made."""

    def __init__(self, application: middleware.Application) -> None:
        self._application = application

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse) -> Iterable[bytes]:
        # NOTE: no client can set this key; a header would be HTTP_something.
        known = environ.get('cinder.context')
        context = known and request_context.RequestContext.of_cinder(known)
        if context is None:
            raise errors.HTTPError(401)
        environ[middleware.CONTEXT] = context
        return self._application(environ, start_response)


class NoAuth:
    """Trust ``X-Auth-Token: USER:PROJECT[:ROLE,...]``, and no other header.

    :param allow_remote: serve clients on other machines, too
    """

    _TOKEN = re.compile(r'([^:\s\0-\x1f\x7f]+):([^:\s\0-\x1f\x7f]+)'
                        r'(?::([^:\0-\x1f\x7f]*))?')
    _DEFAULT_ROLES = 'member,reader'

    def __init__(self, application: middleware.Application,
                 allow_remote: bool) -> None:
        self._application = application
        self._allow_remote = allow_remote
        LOG.warning('[api] auth_strategy is noauth: every caller can claim '
                    'to be any user, also an administrator.')

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse) -> Iterable[bytes]:
        if not self._allow_remote and not _is_local(environ):
            raise errors.HTTPError(403, i18n.Text(
                N_('Without authentication only this machine is served.')))
        match = self._TOKEN.fullmatch(environ.get('HTTP_X_AUTH_TOKEN', ''))
        if match is None:
            raise errors.HTTPError(401, i18n.Text(
                N_('X-Auth-Token should read USER:PROJECT or '
                   'USER:PROJECT:ROLE,... for example '
                   'demo:demo:member,reader')))
        user, project, roles = match.groups()
        environ[middleware.CONTEXT] = request_context.RequestContext(
            user_id=user, project_id=project,
            roles=[role.strip()
                   for role in (roles or self._DEFAULT_ROLES).split(',')],
            request_id=environ.get('openstack.request_id'),
            global_request_id=environ.get('openstack.global_request_id'))
        return self._application(environ, start_response)


def _is_local(environ: middleware.Environ) -> bool:
    """Return whether a request comes from this machine, not through a proxy.

    A peer without an address, on a Unix socket, may be a proxy: not local.
    """
    if middleware.is_proxied(environ):
        return False
    try:
        ip = ipaddress.ip_address(environ.get('REMOTE_ADDR', ''))
    except ValueError:
        return False
    return (getattr(ip, 'ipv4_mapped', None) or ip).is_loopback
