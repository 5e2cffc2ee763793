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

"""A check that costs little and never takes long, whoever asks how often."""

from collections.abc import Callable
import logging
import threading
import time

from oslo_middleware.healthcheck import pluginbase

LOG = logging.getLogger(__name__)

# Seconds that a check may take, whatever it meets, and that its result holds.
TIMEOUT = 3.0
HOLDS = 2.0


class BoundedCheck:
    """Runs a check in a thread, one at a time.

    :param name: what is looked at, with a capital
    :param check: raises whatever is wrong
    :param clock: seconds that only grow
    """

    def __init__(self, name: str, check: Callable[[], None],
                 timeout: float = TIMEOUT,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._check = check
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._trouble = ''
        self._known_at: float | None = None

    def result(self) -> pluginbase.HealthcheckResult:
        """What oslo.middleware asks for.

        ``reason`` may be read by everybody, so it never tells the cause.
        """
        trouble = self._ask()
        if trouble:
            return pluginbase.HealthcheckResult(
                available=False, reason=f'{self._name} does not answer.',
                details=trouble)
        return pluginbase.HealthcheckResult(
            available=True, reason=f'{self._name} answers.')

    def _ask(self) -> str:
        """What is wrong; empty is nothing."""
        with self._lock:
            if (self._known_at is not None and
                    self._clock() < self._known_at + HOLDS):
                return self._trouble
            if self._thread is not None:
                # NOTE: of an earlier request, and it hangs.
                return 'The last check has not ended yet.'
            thread = self._thread = threading.Thread(
                target=self._run, name='healthcheck', daemon=True)
            thread.start()
        thread.join(self._timeout)
        if thread.is_alive():
            return f'No answer within {self._timeout} s.'
        return self._trouble

    def _run(self) -> None:
        trouble = ''
        try:
            self._check()
        except Exception as exc:
            LOG.warning('%s does not answer: %s', self._name, exc)
            trouble = str(exc) or type(exc).__name__
        with self._lock:
            self._trouble = trouble
            self._known_at = self._clock()
            self._thread = None
