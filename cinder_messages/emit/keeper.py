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

"""The thread that looks after the spool directory once a second.

It does what neither ``create()`` nor the sender may wait for: it has the disk
keep what waits, moves reports from memory to a disk that works again, takes
over what dead processes have left, makes the summaries of the rate limit,
offers refused reports again, and logs.
"""

import collections
from collections.abc import Callable
import dataclasses
import logging
import time

from cinder_messages.emit import background
from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import journal as emit_journal
from cinder_messages.emit import orphans as emit_orphans
from cinder_messages.emit import periodic_log
from cinder_messages.emit import quarantine

LOG = logging.getLogger(__name__)

# Seconds between two rounds.
INTERVAL = 1.0

# Seconds between two looks for journals of dead processes: at first and after
# a fork, when a child may end at any moment, and else.
SCAN_SOON = 1.0
SCAN_LATER = 5.0
SOON = 60.0


@dataclasses.dataclass(slots=True)
class Notices:
    """Hold the warnings of the callers of ``create()`` for the keeper to log.

    They must not log: a handler's lock may be held by what they interrupt.
    """

    bugs: collections.deque[Exception] = dataclasses.field(
        default_factory=lambda: collections.deque(maxlen=10))
    texts: collections.deque[tuple[str, tuple[object, ...]]] = (
        dataclasses.field(
            default_factory=lambda: collections.deque(maxlen=10)))


class Keeper(background.BackgroundThread):
    """Looks after the directory until it is stopped or its process ends.

    :param summarize: reports the summaries that are due
    :param ensure_sender: starts the sender if something waits for it
    """

    name = 'cinder-messages-keeper'

    def __init__(self, journal: emit_journal.Journal,
                 orphans: emit_orphans.Orphans,
                 refused: quarantine.Quarantine,
                 counters: Callable[[], emit_counters.Counters],
                 notices: Notices,
                 summarize: Callable[[], object],
                 ensure_sender: Callable[[], object]) -> None:
        super().__init__()
        self._journal = journal
        self._orphans = orphans
        self._refused = refused
        self._counters = counters
        self._notices = notices
        self._summarize = summarize
        self._ensure_sender = ensure_sender
        self._scan_at = 0.0
        self._soon_until = 0.0
        self._logs: dict[str, periodic_log.PeriodicLog] = (
            collections.defaultdict(lambda: periodic_log.PeriodicLog(LOG)))
        self._logged_counters = ''
        self._logged_refused = 0

    def expect_orphans(self) -> None:
        """Look often for a while: the process has forked."""
        self._soon_until = time.monotonic() + SOON

    def work(self) -> None:
        """Look after the directory until stopped.

        A wake-up, which a child can send as well, has it look for journals
        of dead processes at once.
        """
        self.expect_orphans()
        while not self.is_stopped:
            self.look_after()
            if self.wakeup.wait(INTERVAL):
                self._scan_at = 0.0

    def look_after(self) -> None:
        """Do one round; no failure of a part keeps the others from theirs."""
        for part in (self._keep_journal, self._summarize, self._scan,
                     self._offer, self._ensure_sender, self._log):
            try:
                part()
            except OSError as exc:
                self._logs[str(part)].warning(
                    'The spool directory %s: %s', self._journal.directory,
                    exc)
            except Exception:
                self._logs[str(part)].error(
                    'Looking after the spool failed, and is tried again.',
                    exc_info=True)

    def _keep_journal(self) -> None:
        self._journal.tidy()
        self._journal.sync()

    def _scan(self) -> None:
        now = time.monotonic()
        if now < self._scan_at:
            return
        self._orphans.adopt()
        self._journal.look_at_others()
        self._scan_at = now + (
            SCAN_SOON if now < self._soon_until else SCAN_LATER)

    def _offer(self) -> None:
        trouble = self._refused.save()
        if trouble is not None:
            raise trouble
        self._refused.offer(self._journal.append)

    def _log(self) -> None:
        while self._notices.texts:
            text, args = self._notices.texts.popleft()
            self._logs['texts'].warning(text, *args)
        while self._notices.bugs:
            self._logs['bugs'].error('A message could not be reported: %r',
                                     self._notices.bugs.popleft())
        counters = self._counters()
        refused = self._journal.refused
        if refused != self._logged_refused and self._logs['full'].error(
                'The spool is full, %d reports wait: new ones are refused, '
                '%d so far.', self._journal.waiting +
                self._journal.limit.others, refused):
            self._logged_refused = refused
        if self._journal.trouble is not None and self._journal.waiting:
            self._logs['disk'].error(
                'The spool in %s takes no reports, they wait in memory and '
                'are lost with the process: %s', self._journal.directory,
                self._journal.trouble)
        state = str(counters)
        if state != self._logged_counters and counters.reported and (
                self._logs['counters'].info('Reports so far: %s.', state)):
            self._logged_counters = state
