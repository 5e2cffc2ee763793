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

"""Metrics that all processes of one service share.

prometheus_client keeps one file per process; the process that is scraped sums
them. By default it names the files for process ids, so that every restart of a
worker leaves files behind. Here each process takes the lowest free slot and
continues the file of the previous process in that slot.
"""

import fcntl
import itertools
import os
import pathlib

import prometheus_client
from prometheus_client import multiprocess as prometheus_multiprocess
from prometheus_client import values

from cinder_messages import exception

# prometheus_client reads this variable when it creates a file.
_DIRECTORY = 'PROMETHEUS_MULTIPROC_DIR'


class WorkerSlots:
    """Assign each process that shares a directory a number of its own.

    A process holds its slot by a file lock, which the kernel releases when the
    process ends. Call the object for the number::

        values.ValueClass = values.MultiProcessValue(WorkerSlots(path))
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._pid = 0
        self._slot = 0
        self._lock: int | None = None

    def __call__(self) -> int:
        """Return the slot of this process, a new one after a fork."""
        if self._pid != os.getpid():
            if self._lock is not None:
                # The parent still holds its own descriptor of the lock.
                os.close(self._lock)
            self._slot, self._lock = self._take()
            self._pid = os.getpid()
        return self._slot

    def _take(self) -> tuple[int, int]:
        for slot in itertools.count():
            lock = os.open(self._directory / f'{slot}.lock',
                           os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return slot, lock
        raise AssertionError  # pragma: no cover, count() does not end


def setup(directory: str, service: str) -> prometheus_client.CollectorRegistry:
    """Share all metrics that this process creates from now on.

    :param directory: parent of the service's directory; created if missing
    :param service: name of the service whose processes share their metrics
    :returns: a registry with the sums over all processes of the service
    :raises InvalidConfiguration: the directory is not writable
    """
    path = pathlib.Path(directory).expanduser() / service
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[_DIRECTORY] = str(path)
        values.ValueClass = values.MultiProcessValue(WorkerSlots(path))
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[metrics] directory: {path}: {exc.strerror}. Let the '
                   'user of the service write there.') from exc
    registry = prometheus_client.CollectorRegistry()
    prometheus_multiprocess.MultiProcessCollector(registry, str(path))
    return registry
