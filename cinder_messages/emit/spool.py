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

"""Reports that no writer has answered for yet, in the order they came.

Held in memory: what waits here dies with the process.
"""

import collections
from collections.abc import Sequence
import threading


class Spool:
    """A bounded queue; an entry stays until it is forgotten.

    :param max_messages: how many may wait
    """

    def __init__(self, max_messages: int) -> None:
        self._max_messages = max_messages
        self._waiting: collections.deque[dict[str, str]] = collections.deque()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, primitive: dict[str, str]) -> bool:
        """Append one report; False if the spool is full and it was refused."""
        with self._changed:
            if len(self._waiting) >= self._max_messages:
                return False
            self._waiting.append(primitive)
            self._changed.notify_all()
        return True

    def peek(self, count: int) -> Sequence[dict[str, str]]:
        """The oldest ``count`` reports; waits until there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            return [self._waiting[i]
                    for i in range(min(count, len(self._waiting)))]

    def forget(self, count: int) -> None:
        """Drop the oldest ``count`` reports: a writer has answered."""
        with self._changed:
            for _ in range(count):
                self._waiting.popleft()
            self._changed.notify_all()

    def wait_empty(self, timeout: float) -> bool:
        """Wait until nothing waits; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting, timeout)
