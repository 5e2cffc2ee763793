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

"""``/healthcheck``: oslo.middleware's, hidden from those who may not ask.

Which back ends are checked is up to ``[healthcheck] backends``; ours are in
``health/``.
"""

from collections.abc import Iterable
from importlib import metadata
import ipaddress
from typing import Any

from oslo_config import cfg
from oslo_middleware import healthcheck
from oslo_middleware.healthcheck import opts
from webob import response

from cinder_messages.api import errors
from cinder_messages.api import middleware
from cinder_messages import exception

_BACKENDS = 'oslo.middleware.healthcheck'
_GROUP = 'healthcheck'


def make_application(conf: cfg.ConfigOpts) -> middleware.Application:
    """Return the application, with the back ends of ``[healthcheck]``.

    :raises InvalidConfiguration: a back end is unknown, or everybody would
        see details
    """
    conf.register_opts(opts.HEALTHCHECK_OPTS, _GROUP)
    if conf.healthcheck.detailed:
        # NOTE: the address of a proxy says nothing about its client.
        conf.set_default('ignore_proxied_requests', True, _GROUP)
    _check_backends(conf.healthcheck.backends)
    try:
        checks = healthcheck.Healthcheck(_hide, conf)
    except healthcheck.ConfigInvalid as exc:
        raise exception.InvalidConfiguration(
            reason='[healthcheck] backends: enable_by_files and '
                   'disable_by_file do not go together') from exc
    except ValueError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[healthcheck] allowed_source_ranges: {exc}') from exc
    options = conf.healthcheck
    if options.detailed and not options.allowed_source_ranges:
        raise exception.InvalidConfiguration(
            reason='[healthcheck] detailed shows the host and what its '
                   'threads do to everybody. Set allowed_source_ranges to '
                   'the networks that may ask.')
    return Healthcheck(checks, bool(options.allowed_source_ranges),
                       options.ignore_proxied_requests)


def _check_backends(names: Iterable[str]) -> None:
    known = metadata.entry_points(group=_BACKENDS).names
    for name in names:
        if name not in known:
            raise exception.InvalidConfiguration(
                reason=f'[healthcheck] backends: {name!r} is none of '
                       f'{", ".join(sorted(known))}')


class Healthcheck:
    """Answer health checks; a 404 hides them from other networks.

    :param checks: oslo.middleware's application
    :param is_limited: whether some networks only may ask
    :param ignores_proxied: whether requests through a proxy get a 404
    """

    def __init__(self, checks: middleware.Application, is_limited: bool,
                 ignores_proxied: bool) -> None:
        self._checks = checks
        self._is_limited = is_limited
        self._ignores_proxied = ignores_proxied

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse
                 ) -> Iterable[bytes]:
        if (self._ignores_proxied and middleware.is_proxied(environ) or
                self._is_limited and not _has_address(environ)):
            raise errors.HTTPError(404)
        seen: list[Any] = []
        body = b''.join(self._checks(
            environ, lambda *args: seen.extend(args)))
        status, headers = seen[:2]
        answer = response.Response(
            status=status, headerlist=[
                (name, value) for name, value in headers
                if name.lower() != 'content-length'])
        # NOTE: load balancers look for a body by default, and without back
        # ends there is nothing to say.
        answer.body = body or (b'OK' if answer.status_code == 200 else b'')
        return answer(environ, start_response)


def _has_address(environ: middleware.Environ) -> bool:
    try:
        ipaddress.ip_address(environ.get('REMOTE_ADDR', ''))
    except ValueError:
        return False
    return True


def _hide(environ: middleware.Environ,
          start_response: middleware.StartResponse) -> Iterable[bytes]:
    """Answer a client of a network that may not ask."""
    raise errors.HTTPError(404)
