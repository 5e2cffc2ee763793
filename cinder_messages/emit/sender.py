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

"""The thread that carries what is spooled to a writer.

While one call is under way the next batch gathers, so batches grow with the
load and no timer decides how long a report waits.
"""

from collections.abc import Callable
import dataclasses
import logging
import random
import threading
import time

from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import periodic_log
from cinder_messages.emit import spool as emit_spool
from cinder_messages.rpc import client
from cinder_messages.rpc import contract

LOG = logging.getLogger(__name__)

# Seconds before a failed batch is sent again: doubled from the first to the
# last, each drawn from the upper half so that many emitters spread out.
FIRST_DELAY = 0.2
LAST_DELAY = 10.0

# Seconds between two looks for what dead processes have left.
ADOPT_EVERY = 60.0


class Sender:
    """Sends batches until it is stopped or its process ends.

    :param spool: what to send
    :param connect: makes the client, in the sending thread and when first
        needed: a connection does not survive a fork
    :param batch_size: reports a call carries at most
    :param counters: where outcomes are counted
    """

    def __init__(self, spool: emit_spool.Spool,
                 connect: Callable[[], client.WriterClient],
                 batch_size: int,
                 counters: emit_counters.Counters) -> None:
        self._spool = spool
        self._connect = connect
        self._batch_size = batch_size
        self._counters = counters
        self._client: client.WriterClient | None = None
        self._stopping = threading.Event()
        self._failures = 0
        self._adopt_at = 0.0
        self._trouble = periodic_log.PeriodicLog(LOG)
        self._progress = periodic_log.PeriodicLog(LOG)
        self._told = ''
        # NOTE: a daemon, and never joined: the first call to a broker that is
        # down can block for longer than its timeout.
        self._thread = threading.Thread(
            target=self._run, name='cinder-messages-sender', daemon=True)

    def start(self) -> None:
        """Begin to send in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more, once the batch under way has got its answer."""
        self._stopping.set()

    def send_batch(self) -> float:
        """Wait for reports and try once to have the oldest of them stored.

        Now and then, take over what dead processes have left, too.

        :returns: seconds to wait before the next attempt
        """
        if time.monotonic() >= self._adopt_at:
            self._spool.adopt()
            self._adopt_at = time.monotonic() + ADOPT_EVERY
        batch = self._spool.peek(self._batch_size, ADOPT_EVERY)
        if not batch.count:
            self._tell()
            return 0
        try:
            if self._client is None:
                self._client = self._connect()
            self._answered(self._client.create_messages(batch.primitives))
        except Exception as exc:
            delay = self._failed(exc)
        else:
            self._spool.forget(batch)
            delay = 0
        self._spool.tidy()
        self._tell()
        return delay

    def _run(self) -> None:
        delay: float = 0
        while not self._stopping.wait(delay):
            try:
                delay = self.send_batch()
            except Exception:
                # NOTE: whatever it is, reports must not wait for ever.
                LOG.exception('Sending failed and is tried again.')
                delay = LAST_DELAY

    def _failed(self, exc: Exception) -> float:
        """Log now and then; how long to wait, in seconds."""
        delay = min(FIRST_DELAY * 2 ** min(self._failures, 16), LAST_DELAY)
        self._failures += 1
        # NOTE: the class only; a driver's text may quote the URL.
        self._trouble.warning(
            'No writer has stored the reports yet (%s); %d wait and are sent '
            'again until one answers.', type(exc).__name__, len(self._spool))
        LOG.debug('The last attempt failed.', exc_info=exc)
        return random.uniform(delay / 2, delay)  # nosec B311

    def _tell(self) -> None:
        """Log the counters if they have changed, once a minute at most."""
        state = str(dataclasses.replace(
            self._counters, waiting=len(self._spool)))
        if state != self._told and self._progress.info(
                'Reports so far: %s.', state):
            self._told = state

    def _answered(self, answer: contract.ParsedAnswer) -> None:
        if self._failures:
            LOG.info('A writer answers again after %d attempts.',
                     self._failures)
            self._failures = 0
            self._trouble.reset()
        self._counters.stored += answer['stored']
        self._counters.duplicates += answer['duplicates']
        self._counters.suppressed += answer['suppressed']
        self._counters.rejected += len(answer['rejected'])
        for rejected in answer['rejected']:
            LOG.error('The writer refused message %s, it is dropped: %s',
                      rejected['id'], rejected['reason'])
