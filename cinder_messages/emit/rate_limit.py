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

"""A limit of the reports of each project, with one summary a minute.

A driver that fails a thousand times a second for one project must not fill
the table. What is over the limit is counted, and one report a minute says how
many there were.
"""

import collections
from collections.abc import Callable
import time

from cinder_messages.emit import concurrency

# Seconds that a window lasts.
WINDOW = 60.0

# Projects that are counted at once. The one that was counted first makes room.
MAX_PROJECTS = 10_000


class _Count:
    """Reports of a project within the window."""

    __slots__ = ('admitted', 'suppressed')

    def __init__(self) -> None:
        self.admitted = 0
        self.suppressed = 0


class RateLimit:
    """Admits at most ``rate`` reports per project and window.

    Any thread and any signal handler may call it.

    :param rate: reports per project and window; 0 admits all
    :param clock: seconds, for tests
    """

    def __init__(self, rate: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = concurrency.make_lock()
        self._ends = 0.0
        self._counts: dict[str, _Count] = {}
        # Projects and counts of windows that have ended.
        self._ended: collections.deque[tuple[str, int]] = collections.deque()

    def admit(self, project_id: str) -> bool:
        """Return whether a report may be sent; count it if it may not."""
        if not self._rate:
            return True
        with self._lock:
            self._end_window(self._clock())
            count = self._counts.get(project_id)
            if count is None:
                count = self._counts[project_id] = _Count()
                if len(self._counts) > MAX_PROJECTS:
                    self._end(next(iter(self._counts)))
            if count.admitted >= self._rate:
                count.suppressed += 1
                return False
            count.admitted += 1
            return True

    def summaries(self, is_end: bool = False) -> list[tuple[str, int]]:
        """Return projects and how many of their reports were suppressed.

        Each suppressed report is returned in one summary.

        :param is_end: include the current window, because the process ends
        """
        found = []
        with self._lock:
            self._end_window(float('inf') if is_end else self._clock())
            while self._ended:
                found.append(self._ended.popleft())
        return found

    def _end_window(self, now: float) -> None:
        if now < self._ends:
            return
        for project_id in list(self._counts):
            self._end(project_id)
        # NOTE: a window begins with a report, so the minutes of processes
        # that wait do not matter.
        self._ends = (now if now != float('inf') else 0.0) + WINDOW

    def _end(self, project_id: str) -> None:
        count = self._counts.pop(project_id, None)
        if count is not None and count.suppressed:
            self._ended.append((project_id, count.suppressed))
