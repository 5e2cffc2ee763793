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

"""Reports that no writer has answered for yet, in the order they came.

They are kept in a file of this process, see :mod:`.spool_file`. What the disk
does not take waits in memory, so that it is lost with the process at most.
"""

import collections
import dataclasses
import itertools
import json
import logging
import pathlib
import sqlite3
import threading

from cinder_messages.emit import periodic_log
from cinder_messages.emit import spool_file

LOG = logging.getLogger(__name__)

# Rows moved in one transaction when an orphan is taken over.
_MOVE = 500

# What may go wrong with a file or the disk below it.
_TROUBLE = (OSError, sqlite3.Error)


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """The oldest reports.

    :ivar primitives: as they were put
    :ivar count: how many entries of the spool they take up
    :ivar last_seq: of the last one on disk; None if they wait in memory
    """

    primitives: list[dict[str, str]]
    count: int
    last_seq: int | None = None


class Spool:
    """A bounded queue; an entry stays until it is forgotten.

    Any thread may :meth:`put`; one thread, the sender's, does all else.

    :param directory: where processes keep their files; empty is in memory
    :param max_messages: how many may wait; one project leaves a tenth of
        that to the others
    """

    def __init__(self, directory: str, max_messages: int) -> None:
        self._directory = directory
        self._max_messages = max_messages
        self._max_of_project = max_messages - max_messages // 10
        self._changed = threading.Condition()
        self._waiting = 0
        self._waiting_of: collections.Counter[str] = collections.Counter()
        self._closed = False
        self._file: spool_file.SpoolFile | None = None
        self._sent_seq = 0
        self._memory: collections.deque[str] = collections.deque()
        self._trouble = periodic_log.PeriodicLog(LOG)

    def __len__(self) -> int:
        return self._waiting

    def put(self, primitive: dict[str, str]) -> bool:
        """Append one report; False if the spool is full and it was refused."""
        body = json.dumps(primitive)
        project_id = primitive.get('project_id', '')
        with self._changed:
            if (self._waiting >= self._max_messages or
                    self._waiting_of[project_id] >= self._max_of_project):
                return False
            # NOTE: what waits in memory is older and goes first.
            if self._memory or not self._save(body):
                self._memory.append(body)
            self._waiting += 1
            self._waiting_of[project_id] += 1
            self._changed.notify_all()
        return True

    def peek(self, count: int, timeout: float) -> Batch:
        """The oldest ``count`` reports; waits for one, and may be empty."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._closed, timeout)
            on_disk = self._file
        if on_disk is not None:
            try:
                rows = on_disk.read(self._sent_seq, count)
            except _TROUBLE as exc:
                self._lose_file(exc)
                rows = []
            if rows:
                return Batch(_decode([body for _, body in rows]), len(rows),
                             rows[-1][0])
        with self._changed:
            bodies = list(itertools.islice(self._memory, count))
        return Batch(_decode(bodies), len(bodies))

    def forget(self, batch: Batch) -> None:
        """Drop the reports of the last peek: a writer has answered."""
        with self._changed:
            if batch.last_seq is None:
                for _ in range(batch.count):
                    self._memory.popleft()
            elif self._file is not None:
                # NOTE: on a full disk not even a removal works. What was
                # answered is not read again, and removed when it is possible.
                self._sent_seq = batch.last_seq
                try:
                    self._file.remove_up_to(self._sent_seq)
                except _TROUBLE as exc:
                    self._trouble.warning(
                        'Nothing can be removed from %s: %s', self._file, exc)
            self._waiting -= batch.count
            # NOTE: and forget the projects of which nothing waits.
            self._waiting_of -= _projects(batch.primitives)
            self._changed.notify_all()

    def tidy(self) -> None:
        """What may take a while and need not be done at once."""
        if self._file is not None:
            try:
                self._file.checkpoint()
            except _TROUBLE as exc:
                self._trouble.warning('%s: %s', self._file, exc)

    def wait_empty(self, timeout: float) -> bool:
        """Wait until nothing waits; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting, timeout)

    def orphans(self) -> list[pathlib.Path]:
        """The files that other processes, dead or alive, have left here."""
        if not self._directory:
            return []
        try:
            directory = spool_file.prepare_directory(self._directory)
            own = str(self._file)
            found = sorted(directory.glob('*' + spool_file.SUFFIX))
            return [path for path in found if str(path) != own]
        except OSError as exc:
            self._trouble.error('No spool in %s: %s', self._directory, exc)
            return []

    def adopt(self) -> None:
        """Take over the reports of processes that have died."""
        for path in self.orphans():
            try:
                self._adopt(path)
            except (OSError, sqlite3.OperationalError) as exc:
                self._trouble.warning('%s stays there: %s', path, exc)
            except sqlite3.Error as exc:
                LOG.error('A spool cannot be read, what is left of it is '
                          'kept as %s: %s', spool_file.set_aside(path), exc)

    def let_parent_keep(self) -> None:
        """In a forked child: leave all of it to the parent."""
        if self._file is not None:
            self._file.let_parent_keep()

    def close(self) -> None:
        """Let go; what was not answered is for the next process."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            if self._file is None:
                return
            if self._waiting == len(self._memory):
                self._file.delete()
            else:
                self._file.close()
            self._file = None

    def _save(self, body: str) -> bool:
        if not self._directory:
            return False
        try:
            self._own_file().append(body)
        except _TROUBLE as exc:
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

    def _adopt(self, path: pathlib.Path) -> None:
        orphan = spool_file.SpoolFile.take_over(path)
        if orphan is None:
            return
        moved = 0
        try:
            for rows in orphan.read_all(_MOVE):
                with self._changed:
                    # NOTE: also beyond the bound; the disk holds it already.
                    self._own_file().append_all([body for _, body in rows])
                    self._waiting += len(rows)
                    self._waiting_of += _projects(
                        _decode([body for _, body in rows]))
                    self._changed.notify_all()
                # NOTE: killed before this, they are sent twice, stored once.
                orphan.remove_up_to(rows[-1][0])
                moved += len(rows)
        except BaseException:
            orphan.close()
            raise
        orphan.delete()
        LOG.info('Took over %d reports of a process that ended, from %s.',
                 moved, path)

    def _lose_file(self, exc: Exception) -> None:
        with self._changed:
            if self._file is None:
                return
            LOG.error('%s cannot be read any more, %d reports stay there: %s',
                      self._file, self._waiting - len(self._memory), exc)
            self._waiting = len(self._memory)
            self._waiting_of = _projects(_decode([*self._memory]))
            self._file = None
            self._sent_seq = 0
            self._changed.notify_all()


def _projects(
        primitives: list[dict[str, str]]) -> collections.Counter[str]:
    return collections.Counter(
        primitive.get('project_id', '') for primitive in primitives)


def _decode(bodies: list[str]) -> list[dict[str, str]]:
    """The reports; one that a broken disk has made unreadable is dropped."""
    primitives = []
    for body in bodies:
        try:
            primitives.append(json.loads(body))
        except ValueError:
            LOG.error('A report in the spool cannot be read and is dropped.')
    return primitives
