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

"""The URL of a message bus, looked at before anything depends on it."""

import importlib
from importlib import metadata

from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages import exception

_DRIVERS = 'oslo.messaging.drivers'

# What a driver imports no earlier than it connects.
_IMPORTED_LATE = {'rabbit': 'kombu.transport.pyamqp'}


def check_url(conf: cfg.ConfigOpts, url: str | None, option: str) -> None:
    """Fail at start, and not at the first call, if a URL cannot work.

    Registers oslo.messaging's ``transport_url``, too, and imports the driver
    whole. Connects to nothing.

    :param url: None is the ``transport_url`` of ``conf``
    :param option: where it stands, for the error
    :raises InvalidConfiguration: it has not the form of one, or no driver;
        the text repeats neither, for there is a password in it
    """
    try:
        driver = messaging.TransportURL.parse(conf, url).transport
    except (messaging.InvalidTransportURL, ValueError) as exc:
        raise exception.InvalidConfiguration(
            reason=f'{option} is not an oslo.messaging URL such as '
                   'rabbit://USER:PASSWORD@HOST:5672/VHOST') from exc
    known = metadata.entry_points(group=_DRIVERS)
    if driver not in known.names:
        raise exception.InvalidConfiguration(
            reason=f'{option} names the driver {driver!r}, but there are '
                   f'{", ".join(sorted(known.names))}')
    # NOTE: a service that forks while another thread imports a module leaves
    # its child with half of it, for good.
    known[driver].load()
    if driver in _IMPORTED_LATE:
        importlib.import_module(_IMPORTED_LATE[driver])
