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

"""The thread that sends what waits to a writer.

While one call is in flight the next batch accumulates, so batches grow with
the load and no timer decides how long a report waits.
"""

import collections
from collections.abc import Callable
import dataclasses
import logging
import random
import typing

from cinder_messages.emit import background
from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import journal as emit_journal
from cinder_messages.emit import journal_line
from cinder_messages.emit import orphans as emit_orphans
from cinder_messages.emit import periodic_log
from cinder_messages.emit import quarantine
from cinder_messages import exception
from cinder_messages import log_escape
from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import client
from cinder_messages.rpc import contract

LOG = logging.getLogger(__name__)

# Seconds before a failed batch is sent again: doubled from the first to the
# last, each drawn from the upper half so that many emitters spread out.
FIRST_DELAY = 0.2
LAST_DELAY = 10.0

# Seconds between two looks for work without a wake-up.
IDLE = 60.0


@dataclasses.dataclass(slots=True)
class Batch:
    """The reports of one call.

    :ivar own: reports of this process
    :ivar parts: reports of dead processes
    """

    own: journal_line.Lines
    parts: list[emit_orphans.Part]

    @property
    def reports(self) -> list[dict[str, typing.Any]]:
        """All that can be read, those of dead processes first."""
        return [report for part in self.parts
                for report in part.lines.reports] + self.own.reports

    def __bool__(self) -> bool:
        return bool(self.own.count or self.parts)


class Sender(background.BackgroundThread):
    """Sends batches until it is stopped or its process ends.

    :param journal: reports of this process
    :param orphans: reports of dead processes
    :param connect: makes the client, in the sending thread and when first
        needed: a connection does not survive a fork
    :param batch_size: reports that a call carries at most
    :param counters: where outcomes are counted
    :param refused: where refused reports are kept
    :param on_orphans_sent: called when all orphans that were taken over are
        sent
    :param grace: seconds to wait before the first connection is made
    :ivar is_connected: a connection was made
    """

    name = 'cinder-messages-sender'

    def __init__(self, journal: emit_journal.Journal,
                 orphans: emit_orphans.Orphans,
                 connect: Callable[[], client.WriterClient],
                 batch_size: int, counters: emit_counters.Counters,
                 refused: quarantine.Quarantine,
                 on_orphans_sent: Callable[[], object] = lambda: None,
                 grace: float = 0) -> None:
        super().__init__()
        self._journal = journal
        self._orphans = orphans
        self._connect = connect
        self._batch_size = batch_size
        self._counters = counters
        self._quarantine = refused
        self._on_orphans_sent = on_orphans_sent
        self._grace = grace
        self._client: client.WriterClient | None = None
        self._failures = 0
        self._is_idle = False
        self._outage = periodic_log.PeriodicLog(LOG)
        self._bad_answers = periodic_log.PeriodicLog(LOG)
        self._bugs = periodic_log.PeriodicLog(LOG)
        self._refusals = periodic_log.PeriodicLog(LOG)
        self.is_connected = False

    def wake(self) -> None:
        """Have the thread look for work, if it waits for some."""
        if self._is_idle:
            self._is_idle = False
            super().wake()

    def abandon(self) -> None:
        """Stop in a forked child, without the connection of its parent."""
        super().abandon()
        self._client = None

    def work(self) -> None:
        """Send batches until stopped."""
        self.pause(self._grace)
        while not self.is_stopped:
            self._run_once()

    def finish(self) -> None:
        """Close the connection."""
        self.disconnect()

    def send_batch(self) -> float | None:
        """Try once to have the oldest reports stored.

        :returns: seconds to wait before the next attempt; None if nothing
            waits
        """
        batch = self._read()
        if not batch:
            return None if not self._journal.waiting else 1.0
        reports = batch.reports
        try:
            if reports:
                self._call(reports)
        except Exception as exc:
            return self._failed(exc)
        # NOTE: in this order, a report is sent twice rather than lost.
        self._journal.acknowledge(batch.own)
        self._orphans.acknowledge(batch.parts)
        if batch.parts and not self._orphans.waiting:
            self._on_orphans_sent()
        return 0

    def disconnect(self) -> None:
        """Close the connection; the next batch makes a new one."""
        old, self._client = self._client, None
        if old is not None:
            try:
                old.close()
            except Exception:
                periodic_log.log_safely(
                    LOG, logging.DEBUG, 'A connection could not be closed.',
                    exc_info=True)

    def _run_once(self) -> None:
        try:
            delay = self.send_batch()
        except Exception:
            # NOTE: whatever it is, reports must not wait for ever.
            self._bugs.error('Sending reports failed, and is tried again.',
                             exc_info=True)
            delay = LAST_DELAY
        if delay is None:
            self._is_idle = True
            # NOTE: what was appended before it was idle has woken nobody.
            if not (self._journal.waiting or self._orphans.waiting or
                    self.is_stopped):
                self.wakeup.wait(IDLE)
            self._is_idle = False
        else:
            self.pause(delay)

    def _read(self) -> Batch:
        """Return the next batch, half of it orphans at least if they wait."""
        share = self._batch_size
        if self._orphans.waiting:
            share = max(share - share // 2, 1)
        own = self._journal.read(share)
        return Batch(own, self._orphans.read(self._batch_size - own.count))

    def _call(self, reports: list[dict[str, typing.Any]]) -> None:
        if self._client is None:
            self._client = self._connect()
            self.is_connected = True
        answer = self._client.create_messages(reports)
        refused = _refused(answer, reports)
        if self._failures:
            periodic_log.log_safely(
                LOG, logging.INFO,
                'A writer answers again after %d attempts.', self._failures)
            self._failures = 0
            self._outage.reset()
        self._counters.stored += answer['stored']
        self._counters.duplicates += answer['duplicates']
        self._counters.suppressed += answer['suppressed']
        self._counters.rejected += len(refused)
        if refused:
            self._keep(refused)

    def _failed(self, exc: Exception) -> float:
        """Log at most once a minute; return the delay in seconds."""
        delay = min(FIRST_DELAY * 2 ** min(self._failures, 16), LAST_DELAY)
        self._failures += 1
        waiting = self._journal.waiting + self._orphans.waiting
        if isinstance(exc, ValueError):
            self._bad_answers.error(
                'An answer of a writer does not account for its batch (%s); '
                '%d reports wait and are sent again.', exc, waiting)
        else:
            if isinstance(exc, exception.BusUnavailable):
                # NOTE: the next attempt reads the transport URL again, which
                # the host service may have reloaded.
                self.disconnect()
            # NOTE: the class only; a driver's text may quote the URL.
            self._outage.warning(
                'No writer has stored the reports yet (%s); %d wait and are '
                'sent again until one answers.', type(exc).__name__, waiting)
        periodic_log.log_safely(
            LOG, logging.DEBUG, 'The last attempt failed.', exc_info=exc)
        return random.uniform(delay / 2, delay)  # nosec B311

    def _keep(self, refused: list[quarantine.Entry]) -> None:
        self._quarantine.keep(refused)
        first = refused[0]
        self._refusals.error(
            'A writer refused %d reports, %d so far; they are kept in '
            'quarantine. The first is %s (%s: %s).',
            len(refused), self._counters.rejected,
            log_escape.escape(first.id), log_escape.escape(first.code),
            log_escape.escape(first.reason))


def _refused(answer: rpc_answer.ParsedAnswer,
             reports: list[dict[str, typing.Any]]) -> list[quarantine.Entry]:
    """Return an entry for each report that the writer refused."""
    # NOTE: a writer answers None for an id that is malformed.
    sent = collections.defaultdict(list)
    for report in reports:
        sent[contract.valid_id_or_none(report)].append(report)
    return [quarantine.Entry.make(
        sent[one['id']].pop(), one['code'], one['reason'])
        for one in answer['rejected']]
