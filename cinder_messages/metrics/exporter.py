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

"""Serve metrics to Prometheus from a thread.

All processes of a service listen on the same port (``SO_REUSEPORT``), and
each serves the sums over all of them: no process is a master, and no further
process is needed.
"""

import logging
import socket
import socketserver
import threading
from wsgiref import simple_server

from oslo_config import cfg
import prometheus_client
from prometheus_client import exposition

from cinder_messages import exception
from cinder_messages.metrics import multiprocess

LOG = logging.getLogger(__name__)


class _Server(exposition.ThreadingWSGIServer):
    allow_reuse_port = True

    def server_bind(self) -> None:
        """Bind without the reverse DNS lookup of the base class."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because Prometheus scrapes every few seconds."""


class Exporter:
    """Serve a registry over HTTP at an address and a port.

    :param registry: the metrics to serve
    :param address: IPv4 or IPv6 address to listen on
    :param port: port to listen on, which other processes may share
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry,
                 address: str, port: int) -> None:
        self._application = exposition.make_wsgi_app(registry)
        self._address = address
        self._port = port
        self._server: simple_server.WSGIServer | None = None

    def check(self) -> None:
        """Check that the port can be opened.

        :raises InvalidConfiguration: another service uses it, or the address
            is not of this host
        """
        try:
            self._bind().server_close()
        except OSError as exc:
            raise exception.InvalidConfiguration(
                reason=f'[metrics] {self._address}:{self._port} cannot be '
                       f'opened: {exc.strerror}. Choose a port that no other '
                       'service uses.') from exc

    def start(self) -> None:
        """Serve in a daemon thread; an error is logged and not raised."""
        try:
            self._server = self._bind()
        except OSError as exc:
            LOG.error('Metrics are not served at %s:%d: %s', self._address,
                      self._port, exc)
            return
        threading.Thread(target=self._server.serve_forever, name='metrics',
                         daemon=True).start()

    def stop(self) -> None:
        """Stop serving and close the port; may be called twice."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _bind(self) -> simple_server.WSGIServer:
        return simple_server.make_server(
            self._address, self._port, self._application,
            _Server6 if ':' in self._address else _Server, _Handler)


def prepare(conf: cfg.ConfigOpts, service: str, port: int,
            single_process: bool
            ) -> tuple[prometheus_client.CollectorRegistry | None, Exporter]:
    """Return the registry of a service's metrics, and their exporter.

    :param service: ``api`` or ``writer``, part of the names of shared files
    :param single_process: keep the metrics in memory instead of sharing them
        with other processes; the registry is None if they are shared
    :raises InvalidConfiguration: the port or the directory cannot be used
    """
    registry = (
        prometheus_client.CollectorRegistry() if single_process else None)
    exporter = Exporter(
        registry or multiprocess.setup(conf.metrics.directory, service),
        conf.metrics.address, port)
    exporter.check()
    return registry, exporter
