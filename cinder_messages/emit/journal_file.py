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

"""A file of reports: append and read lines, and remove the file.

A report is appended in one write, so a process that is killed leaves at most
its last line torn. A file that holds an unreadable line is set aside in the
end instead of removed.

Only one thread at a time may call what is here.
"""

from collections.abc import Iterator
import contextlib
import errno
import os
import pathlib
import time
import uuid

from cinder_messages.emit import concurrency
from cinder_messages.emit import own_files
from cinder_messages.emit import spool_directory

# Bytes of a block of the disk, which may be damaged alone.
BLOCK = 4096

# Reports by which the published number of a file may be wrong.
_STEP = 8


# Seconds after a look at a file within which it is taken for unchanged. In a
# burst a look takes a tenth of a report, and in several threads more: each
# system call lets another thread have the interpreter.
TRUSTED = 0.0002


class File:
    """A journal file that this process has locked.

    :ivar path: its name
    :ivar size: bytes, as of the last append
    :ivar is_torn: the last line is incomplete and cannot be cut off, so
        nothing can be appended any more
    :ivar has_unreadable: an unreadable line was read
    :ivar waiting: reports that wait, as its owner has published them
    """

    def __init__(self, path: pathlib.Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        status = os.fstat(descriptor)
        self.size = status.st_size
        self._inode = status.st_dev, status.st_ino
        self.is_torn = False
        self.has_unreadable = False
        self.waiting = self._published = 0
        self._lock = concurrency.make_lock()
        self._users = 0
        self._is_named = False
        self._trusted_until = 0.0
        self._is_released = False
        own_files.add(self)

    @classmethod
    def create(cls, directory: pathlib.Path, created: str = '') -> 'File':
        """Make an empty file, locked by this process.

        :param created: the part of the name that sorts files by age; empty is
            now
        :raises OSError: it cannot be made
        """
        created = created or f'{max(time.time_ns(), 0):020d}'
        path = directory / (f'{created}-{os.getpid()}-{uuid.uuid4().hex[:16]}'
                            f'{spool_directory.JOURNAL}')
        with own_files.opening():
            try:
                made = cls._open(path, os.O_CREAT | os.O_EXCL)
            except OSError:
                # NOTE: a file system without locks, for example. Each report
                # tries again, and must not leave a file each time.
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
            # NOTE: another process may have looked at it before it was
            # locked, and may even have removed it, for it is empty.
            if made is None:
                raise BlockingIOError(errno.EAGAIN, f'{path} is locked')
            return made

    @classmethod
    def take_over(cls, path: pathlib.Path) -> 'File | None':
        """Lock the file of a dead process; None if its process lives.

        :raises OSError: it is missing, or cannot be opened
        """
        with own_files.opening():
            if own_files.is_own(path.name) or own_files.is_elsewhere(path):
                return None
            return cls._open(path)

    @classmethod
    def _open(cls, path: pathlib.Path, flags: int = 0) -> 'File | None':
        """Open and lock a file; None if another process uses it."""
        descriptor = spool_directory.open_locked(
            path, os.O_RDWR | os.O_APPEND | flags)
        return None if descriptor is None else cls(path, descriptor)

    @property
    def created(self) -> str:
        """The part of the name that sorts files by age."""
        return self.path.name.partition('-')[0]

    def is_lost(self) -> bool:
        """Return whether the host process has closed the descriptor.

        A process that becomes a daemon closes all that it knows nothing of,
        and its next file may get the same number.
        """
        return self.find_size() is None

    def is_unchanged(self) -> bool:
        """Return whether it is ours and as long as we made it.

        That is true for some time after a look, see :data:`TRUSTED`.
        """
        now = time.monotonic()
        if now < self._trusted_until:
            return True
        self._trusted_until = now + TRUSTED
        return self.find_size() == self.size

    def find_size(self) -> int | None:
        """Return the size on disk; None as for :meth:`is_lost`."""
        try:
            status = os.fstat(self.descriptor)
        except OSError:
            return None
        if (status.st_dev, status.st_ino) != self._inode:
            return None
        return status.st_size

    def is_linked(self) -> bool:
        """Return whether the path still names the file."""
        return spool_directory.is_linked(self.descriptor, self.path)

    def append(self, data: bytes) -> int:
        """Append whole lines in one write.

        :returns: how many bytes of whole lines are in the file now; fewer
            than given if the disk took fewer
        :raises OSError: the disk took nothing
        """
        # NOTE: not os.write(), which eventlet patches.
        written = os.writev(self.descriptor, [data])
        if written < len(data):
            written = data.rfind(b'\n', 0, written) + 1
            try:
                os.ftruncate(self.descriptor, self.size + written)
            except OSError:
                self.is_torn = True
        self.size += written
        return written

    def publish(self, waiting: int, is_exact: bool = False) -> None:
        """Let other processes know how many reports wait.

        :param is_exact: False for a number that may be some reports behind
        """
        self.waiting = waiting
        change = waiting - self._published
        if (not change or not is_exact and -_STEP < change < _STEP or
                self.is_lost()):
            return
        with contextlib.suppress(OSError):
            spool_directory.publish(self.descriptor, self._published, waiting)
            self._published = waiting

    @contextlib.contextmanager
    def in_use(self) -> Iterator[bool]:
        """Keep the file open for a thread that works on it.

        Another thread may close the journal meanwhile. The file is then
        closed when the work is done; its number could become that of another
        file before. Yields False if the file is closed already.
        """
        with self._lock:
            is_open = self.descriptor >= 0 and not self._is_released
            self._users += is_open
        try:
            yield is_open
        finally:
            if is_open:
                with self._lock:
                    self._users -= 1
                    self._close_if_unused()

    def sync(self) -> bool:
        """Have the disk keep the file and its name; it may take long.

        :returns: False if the file is closed
        :raises OSError: the disk could not
        """
        with self.in_use() as is_open:
            if not is_open or self.is_lost():
                return False
            concurrency.run_blocking(os.fsync, self.descriptor)
            if not self._is_named:
                spool_directory.sync(self.path.parent)
                self._is_named = True
            return True

    def pread(self, position: int, count: int) -> bytes:
        """Read bytes; a damaged block of the disk reads as zeros."""
        try:
            return os.pread(self.descriptor, count, position)
        except OSError as exc:
            if exc.errno != errno.EIO:
                raise
        data = b''
        while len(data) < count and position + len(data) < self.size:
            data += self._pread_block(position + len(data))
        return data[:count]

    def _pread_block(self, position: int) -> bytes:
        """Read up to the end of a block."""
        count = min(BLOCK - position % BLOCK, self.size - position)
        try:
            return os.pread(self.descriptor, count, position)
        except OSError:
            return b'\0' * count

    def remove(self) -> None:
        """Remove and unlock the file; set it aside if it is unreadable."""
        if self.is_linked():
            with contextlib.suppress(OSError):
                if self.has_unreadable:
                    set_aside(self.path)
                else:
                    self.path.unlink()
        self.release()

    def release(self) -> None:
        """Unlock and close the file; it is for another process to send.

        A lost descriptor is left alone: it is another file's.
        """
        with self._lock:
            self._is_released = True
            self._close_if_unused()

    def close_inherited(self) -> None:
        """Close, in a forked child, the descriptor of its parent."""
        if not self.is_lost():
            os.close(self.descriptor)
        self.descriptor = -1

    def _close_if_unused(self) -> None:
        if self._users or not self._is_released or self.descriptor < 0:
            return
        is_lost = self.is_lost()
        descriptor, self.descriptor = self.descriptor, -1
        own_files.remove(self)
        if not is_lost:
            os.close(descriptor)


def set_aside(path: pathlib.Path) -> pathlib.Path:
    """Rename a file that no version can read, for a person to look at."""
    aside = path.with_suffix(spool_directory.UNREADABLE)
    path.rename(aside)
    return aside
