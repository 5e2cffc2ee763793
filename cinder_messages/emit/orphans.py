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

"""Journals of dead processes, which a living one takes over and sends.

They are sent from where they are: nothing is copied, so a full disk does not
matter. A process takes over a bounded number of files at once, the oldest
first; the others stay for other processes or for later.
"""

import dataclasses
import logging
import pathlib
import typing

from cinder_messages.emit import concurrency
from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line
from cinder_messages.emit import journal_read
from cinder_messages.emit import legacy_spool
from cinder_messages.emit import own_files
from cinder_messages.emit import periodic_log
from cinder_messages.emit import spool_directory

LOG = logging.getLogger(__name__)

# Files that are taken over at once; each is an open descriptor.
MAX_FILES = 100

# Bytes of acknowledged reports that a file may hold before it is replaced.
_SLACK = 1 << 20


@dataclasses.dataclass(slots=True, eq=False)
class Orphan:
    """A file that was taken over.

    :ivar position: of the first line that is not acknowledged
    :ivar waiting: lines behind it
    """

    file: journal_file.File
    position: int
    waiting: int


@dataclasses.dataclass(slots=True)
class Part:
    """Reports of one orphan within a batch."""

    orphan: Orphan
    lines: journal_line.Lines


class Orphans:
    """Files of dead processes that this process sends.

    One thread, the keeper's, adopts; one, the sender's, reads and
    acknowledges. :meth:`close` may come while both still work.

    :param directory: that the processes share; empty has none
    :ivar waiting: reports in the files that were taken over
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._adopted: list[Orphan] = []
        self._trouble = periodic_log.PeriodicLog(LOG)
        self._took = periodic_log.PeriodicLog(LOG)
        self._is_closed = False
        self._lock = concurrency.make_lock()

    @property
    def waiting(self) -> int:
        return sum(orphan.waiting for orphan in self._adopted)

    def adopt(self) -> int:
        """Take over what dead processes have left; return how many files."""
        if not self._directory:
            return 0
        count = reports = 0
        for path in self._paths():
            if len(self._adopted) >= MAX_FILES or self._is_closed:
                break
            try:
                orphan = _take_over(path)
            except FileNotFoundError:
                # NOTE: another process has sent it meanwhile.
                continue
            except OSError as exc:
                self._trouble.warning('%s is not taken over: %s', path, exc)
                continue
            if orphan is not None and self._keep(orphan):
                count += 1
                reports += orphan.waiting
        if count:
            self._took.info('Took over %d reports of %d processes that '
                            'ended, from %s.', reports, count,
                            self._directory)
        return count

    def read(self, count: int) -> list[Part]:
        """Return the oldest ``count`` reports, or fewer, by their files."""
        parts = []
        for orphan in list(self._adopted):
            if count <= 0:
                break
            lines = self._read(orphan, count)
            if lines is None:
                continue
            parts.append(Part(orphan, lines))
            count -= lines.count
            if lines.end < orphan.file.size:
                # NOTE: its reports are older than those of the next file.
                break
        return parts

    def acknowledge(self, parts: list[Part]) -> None:
        """Forget the reports of a read; remove files that are done.

        After :meth:`close` it does nothing, so they are sent once more.
        """
        for part in parts:
            with self._lock:
                if self._is_closed:
                    return
                if part.orphan in self._adopted:
                    self._acknowledge(part.orphan, part.lines)

    def close(self) -> None:
        """Release the files; other processes send them."""
        with self._lock:
            self._is_closed = True
            while self._adopted:
                self._adopted.pop().file.release()

    def _read(self, orphan: Orphan, count: int) -> journal_line.Lines | None:
        """Read lines; None if that is impossible now, or after a close()."""
        file = orphan.file
        if file.is_lost():
            self._forget(orphan)
            return None
        try:
            with file.in_use() as is_open:
                return journal_read.read(
                    file, orphan.position, file.size,
                    count) if is_open else None
        except OSError as exc:
            self._trouble.warning('%s cannot be read now: %s', file.path, exc)
            return None

    def _forget(self, orphan: Orphan) -> None:
        """Leave a file that the host process has closed, for a next look."""
        with self._lock:
            if orphan in self._adopted:
                self._adopted.remove(orphan)
                orphan.file.release()

    def _keep(self, orphan: Orphan) -> bool:
        """Keep an orphan to send it; after :meth:`close`, release it."""
        with self._lock:
            if self._is_closed:
                orphan.file.release()
                return False
            self._adopted.append(orphan)
            orphan.file.publish(orphan.waiting)
            return True

    def _acknowledge(self, orphan: Orphan, lines: journal_line.Lines) -> None:
        orphan.position = lines.end
        orphan.waiting = max(orphan.waiting - lines.count, 0)
        if lines.end >= orphan.file.size or not lines.count:
            self._adopted.remove(orphan)
            orphan.file.remove()
        else:
            _shorten(orphan)
            orphan.file.publish(orphan.waiting)

    def _paths(self) -> list[pathlib.Path]:
        """Return the files of other processes, dead or alive, oldest first."""
        try:
            directory = pathlib.Path(self._directory)
            if not directory.exists():
                return []
            spool_directory.prepare(self._directory)
            legacy_spool.convert_all(directory)
            return sorted(
                path for path in directory.iterdir()
                if path.suffix == spool_directory.JOURNAL and
                not own_files.is_own(path.name))
        except OSError as exc:
            self._trouble.error('The spool directory %s cannot be used: %s',
                                self._directory, exc)
            return []


def _take_over(path: pathlib.Path) -> Orphan | None:
    """Return the orphan; None if its process lives or nothing is in it."""
    file = journal_file.File.take_over(path)
    if file is None:
        return None
    try:
        waiting = journal_read.count_lines(file)
    except BaseException:
        file.release()
        raise
    if not file.size:
        file.remove()
        return None
    return Orphan(file, 0, waiting)


def _shorten(orphan: Orphan) -> None:
    """Replace a file by a shorter one if most of it is acknowledged."""
    old = orphan.file
    if not _SLACK < orphan.position > old.size // 2:
        return
    new: typing.Any = None
    try:
        new = journal_file.File.create(old.path.parent, old.created)
        journal_read.copy(old, orphan.position, old.size, new)
    except OSError:
        if new is not None:
            new.remove()
        return
    orphan.file, orphan.position = new, 0
    old.remove()
