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

"""Log lines about an outage, at most one a minute of each kind."""

import contextlib
import logging
import time

# Seconds between two lines.
INTERVAL = 60.0


class PeriodicLog:
    """Logs the first line, and then at most one per interval.

    :param log: the logger
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._quiet_until = 0.0

    def info(self, text: str, *args: object) -> bool:
        """Log at INFO; return whether it was time for a line."""
        return self._write(logging.INFO, text, args)

    def warning(self, text: str, *args: object) -> bool:
        """Log at WARNING; return whether it was time for a line."""
        return self._write(logging.WARNING, text, args)

    def error(self, text: str, *args: object,
              exc_info: bool = False) -> bool:
        """Log at ERROR; return whether it was time for a line."""
        return self._write(logging.ERROR, text, args, exc_info)

    def reset(self) -> None:
        """Log the next line at once: the outage is over."""
        self._quiet_until = 0.0

    def _write(self, level: int, text: str, args: tuple[object, ...],
               exc_info: bool = False) -> bool:
        now = time.monotonic()
        if now < self._quiet_until:
            return False
        self._quiet_until = now + INTERVAL
        log_safely(self._log, level, text, *args, exc_info=exc_info)
        return True


def log_safely(log: logging.Logger, level: int, text: str, *args: object,
               exc_info: object = None) -> None:
    """Log a line, although a handler or filter of the host may raise."""
    with contextlib.suppress(Exception):
        log.log(level, text, *args, exc_info=exc_info)  # type: ignore
