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

"""The parts of one process's emitter: journal, threads and counters.

A forked child makes a pipeline of its own and uses nothing of its parent's.
"""

import collections
from collections.abc import Callable
import dataclasses
import os
import time

from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import journal as emit_journal
from cinder_messages.emit import journal_line
from cinder_messages.emit import keeper as emit_keeper
from cinder_messages.emit import orphans as emit_orphans
from cinder_messages.emit import quarantine
from cinder_messages.emit import rate_limit
from cinder_messages.emit import report
from cinder_messages.emit import sender as emit_sender
from cinder_messages.message import model
from cinder_messages.rpc import client

# Seconds that a forked child waits before it connects. Many children report
# once and end; their parent, which lives, sends that for them.
GRACE = 0.2

# Seconds to wait for the threads at the end.
_END = 1.0

# Reports at most that are tried a second time.
_MAX_FAILED = 10_000

# Seconds between two looks of flush().
_POLL = 0.005


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """Options of ``[cinder_messages]`` as a process has read them.

    :ivar spool_dir: resolved; empty keeps reports in memory
    """

    spool_dir: str
    spool_max_messages: int
    batch_size: int
    exit_timeout: int
    project_rate: int


class Pipeline:
    """Keeps, sends and counts the reports of one process.

    :param connect: makes the client of a writer
    :param summary: makes the message for the suppressed reports of a project,
        from its id and their number
    :param parent: the pipeline of the parent, if the process was forked
    """

    def __init__(self, options: Options,
                 connect: Callable[[], client.WriterClient],
                 summary: Callable[[str, int], model.Message],
                 parent: 'Pipeline | None' = None) -> None:
        self.pid = os.getpid()
        self._options = options
        self._connect = connect
        self._summary = summary
        self._parent = parent
        self._counters = emit_counters.Counters()
        # NOTE: what is set by setdefault() is set once, whatever threads and
        # signal handlers do meanwhile.
        self._senders: dict[str, emit_sender.Sender] = {}
        self._keepers: dict[str, emit_keeper.Keeper] = {}
        self._rate_limit = rate_limit.RateLimit(options.project_rate)
        self._quarantine = quarantine.Quarantine(options.spool_dir)
        # Reports that could not be kept, because the stack or the memory of
        # their callers was full, or because of a bug.
        self.failed: collections.deque[tuple[model.Message, Exception]] = (
            collections.deque(maxlen=_MAX_FAILED))
        self.notices = emit_keeper.Notices()
        self.journal = emit_journal.Journal(
            options.spool_dir, options.spool_max_messages)
        self.orphans = emit_orphans.Orphans(options.spool_dir)

    @property
    def sender(self) -> emit_sender.Sender | None:
        """The sender, if its thread was started."""
        return self._senders.get('')

    @property
    def keeper(self) -> emit_keeper.Keeper | None:
        """The keeper, if its thread was started."""
        return self._keepers.get('')

    @property
    def waiting(self) -> int:
        """Reports that no writer has acknowledged."""
        return self.journal.waiting + self.orphans.waiting

    @property
    def counters(self) -> emit_counters.Counters:
        """The counters as of now."""
        return dataclasses.replace(self._counters, waiting=self.waiting)

    def put(self, message: model.Message,
            traceparent: str | None = None) -> None:
        """Keep a report, and have it sent.

        :param traceparent: the trace of the failed request, if it has one
        """
        if self._rate_limit.admit(message.project_id):
            self._append(message, traceparent)
        else:
            self._counters.suppressed += 1
        if not self._keepers:
            self.ensure_keeper()
        self.ensure_sender()

    def put_failed(self) -> None:
        """Try once more to keep what could not be kept; for the keeper."""
        while self.failed:
            message, exc = self.failed.popleft()
            try:
                self._append(message)
            except Exception:
                self._counters.dropped += 1
                self.notices.bugs.append(exc)
        self.ensure_sender()

    def ensure_keeper(self) -> None:
        """Start the keeper; if that is impossible now, a later call does."""
        if self._keepers:
            return
        new = emit_keeper.Keeper(
            self.journal, self.orphans, self._quarantine,
            lambda: self.counters, self.notices, self.summarize,
            self.ensure_sender)
        if self._keepers.setdefault('', new) is not new:
            new.discard()
        elif not new.start():
            self._keepers.clear()

    def ensure_sender(self) -> None:
        """Have what waits sent; start the sender if that is possible now."""
        if not self.waiting:
            return
        sender = self._senders.get('')
        if sender is not None:
            sender.wake()
            return
        new = emit_sender.Sender(
            self.journal, self.orphans, self._connect,
            self._options.batch_size, self._counters, self._quarantine,
            self._wake_keeper, GRACE if self._has_living_parent() else 0)
        if self._senders.setdefault('', new) is not new:
            new.discard()
        elif not new.start():
            self._senders.clear()

    def summarize(self, is_end: bool = False) -> None:
        """Report the summaries of suppressed reports that are due.

        Reports that failed before are tried again, too.
        """
        self.put_failed()
        for project_id, count in self._rate_limit.summaries(is_end):
            self._append(self._summary(project_id, count))
            self.ensure_sender()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing waits; return False after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while self.waiting:
            if time.monotonic() >= deadline:
                return False
            self.ensure_sender()
            # NOTE: whatever thread this is, green or native, it may sleep.
            time.sleep(_POLL)
        return True

    def close(self) -> bool:
        """Wait for acknowledgements for a bounded time, and end the threads.

        :returns: False if reports wait that nobody is known to send
        """
        self.summarize(is_end=True)
        is_done = self._leaves_to_parent() or self.flush(
            self._options.exit_timeout)
        threads = [thread for thread in (self.sender, self.keeper) if thread]
        for thread in threads:
            thread.stop()
        deadline = time.monotonic() + _END
        while (not all(thread.is_ended for thread in threads) and
                time.monotonic() < deadline):
            time.sleep(_POLL)
        self._senders.clear()
        self._keepers.clear()
        self.orphans.close()
        self.journal.close()
        if self._parent is not None:
            self._parent._wake_keeper()
        return is_done

    def abandon(self) -> None:
        """Leave all to the parent; called in the child, for its parent's."""
        for thread in (self.sender, self.keeper):
            if thread is not None:
                thread.abandon()
        self._parent = None

    def expect_orphans(self) -> None:
        """Prepare to take over what children leave; called after a fork."""
        self.ensure_keeper()
        if self.keeper is not None:
            self.keeper.expect_orphans()

    def _append(self, message: model.Message,
                traceparent: str | None = None) -> None:
        line = journal_line.encode(report.encode(message, traceparent))
        if self.journal.append(line):
            self._counters.reported += 1
        else:
            self._counters.dropped += 1

    def _wake_keeper(self) -> None:
        if self.keeper is not None:
            self.keeper.wake()

    def _has_living_parent(self) -> bool:
        """Return whether the parent sends what this process leaves."""
        return (self._parent is not None and bool(self._options.spool_dir) and
                self._parent.keeper is not None and
                os.getppid() == self._parent.pid)

    def _leaves_to_parent(self) -> bool:
        """Return whether all that waits is on disk, and not being sent."""
        is_sending = self.sender is not None and self.sender.is_connected
        return (not is_sending and self._has_living_parent() and
                self.journal.is_on_disk)
