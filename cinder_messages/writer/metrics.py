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

"""Hooks that the writer calls to count what it does."""

from collections.abc import Iterable
import typing


class Metrics(typing.Protocol):
    """Counts what a writer does; threads may call it concurrently.

    :class:`cinder_messages.metrics.writer.WriterMetrics` exports the counts
    to Prometheus.
    """

    def stop(self) -> None:
        """Release ports and files."""

    def batch_received(self, count: int) -> None:
        """Count a batch of ``count`` reports."""

    def batch_stored(self, event_ids: Iterable[str], duplicates: int,
                     foreign: int, seconds: float) -> None:
        """Count a committed transaction.

        :param event_ids: the event of each message
        :param duplicates: messages that were stored before
        :param foreign: messages with the id of another project's message
        :param seconds: duration
        """

    def batch_failed(self) -> None:
        """Count a batch that the database could not store now."""

    def report_rejected(self, event_id: str | None) -> None:
        """Count a rejected report; None is an unknown or missing event."""

    def messages_reaped(self, count: int) -> None:
        """Count expired messages that were removed."""

    def clock_skew_measured(self, seconds: float) -> None:
        """Set the seconds that the clock of this host is ahead."""


class NullMetrics:
    """Counts nothing; for a writer without ``[metrics] writer_port``."""

    def stop(self) -> None:
        """Do nothing."""

    def batch_received(self, count: int) -> None:
        """Do nothing."""

    def batch_stored(self, event_ids: Iterable[str], duplicates: int,
                     foreign: int, seconds: float) -> None:
        """Do nothing."""

    def batch_failed(self) -> None:
        """Do nothing."""

    def report_rejected(self, event_id: str | None) -> None:
        """Do nothing."""

    def messages_reaped(self, count: int) -> None:
        """Do nothing."""

    def clock_skew_measured(self, seconds: float) -> None:
        """Do nothing."""
