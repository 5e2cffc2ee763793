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

"""Prometheus metrics of a writer."""

from collections.abc import Callable
from collections.abc import Iterable
import functools

from oslo_config import cfg
import prometheus_client

from cinder_messages.message import catalog
from cinder_messages.metrics import exporter

# Label of an event that the catalog does not hold.
UNKNOWN = 'unknown'
# Label of an event of an extension, which need not have a reason.
OTHER = 'other'


class WriterMetrics:
    """Implements :class:`cinder_messages.writer.metrics.Metrics`.

    :param registry: where the metrics are registered; None if they are shared
    :param export: the HTTP server of the metrics, which :meth:`stop` stops
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry | None
                 = None, export: exporter.Exporter | None = None) -> None:
        self._export = export
        self._messages = prometheus_client.Counter(
            'cinder_messages_writer_messages',
            'Messages by event and outcome: accepted (in the database) or '
            'rejected.',
            ['event_id', 'outcome'], registry=registry)
        self._reasons = prometheus_client.Counter(
            'cinder_messages_writer_reasons',
            'Accepted messages by the symbolic name of their reason.',
            ['reason'], registry=registry)
        self._duplicates = prometheus_client.Counter(
            'cinder_messages_writer_duplicates',
            'Accepted messages that were stored before: redeliveries.',
            registry=registry)
        self._foreign = prometheus_client.Counter(
            'cinder_messages_writer_foreign_ids',
            "Rejected messages with the id of another project's message.",
            registry=registry)
        self._batch = prometheus_client.Histogram(
            'cinder_messages_writer_batch_messages',
            'Messages in one call.', registry=registry,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
        self._store = prometheus_client.Histogram(
            'cinder_messages_writer_store_seconds',
            'Duration of the transaction of a batch.', registry=registry,
            buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30))
        self._failures = prometheus_client.Counter(
            'cinder_messages_writer_store_failures',
            'Batches that the database could not store; they are sent again.',
            registry=registry)
        self._reaped = prometheus_client.Counter(
            'cinder_messages_writer_reaped',
            'Expired messages that were removed.', registry=registry)
        self._clock_skew = prometheus_client.Gauge(
            'cinder_messages_writer_clock_skew_seconds',
            'Seconds that the clock of the writer is ahead of the clock of '
            'the database.', registry=registry,
            multiprocess_mode='mostrecent')

    def stop(self) -> None:
        """Stop to serve the metrics."""
        if self._export is not None:
            self._export.stop()

    def batch_received(self, count: int) -> None:
        """Count a batch."""
        self._batch.observe(count)

    def batch_stored(self, event_ids: Iterable[str], duplicates: int,
                     foreign: int, seconds: float) -> None:
        """Count a committed transaction."""
        self._store.observe(seconds)
        self._duplicates.inc(duplicates)
        self._foreign.inc(foreign)
        for event_id in event_ids:
            self._messages.labels(event_id, 'accepted').inc()
            self._reasons.labels(reason_of(event_id)).inc()

    def batch_failed(self) -> None:
        """Count a batch that the database could not store now."""
        self._failures.inc()

    def report_rejected(self, event_id: str | None) -> None:
        """Count a rejected report; None is an unknown or missing event."""
        self._messages.labels(event_id or UNKNOWN, 'rejected').inc()

    def messages_reaped(self, count: int) -> None:
        """Count expired messages that were removed."""
        self._reaped.inc(count)

    def clock_skew_measured(self, seconds: float) -> None:
        """Set the seconds that the clock of this host is ahead."""
        self._clock_skew.set(seconds)


@functools.lru_cache(maxsize=4096)
def reason_of(event_id: str) -> str:
    """Return the label of the reason of an event."""
    builtin = catalog.Catalog.builtin()
    if builtin.find(event_id) is None:
        return OTHER
    return builtin.explain(event_id).reason or OTHER


def prepare(conf: cfg.ConfigOpts,
            single_process: bool) -> Callable[[], WriterMetrics]:
    """Return a function that serves and creates the metrics of a writer.

    It is called in the worker process, after the fork.

    :param single_process: keep the metrics in memory instead of sharing them
        with other processes
    :raises InvalidConfiguration: the port or the directory cannot be used
    """
    registry, export = exporter.prepare(
        conf, 'writer', conf.metrics.writer_port, single_process)

    def start() -> WriterMetrics:
        export.start()
        return WriterMetrics(registry, export)
    return start
