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

"""Deletes messages whose guaranteed time is over.

Messages are deleted in small transactions that block no other statement.
Several reapers can run at the same time.
"""

from collections.abc import Callable
import logging
import random
import threading
import typing

LOG = logging.getLogger(__name__)

# The first run is at a random time within so many seconds after the start, so
# that writers that start together do not reap together.
FIRST_RUN_WITHIN = 60

# Seconds that stop() waits for the current transaction.
STOP_TIMEOUT = 10


class ExpiredStore(typing.Protocol):
    """The storage that the reaper requires."""

    def delete_expired(self, limit: int) -> int:
        """Delete at most ``limit`` expired messages; return their number."""


class Reaper:
    """A background thread that deletes expired messages periodically.

    :param store: where messages are stored
    :param interval: seconds between two runs
    :param batch_size: messages per transaction
    :param reaped: called after each transaction with the number of messages
    """

    def __init__(self, store: ExpiredStore, interval: float,
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
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the current transaction and stop; can be called twice.

        A transaction that does not end is abandoned after some seconds; the
        database rolls it back.
        """
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT)

    def reap(self, progress: Callable[[int], None] | None = None) -> int:
        """Delete all expired messages, batch by batch.

        :param progress: called after each batch with the total so far
        :returns: the number of messages removed
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
                LOG.info('Deleted %d expired messages.', self.reap())
            except Exception:
                LOG.exception('Reaping failed and is retried in %d seconds.',
                              self._interval)
