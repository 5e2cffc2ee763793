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

"""``/healthcheck`` of oslo.middleware; mistakes are found at the start."""

from collections.abc import Iterable
from importlib import metadata

from oslo_config import cfg
from oslo_middleware import healthcheck

from cinder_messages.api import errors
from cinder_messages.api import middleware
from cinder_messages import exception

_BACKENDS = 'oslo.middleware.healthcheck'


def make_application(conf: cfg.ConfigOpts) -> middleware.Application:
    """The application, with the back ends of ``[healthcheck]``.

    :raises InvalidConfiguration: a back end that there is not, or details
        for everybody
    """
    try:
        application = healthcheck.Healthcheck(_hide, conf)
    except healthcheck.ConfigInvalid as exc:
        raise exception.InvalidConfiguration(
            reason='[healthcheck] backends: enable_by_files and '
                   'disable_by_file do not go together') from exc
    except ValueError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[healthcheck] allowed_source_ranges: {exc}') from exc
    options = conf.healthcheck
    known = metadata.entry_points(group=_BACKENDS).names
    for name in options.backends:
        if name not in known:
            raise exception.InvalidConfiguration(
                reason=f'[healthcheck] backends: {name!r} is none of '
                       f'{", ".join(sorted(known))}')
    if options.detailed and not options.allowed_source_ranges:
        raise exception.InvalidConfiguration(
            reason='[healthcheck] detailed shows the host and what its '
                   'threads do to everybody. Set allowed_source_ranges to '
                   'the networks that may ask.')
    return application


def _hide(environ: middleware.Environ,
          start_response: middleware.StartResponse) -> Iterable[bytes]:
    """What those find who may not ask."""
    raise errors.Refusal(404)
