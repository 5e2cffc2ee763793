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

"""Numbers what one process reports, so that a writer can bound a flood."""

import collections
import threading
import time
import uuid

from cinder_messages.rpc import contract

# Seconds that a burst lasts.
LENGTH = 60.0


class Bursts:
    """Says of each report which one of its project it is within a minute.

    Any thread may call it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends = 0.0
        self._burst = ''
        self._numbers: collections.Counter[str] = collections.Counter()

    def next(self, project_id: str) -> contract.Turn:
        """The turn of the next report of a project."""
        with self._lock:
            now = time.monotonic()
            if now >= self._ends:
                self._ends = now + LENGTH
                self._burst = uuid.uuid4().hex
                self._numbers.clear()
            self._numbers[project_id] += 1
            return contract.Turn(self._burst, self._numbers[project_id])
