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

"""What becomes of the messages that a writer is handed."""

from collections.abc import Iterable

from oslo_config import cfg
import prometheus_client

from cinder_messages.metrics import exporter
from cinder_messages.metrics import multiprocess

# Of an event that the catalog does not hold.
UNKNOWN = 'unknown'


class WriterMetrics:
    """The metrics of a writer; see :class:`cinder_messages.writer.observer`.

    :param registry: where they are registered; None if they are shared
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry | None
                 = None) -> None:
        self._messages = prometheus_client.Counter(
            'cinder_messages_writer_messages',
            'Messages by their event and by what became of them: accepted '
            '(they are in the database), suppressed (counted only, over the '
            'rate of their project) or rejected.',
            ['event_id', 'outcome'], registry=registry)
        self._duplicates = prometheus_client.Counter(
            'cinder_messages_writer_duplicates',
            'Accepted messages that were there already, sent twice.',
            registry=registry)
        self._batch = prometheus_client.Histogram(
            'cinder_messages_writer_batch_messages',
            'Messages in one call.', registry=registry,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
        self._store = prometheus_client.Histogram(
            'cinder_messages_writer_store_seconds',
            'From a batch to its commit.', registry=registry,
            buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30))
        self._failures = prometheus_client.Counter(
            'cinder_messages_writer_store_failures',
            'Batches that the database could not take; they come again.',
            registry=registry)
        self._reaped = prometheus_client.Counter(
            'cinder_messages_writer_reaped',
            'Expired messages that were removed.', registry=registry)

    def received(self, count: int) -> None:
        """A batch has come."""
        self._batch.observe(count)

    def stored(self, event_ids: Iterable[str], duplicates: int,
               seconds: float) -> None:
        """A transaction is committed."""
        self._store.observe(seconds)
        self._duplicates.inc(duplicates)
        self._count(event_ids, 'accepted')

    def failed(self) -> None:
        """The database could not take a transaction."""
        self._failures.inc()

    def suppressed(self, event_ids: Iterable[str]) -> None:
        """Messages are counted only."""
        self._count(event_ids, 'suppressed')

    def rejected(self, event_id: str | None) -> None:
        """A message was refused; None is an event nobody knows."""
        self._count([event_id or UNKNOWN], 'rejected')

    def reaped(self, count: int) -> None:
        """Expired messages are removed."""
        self._reaped.inc(count)

    def _count(self, event_ids: Iterable[str], outcome: str) -> None:
        for event_id in event_ids:
            self._messages.labels(event_id, outcome).inc()


class Measuring:
    """The metrics of a writer with ``[metrics] writer_port``.

    :param single_process: keep the metrics in memory instead of sharing them
    :raises InvalidConfiguration: the port or the directory cannot be used
    """

    def __init__(self, conf: cfg.ConfigOpts, single_process: bool) -> None:
        self._registry = (
            prometheus_client.CollectorRegistry() if single_process else None)
        self._exporter = exporter.Exporter(
            self._registry or multiprocess.setup(
                conf.metrics.directory, 'writer'),
            conf.metrics.address, conf.metrics.writer_port)
        self._exporter.check()

    def start(self) -> WriterMetrics:
        """Make them, and answer Prometheus: in a worker, after the fork."""
        self._exporter.start()
        return WriterMetrics(self._registry)

    def stop(self) -> None:
        """Answer no more."""
        self._exporter.stop()
