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

"""One queue of a spool: on disk, or in memory when the disk does not take it.

What waits in memory is younger than what waits on disk, and goes after it.
"""

import collections
from collections.abc import Sequence
import dataclasses
import itertools
import json
import logging
import sqlite3
import threading

from cinder_messages.emit import periodic_log
from cinder_messages.emit import spool_file

LOG = logging.getLogger(__name__)

# What may go wrong with a file or the disk below it.
TROUBLE = (OSError, sqlite3.Error)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """The oldest reports of a lane.

    :ivar bodies: as they were appended
    :ivar file: that they are in; None if they wait in memory
    :ivar last_seq: of the last one in that
    """

    lane: 'Lane'
    bodies: Sequence[str]
    file: spool_file.SpoolFile | None = None
    last_seq: int = 0


class Lane:
    """Reports in the order they came; each stays until it is forgotten.

    :param directory: where its file is made; empty is in memory
    :param lock: of the spool; held by who appends
    :param trouble: where it is said that the disk does not do its part
    :ivar waiting: how many reports it holds
    :ivar waiting_of: how many of each project
    """

    def __init__(self, directory: str, lock: threading.Condition,
                 trouble: periodic_log.PeriodicLog) -> None:
        self._directory = directory
        self._lock = lock
        self._trouble = trouble
        self.waiting = 0
        self.waiting_of: collections.Counter[str] = collections.Counter()
        self._file: spool_file.SpoolFile | None = None
        self._sent_seq = 0
        self._memory: collections.deque[str] = collections.deque()

    @property
    def path(self) -> str:
        """Of its file, if it has made one."""
        return str(self._file or '')

    def append(self, body: str, project_id: str) -> None:
        """Keep a report, on disk if that is possible."""
        # NOTE: what waits in memory is older and goes first.
        if self._memory or not self._save(body):
            self._memory.append(body)
        self.waiting += 1
        self.waiting_of[project_id] += 1

    def append_all(self, bodies: Sequence[str]) -> None:
        """Keep all of the reports on disk, or none.

        :raises OSError, sqlite3.Error: none
        """
        self._own_file().append_all(bodies)
        self.waiting += len(bodies)
        self.waiting_of += _projects(bodies)

    def read(self, count: int) -> Part:
        """The oldest ``count`` reports, or fewer."""
        on_disk = self._file
        if on_disk is not None:
            try:
                rows = on_disk.read(self._sent_seq, count)
            except TROUBLE as exc:
                self._lose_file(exc)
                rows = []
            if rows:
                return Part(self, [body for _, body in rows], on_disk,
                            rows[-1][0])
        with self._lock:
            return Part(self, list(itertools.islice(self._memory, count)))

    def forget(self, part: Part) -> None:
        """Drop the reports of the last read: a writer has answered."""
        with self._lock:
            if part.file is None:
                for _ in part.bodies:
                    self._memory.popleft()
            elif part.file is not self._file:
                # NOTE: it broke meanwhile, and these are counted no more.
                return
            else:
                # NOTE: on a full disk not even a removal works. What was
                # answered is not read again, and removed when it is possible.
                self._sent_seq = part.last_seq
                try:
                    part.file.remove_up_to(self._sent_seq)
                except TROUBLE as exc:
                    self._trouble.warning(
                        'Nothing can be removed from %s: %s', part.file, exc)
            self.waiting -= len(part.bodies)
            # NOTE: and forget the projects of which nothing waits.
            self.waiting_of -= _projects(part.bodies)

    def tidy(self) -> None:
        """What may take a while and need not be done at once."""
        if self._file is not None:
            try:
                self._file.checkpoint()
            except TROUBLE as exc:
                self._trouble.warning('%s: %s', self._file, exc)

    def let_parent_keep(self) -> None:
        """In a forked child: leave all of it to the parent."""
        if self._file is not None:
            self._file.let_parent_keep()

    def close(self) -> None:
        """Let go; what was not answered is for the next process."""
        if self._file is None:
            return
        if self.waiting == len(self._memory):
            self._file.delete()
        else:
            self._file.close()
        self._file = None

    def _save(self, body: str) -> bool:
        if not self._directory:
            return False
        try:
            self._own_file().append(body)
        except TROUBLE as exc:
            self._trouble.error(
                'The spool in %s takes no reports, they wait in memory and '
                'are lost with the process: %s', self._directory, exc)
            return False
        return True

    def _own_file(self) -> spool_file.SpoolFile:
        if self._file is None:
            self._file = spool_file.SpoolFile.create(
                spool_file.prepare_directory(self._directory))
        return self._file

    def _lose_file(self, exc: Exception) -> None:
        with self._lock:
            if self._file is None:
                return
            LOG.error('%s cannot be read any more, %d reports stay there: %s',
                      self._file, self.waiting - len(self._memory), exc)
            # NOTE: now nobody owns it, and what can be read is taken over.
            self._file.close()
            self.waiting = len(self._memory)
            self.waiting_of = _projects(self._memory)
            self._file = None
            self._sent_seq = 0
            self._lock.notify_all()


def decode(bodies: Sequence[str]) -> list[dict[str, str]]:
    """The reports; one that a broken disk has made unreadable is dropped."""
    primitives = []
    for body in bodies:
        try:
            primitives.append(json.loads(body))
        except ValueError:
            LOG.error('A report in the spool cannot be read and is dropped.')
    return primitives


def project_of(primitive: dict[str, str]) -> str:
    """Whose share of the spool a report takes."""
    return primitive.get('project_id', '')


def _projects(bodies: Sequence[str]) -> collections.Counter[str]:
    return collections.Counter(map(project_of, decode(bodies)))
