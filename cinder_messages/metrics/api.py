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

"""How long the API takes to answer."""

from collections.abc import Callable
from collections.abc import Iterable
import os
import re
import time
from typing import Any

from oslo_config import cfg
import prometheus_client

from cinder_messages.metrics import exporter
from cinder_messages.metrics import shared

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# By what is asked for; nothing of a caller becomes a label.
_HANDLERS = {
    'messages': re.compile(r'/v3(/[^/]+)?/messages(\.json)?'),
    'message': re.compile(r'/v3(/[^/]+)?/messages/[^/]+'),
    'versions': re.compile(r'/|/v3/?'),
    'healthcheck': re.compile(r'/healthcheck'),
}
_METHODS = {'GET', 'HEAD', 'DELETE', 'POST', 'PUT', 'PATCH', 'OPTIONS'}
_OTHER = 'other'


class ApiMetrics:
    """The metrics of the API.

    :param registry: where they are registered; None if they are shared
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry | None
                 = None) -> None:
        self._seconds = prometheus_client.Histogram(
            'cinder_messages_api_request_seconds',
            'From the first byte of a request to the first of its answer.',
            ['method', 'handler', 'status'], registry=registry,
            buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10))

    def request(self, method: str, path: str, status: str,
                seconds: float) -> None:
        """Count one that was answered."""
        self._seconds.labels(
            method if method in _METHODS else _OTHER, handler_of(path),
            status).observe(seconds)


def handler_of(path: str) -> str:
    """What a path asks for."""
    for name, pattern in _HANDLERS.items():
        if pattern.fullmatch(path):
            return name
    return _OTHER


class Measured:
    """A layer around the API that measures each request.

    A process begins to answer Prometheus when it has its first request: a
    server may have forked after the application was made, and no thread
    survives that.
    """

    def __init__(self, application: Application, metrics: ApiMetrics,
                 answering: exporter.Exporter) -> None:
        self._application = application
        self._metrics = metrics
        self._exporter = answering
        self._pid = 0

    def __call__(self, environ: dict[str, Any],
                 start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._exporter.start()
        started = time.perf_counter()
        seen: list[str] = []

        def start(status: str, *args: Any) -> Any:
            # NOTE: the last one counts: an error may come after.
            seen.append(status[:3])
            return start_response(status, *args)

        body = self._application(environ, start)
        self._metrics.request(
            environ['REQUEST_METHOD'], environ.get('PATH_INFO', ''), seen[-1],
            time.perf_counter() - started)
        return body


def make_layer(conf: cfg.ConfigOpts,
               alone: bool) -> Callable[[Application], Measured]:
    """The layer of a process with ``[metrics] api_port``.

    :param alone: whether it shares its numbers with no other process
    :raises InvalidConfiguration: the port or the directory cannot be used
    """
    registry = prometheus_client.CollectorRegistry() if alone else None
    answering = exporter.Exporter(
        registry or shared.share(conf.metrics.directory, 'api'),
        conf.metrics.address, conf.metrics.api_port)
    answering.check()
    metrics = ApiMetrics(registry)
    return lambda application: Measured(application, metrics, answering)
