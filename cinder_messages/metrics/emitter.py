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

"""Metrics of a reporting service, for its own Prometheus registry.

Use it in a service that already exposes metrics::

    from cinder_messages.metrics import emitter
    import prometheus_client

    prometheus_client.REGISTRY.register(emitter.EmitterCollector())

It counts the reports of its own process; a service that forks registers one
in each child.
"""

from collections.abc import Iterator

from oslo_config import cfg
from oslo_utils import timeutils
from prometheus_client import core
from prometheus_client import registry

from cinder_messages.message import api as message_api

_OUTCOMES = ('reported', 'stored', 'duplicates', 'suppressed', 'rejected',
             'dropped')


class EmitterCollector(registry.Collector):
    """Asks the emitter of the process when it is asked itself.

    :param conf: as for :class:`cinder_messages.message.api.API`
    """

    def __init__(self, conf: cfg.ConfigOpts | None = None) -> None:
        self._conf = conf

    def describe(self) -> list[core.Metric]:
        """Return the metrics without samples; needs no emitter."""
        return [self._reports(), self._waiting(), self._oldest()]

    def collect(self) -> Iterator[core.Metric]:
        """Yield the metrics with their current values."""
        api = message_api.API(self._conf)
        counters = api.counters
        reports = self._reports()
        for outcome in _OUTCOMES:
            reports.add_metric([outcome], getattr(counters, outcome))
        yield reports
        waiting = self._waiting()
        waiting.add_metric([], counters.waiting)
        yield waiting
        since = api.waiting_since
        oldest = self._oldest()
        oldest.add_metric([], 0 if since is None else max(
            0, (timeutils.utcnow() - since).total_seconds()))
        yield oldest

    def _reports(self) -> core.CounterMetricFamily:
        return core.CounterMetricFamily(
            'cinder_messages_emitter_reports',
            'Reports of this process by what became of them.',
            labels=['outcome'])

    def _waiting(self) -> core.GaugeMetricFamily:
        return core.GaugeMetricFamily(
            'cinder_messages_emitter_waiting',
            'Reports that no writer has answered for yet.', labels=[])

    def _oldest(self) -> core.GaugeMetricFamily:
        return core.GaugeMetricFamily(
            'cinder_messages_emitter_oldest_seconds',
            'How long the oldest of those that wait has waited.', labels=[])
