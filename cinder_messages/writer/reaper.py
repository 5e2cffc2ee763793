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

"""Removes messages whose guaranteed time is over.

Never earlier, and in small transactions so that nobody waits for it. Several
reapers may run at once.
"""

from collections.abc import Callable
import logging
import random
import threading
import typing

LOG = logging.getLogger(__name__)

# Seconds after its start in which a reaper runs first, at a random moment so
# that writers started together do not reap together.
FIRST_RUN_WITHIN = 60


class MessageStore(typing.Protocol):
    """The one thing that the reaper asks of storage."""

    def delete_expired(self, limit: int) -> int:
        """Remove at most ``limit`` expired messages; how many it were."""


class Reaper:
    """A thread that reaps now and then.

    :param store: what to reap
    :param interval: seconds between two runs
    :param batch_size: messages removed in one transaction
    :param reaped: is told after each how many it were
    """

    def __init__(self, store: MessageStore, interval: float,
                 batch_size: int,
                 reaped: Callable[[int], None] = lambda count: None) -> None:
        self._store = store
        self._interval = interval
        self._batch_size = batch_size
        self._reaped = reaped
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name='reaper', daemon=True)

    def start(self) -> None:
        """Begin to reap in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the transaction under way and stop; may be called twice."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def reap(self, progress: Callable[[int], None] | None = None) -> int:
        """Remove all that is expired now, batch by batch.

        :param progress: called after each batch with the total so far
        :returns: how many messages were removed
        """
        total = 0
        while not self._stopping.is_set():
            removed = self._store.delete_expired(self._batch_size)
            total += removed
            self._reaped(removed)
            if progress is not None:
                progress(total)
            if removed < self._batch_size:
                break
        return total

    def _run(self) -> None:
        delay = random.uniform(  # nosec B311
            0, min(self._interval, FIRST_RUN_WITHIN))
        while not self._stopping.wait(delay):
            delay = self._interval
            try:
                LOG.info('Removed %d expired messages.', self.reap())
            except Exception:
                LOG.exception('Reaping failed and is tried again in %d s.',
                              self._interval)
