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

"""Metrics of the API: the duration of each request."""

from collections.abc import Callable
from collections.abc import Iterable
import os
import re
import time
from typing import Any

from oslo_config import cfg
import prometheus_client

from cinder_messages.metrics import exporter

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Labels are these names only: nothing that a client sends becomes a label.
_HANDLERS = {
    'messages': re.compile(r'/v3(/[^/]+)?/messages(\.json)?'),
    'message': re.compile(r'/v3(/[^/]+)?/messages/[^/]+'),
    'versions': re.compile(r'/|/v3/?'),
    'healthcheck': re.compile(r'/healthcheck'),
}
_METHODS = {'GET', 'HEAD', 'DELETE', 'POST', 'PUT', 'PATCH', 'OPTIONS'}
_OTHER = 'other'


class ApiMetrics:
    """Register and update the API's metrics.

    :param registry: registers the metrics; None shares them between processes
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry | None
                 = None) -> None:
        self._seconds = prometheus_client.Histogram(
            'cinder_messages_api_request_seconds',
            'Seconds from the start of a request to its response.',
            ['method', 'handler', 'status'], registry=registry,
            buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10))

    def request(self, method: str, path: str, status: str,
                seconds: float) -> None:
        """Observe a request that was answered."""
        self._seconds.labels(
            method if method in _METHODS else _OTHER, handler_of(path),
            status).observe(seconds)


def handler_of(path: str) -> str:
    """Return the label of a path: a handler's name, or ``other``."""
    for name, pattern in _HANDLERS.items():
        if pattern.fullmatch(path):
            return name
    return _OTHER


class MetricsMiddleware:
    """Measure each request of the wrapped application.

    A process starts its exporter at its first request, because a WSGI server
    may fork after it has loaded the application, and threads do not survive a
    fork.
    """

    def __init__(self, application: Application, metrics: ApiMetrics,
                 metrics_exporter: exporter.Exporter) -> None:
        self._application = application
        self._metrics = metrics
        self._exporter = metrics_exporter
        self._pid = 0

    def __call__(self, environ: dict[str, Any],
                 start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._exporter.start()
        started = time.perf_counter()
        seen: list[str] = []

        def start(status: str, *args: Any) -> Any:
            # An error after the first call replaces its status.
            seen.append(status[:3])
            return start_response(status, *args)

        body = self._application(environ, start)
        self._metrics.request(
            environ['REQUEST_METHOD'], environ.get('PATH_INFO', ''), seen[-1],
            time.perf_counter() - started)
        return body


def make_middleware(
        conf: cfg.ConfigOpts, single_process: bool
        ) -> Callable[[Application], MetricsMiddleware]:
    """Return a factory of the middleware for ``[metrics] api_port``.

    :param single_process: keep the metrics in memory instead of sharing them
        with other processes
    :raises InvalidConfiguration: the port or the directory cannot be used
    """
    registry, metrics_exporter = exporter.prepare(
        conf, 'api', conf.metrics.api_port, single_process)
    metrics = ApiMetrics(registry)
    return lambda application: MetricsMiddleware(
        application, metrics, metrics_exporter)
