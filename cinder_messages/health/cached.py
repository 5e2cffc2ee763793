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

"""Health checks that are cheap and bounded, however often they are asked."""

from collections.abc import Callable
import logging
import threading
import time

from oslo_middleware.healthcheck import pluginbase

LOG = logging.getLogger(__name__)

# Seconds that a check may take.
TIMEOUT = 3.0


class CachedCheck:
    """Run a health check in a thread with a timeout, and cache its result.

    One check runs at a time. While it hangs, every request fails at once.

    :cvar TTL: seconds for which a result is cached
    :param name: of what is checked, capitalized
    :param check: raises an exception if something is wrong
    :param timeout: seconds to wait for the check
    :param clock: returns monotonic seconds
    """

    TTL = 2.0

    def __init__(self, name: str, check: Callable[[], None],
                 timeout: float = TIMEOUT,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._check = check
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._error = ''
        self._checked_at: float | None = None

    def result(self) -> pluginbase.HealthcheckResult:
        """Return the result for oslo.middleware.

        ``reason`` is public, so it never contains the cause; ``details`` has
        it.
        """
        error = self._get_error()
        if error:
            return pluginbase.HealthcheckResult(
                available=False, reason=f'{self._name} does not answer.',
                details=error)
        return pluginbase.HealthcheckResult(
            available=True, reason=f'{self._name} answers.')

    def _get_error(self) -> str:
        """Return the error of the check; empty if there is none."""
        with self._lock:
            if (self._checked_at is not None and
                    self._clock() < self._checked_at + self.TTL):
                return self._error
            if self._thread is not None:
                # NOTE: it was started by an earlier request, and hangs.
                return 'The last check has not ended yet.'
            thread = self._thread = threading.Thread(
                target=self._run, name='healthcheck', daemon=True)
            thread.start()
        thread.join(self._timeout)
        if thread.is_alive():
            return f'No answer within {self._timeout} s.'
        return self._error

    def _run(self) -> None:
        error = ''
        try:
            self._check()
        except Exception as exc:
            LOG.warning('%s does not answer: %s', self._name, exc)
            error = str(exc) or type(exc).__name__
        with self._lock:
            self._error = error
            self._checked_at = self._clock()
            self._thread = None
