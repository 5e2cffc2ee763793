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

"""One line a minute about a trouble that goes on."""

import logging
import threading
import time

# Seconds between two lines.
INTERVAL = 60.0


class PeriodicLog:
    """Passes the first line on, and then one now and then.

    :param log: where lines go
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def info(self, text: str, *args: object) -> bool:
        """A line of that level, if it is time for one; whether it was."""
        return self._write(logging.INFO, text, args)

    def warning(self, text: str, *args: object) -> None:
        """A line of that level, if it is time for one."""
        self._write(logging.WARNING, text, args)

    def error(self, text: str, *args: object) -> None:
        """A line of that level, if it is time for one."""
        self._write(logging.ERROR, text, args)

    def reset(self) -> None:
        """The trouble is over: the next line is passed on again."""
        self._quiet_until = 0.0

    def _write(self, level: int, text: str, args: tuple[object, ...]) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._quiet_until:
                return False
            self._quiet_until = now + INTERVAL
        self._log.log(level, text, *args)
        return True
