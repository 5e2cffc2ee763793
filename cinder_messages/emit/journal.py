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

"""The reports of one process that no writer has acknowledged yet.

They wait in order: the older ones in a file, see :mod:`.journal_file`, and the
younger ones in memory while the disk takes nothing. Reports of the file are
addressed by their offset in the stream of all reports of the process, which
stays the same when the file is replaced by a shorter one.
"""

import collections
import contextlib
import errno
import itertools
import os

from cinder_messages.emit import exclusion
from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line
from cinder_messages.emit import journal_read
from cinder_messages.emit import spool_directory
from cinder_messages.emit import spool_limit

# Reports of the memory that one append writes to a disk that works again.
_SPILL = 200

# Bytes of acknowledged reports that a file may hold before it is replaced.
_SLACK = 1 << 20

# Bytes up to which a file in which all is acknowledged stays for a moment.
_EMPTY = 1 << 16


class Journal:
    """A bounded queue; a report stays until it is acknowledged.

    Any thread and any signal handler may :meth:`append`. One thread, the
    sender's, reads and acknowledges; one, the keeper's, tidies up.

    :param directory: where its file is made; empty keeps all in memory
    :param limit: how many reports may wait in the directory
    :ivar waiting: how many reports it holds
    :ivar refused: how many it has refused, because of the limit
    :ivar limit: admits reports while the directory has room for them
    :ivar trouble: why the disk took nothing at the last attempt, or None
    """

    def __init__(self, directory: str, limit: int) -> None:
        self.directory = directory
        self.limit = spool_limit.SpoolLimit(directory, limit)
        self.waiting = self.refused = 0
        self.trouble: OSError | None = None
        self._exclusion = exclusion.Exclusion(self._append)
        self._file: journal_file.File | None = None
        # Offset of the first byte of the file, of the first report that is
        # not acknowledged, and behind the last that is in the file.
        self._base = self._acked = self._written = 0
        self._memory: collections.deque[bytes] = collections.deque()
        self._synced = 0
        self._is_idle = False

    @property
    def is_on_disk(self) -> bool:
        """Return whether a file holds all that waits."""
        return not self._memory

    def append(self, line: bytes) -> bool:
        """Keep a report; return False if the directory holds too many."""
        return self._exclusion.append(line)

    def read(self, count: int) -> journal_line.Lines:
        """Return the oldest ``count`` reports, or fewer.

        :raises OSError: the file cannot be read now
        """
        with self._exclusion.hold():
            self._resync()
            start, base, file = self._acked, self._base, self._file
            memory: list[bytes] = []
            data = b''
            if start == self._written or file is None:
                memory = list(itertools.islice(self._memory, count))
            else:
                data = journal_read.read_data(
                    file, start - base, self._written - base, count)
        if data and file is not None:
            lines = journal_read.take(file, data, start - base, count)
            return journal_line.Lines(
                lines.reports, lines.count, lines.end + base)
        reports = [journal_line.decode(line[:-1]) for line in memory]
        return journal_line.Lines(
            [report for report in reports if report is not None],
            len(memory), start + sum(map(len, memory)))

    def acknowledge(self, batch: journal_line.Lines) -> None:
        """Forget the reports of the last read: a writer has answered."""
        with self._exclusion.hold():
            if batch.end <= self._base:
                # NOTE: it was read from a file that was lost meanwhile.
                return
            while self._memory and self._written < batch.end:
                # NOTE: they never were in the file, in which all before them
                # is acknowledged, too.
                self._written += len(self._memory.popleft())
                if self._file is not None:
                    self._base = self._written - self._file.size
            self._acked = max(self._acked, batch.end)
            self.waiting -= batch.count
            if self._acked >= self._written and not self._memory:
                self.waiting = 0
            self.limit.lower(self.waiting)
            if self._file is not None:
                self._file.publish(self.waiting)

    def tidy(self) -> None:
        """Move reports from memory to the disk, and keep the file small.

        For the keeper's thread, once a second.
        """
        with self._exclusion.hold():
            self._reopen_lost_file()
        file = self._file
        if file is not None:
            if self._acked == self._written and not file.is_torn:
                self._remove_if_idle(file)
            elif file.is_torn or self._is_long() or not file.is_linked():
                with file.in_use() as is_open:
                    if is_open:
                        self._replace(file)
        self._write_all_memory()
        self._is_idle = True

    def look_at_others(self) -> None:
        """Count what the others hold; for the keeper, every few seconds."""
        with self._exclusion.hold():
            file = self._file
            if file is not None:
                file.publish(self.waiting, is_exact=True)
        self.limit.look(self.waiting, file)

    def sync(self) -> None:
        """Have the disk keep what waits; for the keeper, as it may be slow.

        :raises OSError: it could not
        """
        file, written = self._file, self._written
        if (file is not None and self._synced < written > self._acked and
                file.sync()):
            self._synced = written

    def close(self) -> None:
        """Release the file; another process sends what it holds.

        What waits in memory is written if that is possible now.
        """
        self._write_all_memory()
        with self._exclusion.hold():
            file, self._file = self._file, None
            is_done = self._acked == self._written
        if file is not None:
            if is_done:
                file.remove()
            else:
                file.release()

    def _append(self, line: bytes) -> bool:
        if not self.limit.admits(self.waiting, self._file):
            self.refused += 1
            return False
        self._is_idle = False
        if self._memory or not self._write(line):
            self._memory.append(line)
            self._write_memory()
        self.waiting += 1
        if self._file is not None:
            self._file.publish(self.waiting)
        return True

    def _write(self, data: bytes) -> int:
        """Write whole lines to the file; return how many bytes it took."""
        if not self.directory:
            return 0
        try:
            file = self._own_file()
            if file.is_torn:
                return 0
            written = file.append(data)
        except OSError as exc:
            self.trouble = exc
            return 0
        self._written += written
        # NOTE: a disk that is nearly full takes a part of a line each time.
        self.trouble = None if written == len(data) else OSError(
            errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written

    def _own_file(self) -> journal_file.File:
        file = self._file
        if file is not None and not file.is_unchanged():
            self._resync()
        if self._file is None:
            self._file = journal_file.File.create(
                spool_directory.prepare(self.directory))
            self._base = self._written
        return self._file

    def _write_memory(self) -> bool:
        """Write some of the memory to the file; return whether it took it."""
        lines = list(itertools.islice(self._memory, _SPILL))
        written = self._write(b''.join(lines))
        wanted = sum(map(len, lines))
        for line in lines:
            if written < len(line):
                break
            written -= len(line)
            self._memory.popleft()
            wanted -= len(line)
        return not wanted

    def _write_all_memory(self) -> None:
        takes_more = bool(self.directory)
        while takes_more and self._memory:
            with self._exclusion.hold():
                takes_more = self._write_memory()

    def _resync(self) -> None:
        """Count again if the file is not as long as it should be."""
        self._reopen_lost_file()
        file = self._file
        if file is None or file.is_torn:
            return
        count = journal_read.recount(file, max(self._acked - self._base, 0))
        if count is not None:
            self.waiting = count + len(self._memory)
            self._written = self._base + file.size
            self._acked = min(self._acked, self._written)

    def _reopen_lost_file(self) -> None:
        """Open the file again if the host process has closed it.

        Its lock ended, so another process may have taken it over, and sends
        what it holds.
        """
        file = self._file
        if file is None or not file.is_lost():
            return
        file.release()
        with contextlib.suppress(OSError):
            self._file = journal_file.File.take_over(file.path)
        if self._file is None or self._file is file:
            self._file = None
            self._base = self._acked = self._written
            self.waiting = len(self._memory)

    def _is_long(self) -> bool:
        return _SLACK < self._acked - self._base > self._written - self._acked

    def _remove_if_idle(self, file: journal_file.File) -> None:
        with self._exclusion.hold():
            if (self._file is not file or self._acked != self._written or
                    not self._is_idle and file.size <= _EMPTY):
                return
            self._file = None
        file.remove()

    def _replace(self, old: journal_file.File) -> None:
        """Copy what waits to a new file, which is then the journal's file."""
        start, end, base = self._acked, self._written, self._base
        new = None
        try:
            new = journal_file.File.create(
                spool_directory.prepare(self.directory), old.created)
            journal_read.copy(old, start - base, end - base, new)
            with self._exclusion.hold():
                if self._file is not old:
                    # NOTE: the journal was closed.
                    new.remove()
                    return
                if self._base != base:
                    raise BlockingIOError('reports were acknowledged that '
                                          'are not in the file')
                journal_read.copy(old, end - base, self._written - base, new)
                self._file, self._base = new, start
                new.publish(self.waiting)
        except OSError as exc:
            self.trouble = exc
            if new is not None:
                new.remove()
            return
        old.remove()
