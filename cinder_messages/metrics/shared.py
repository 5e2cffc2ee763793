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

"""Numbers that the processes of one service keep together.

prometheus_client has a file for each process, and who is asked adds them up.
Left to itself it names the files for process ids, so that each restart of a
worker leaves files behind for ever. Here a process takes the first name that
no living one has, and counts on from what its predecessor has left.
"""

import fcntl
import itertools
import os
import pathlib

import prometheus_client
from prometheus_client import multiprocess
from prometheus_client import values

from cinder_messages import exception

# What prometheus_client looks at when it makes a file.
_DIRECTORY = 'PROMETHEUS_MULTIPROC_DIR'


class Slots:
    """Says which number this process has among those that share a directory.

    A lock that the kernel drops with the process says that it lives.
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._pid = 0
        self._slot = 0
        self._lock: int | None = None

    def __call__(self) -> int:
        """The number; another one after a fork."""
        if self._pid != os.getpid():
            if self._lock is not None:
                # NOTE: the parent's, who goes on holding it.
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


def share(directory: str, service: str) -> prometheus_client.CollectorRegistry:
    """Have all metrics that this process makes from now on be shared.

    :param directory: where; made if it is not there
    :param service: the processes that share
    :returns: what all of them have counted
    :raises InvalidConfiguration: the directory cannot be used
    """
    path = pathlib.Path(directory).expanduser() / service
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[_DIRECTORY] = str(path)
        values.ValueClass = values.MultiProcessValue(Slots(path))
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[metrics] directory: {path}: {exc.strerror}. Let the '
                   'user of the service write there.') from exc
    registry = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, str(path))
    return registry
