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

"""The clock of the database, as the writer reads it without a query."""

from collections.abc import Callable
import datetime
import logging
import threading
import typing

from oslo_utils import timeutils

from cinder_messages.storage import clock

LOG = logging.getLogger(__name__)

# Seconds between two measurements, and after one that failed.
_INTERVAL = 60
_RETRY_INTERVAL = 2


class SkewStore(typing.Protocol):
    """The storage that the clock requires."""

    def clock_skew(self) -> float:
        """Return the seconds that the clock of this host is ahead."""


class DatabaseClock:
    """Measures the skew of this host's clock periodically, and corrects it.

    A skew over :data:`cinder_messages.storage.clock.MAX_SKEW` is logged as an
    error at each measurement.

    :param store: measures the skew
    :param measured: called with the skew in seconds
    """

    def __init__(self, store: SkewStore,
                 measured: Callable[[float], None]) -> None:
        self._store = store
        self._measured = measured
        self._skew = datetime.timedelta()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name='clock', daemon=True)

    def utcnow(self) -> datetime.datetime:
        """Return the time by the clock of the database, as last measured."""
        return timeutils.utcnow() - self._skew

    def start(self) -> None:
        """Measure now, and periodically in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to measure."""
        self._stopping.set()

    def measure(self) -> bool:
        """Measure the skew; return False if the database is unavailable."""
        try:
            skew = self._store.clock_skew()
        except Exception as exc:
            LOG.debug('The clock of the database cannot be read.',
                      exc_info=exc)
            return False
        self._skew = datetime.timedelta(seconds=skew)
        self._measured(skew)
        if abs(skew) > clock.MAX_SKEW:
            LOG.error('The clock of this host differs from the clock of the '
                      'database by %.0f seconds. Messages expire by the clock '
                      'of the database; correct the clock of this host or of '
                      'the database.', skew)
        return True

    def _run(self) -> None:
        delay = 0.0
        while not self._stopping.wait(delay):
            delay = _INTERVAL if self.measure() else _RETRY_INTERVAL
