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

"""Checks the transport URL before anything depends on it."""

import importlib
from importlib import metadata
import socket

from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages import exception

_DRIVERS = 'oslo.messaging.drivers'

# Modules that a driver imports no earlier than it connects.
_IMPORTED_LATE = {'rabbit': 'kombu.transport.pyamqp'}

_DEFAULT_PORTS = {'rabbit': 5672, 'kombu': 5672, 'kafka': 9092}


def check_url(conf: cfg.ConfigOpts, url: str | None, option: str) -> None:
    """Fail at start, and not at the first call, if a URL is invalid.

    Also registers ``transport_url`` and imports the driver completely. It
    does not connect.

    :param url: None is the ``transport_url`` of ``conf``
    :param option: the option that holds the URL, for the error
    :raises InvalidConfiguration: the URL is malformed, or its driver is
        missing; the text does not repeat the URL, which holds a password
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
            reason=f'{option} names the driver {driver!r}, which is not one '
                   f'of {", ".join(sorted(known.names))}')
    # NOTE: a child that is forked while another thread imports a module has
    # that module half imported for ever.
    known[driver].load()
    if driver in _IMPORTED_LATE:
        importlib.import_module(_IMPORTED_LATE[driver])


def probe(conf: cfg.ConfigOpts, timeout: float) -> dict[str, str]:
    """Try to open a TCP connection to each host of ``transport_url``.

    :param timeout: seconds per host
    :returns: the error by ``host:port``, empty for a host that accepts; no
        entry at all for a driver without hosts
    """
    url = messaging.TransportURL.parse(conf)
    port = _DEFAULT_PORTS.get(url.transport.partition('+')[0])
    if port is None:
        return {}
    hosts = [(host.hostname or 'localhost', host.port or port)
             for host in url.hosts] or [('localhost', port)]
    return {f'{host}:{port}': _connect(host, port, timeout)
            for host, port in hosts}


def _connect(host: str, port: int, timeout: float) -> str:
    try:
        with socket.create_connection((host, port), timeout):
            return ''
    except OSError as exc:
        return exc.strerror or str(exc)
