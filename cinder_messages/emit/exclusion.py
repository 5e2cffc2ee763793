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

"""Mutual exclusion that a signal handler may enter in the middle.

A handler runs in a thread that may be appending already. What it appends is
then deferred until that thread is done.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterator
import contextlib

from cinder_messages.emit import concurrency


class Exclusion:
    """Lets one thread at a time work on a queue.

    :param append: appends a line while no other thread works
    """

    def __init__(self, append: Callable[[bytes], bool]) -> None:
        self._append = append
        self._lock = concurrency.make_lock()
        self._busy = False
        self._deferred: collections.deque[bytes] = collections.deque()

    def append(self, line: bytes) -> bool:
        """Append a line, or defer it; return False if it was refused."""
        with self._lock:
            if self._busy:
                # NOTE: a signal handler reports in the middle of a report.
                self._deferred.append(line)
                return True
            self._busy = True
            try:
                accepted = self._append(line)
                self._append_deferred()
            finally:
                self._busy = False
        while self._deferred:
            with self.hold():
                pass
        return accepted

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Exclude other threads, and defer what signal handlers append."""
        with self._lock:
            self._busy = True
            try:
                yield
                self._append_deferred()
            finally:
                self._busy = False

    def _append_deferred(self) -> None:
        while self._deferred:
            self._append(self._deferred.popleft())
