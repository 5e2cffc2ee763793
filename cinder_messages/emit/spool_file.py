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

"""One file of reports on disk, owned by one process.

SQLite in WAL mode: what was committed outlives a killed process, and a torn
write is found and undone by whoever opens the file next. Nothing here syncs in
the thread of ``create()``; a checkpoint does, in the sender's.

A lock beside the file, which the kernel drops with the process, says that its
owner lives. A file nobody holds is an orphan, for one process to take over.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import fcntl
import os
import pathlib
import sqlite3
import stat
import threading
import time
import typing
import uuid

SUFFIX = '.spool'
CORRUPT = '.corrupt'

# Rows appended between two moments at which the sender empties the WAL; and
# its pages, of 4 KiB, at which an append must do so itself.
_CHECKPOINT_EVERY = 1000
_WAL_PAGES = 20000

Row = tuple[int, str]


def prepare_directory(path: str) -> pathlib.Path:
    """Make the directory, for its user alone.

    :raises OSError: it cannot be made, or is not ours alone to write
    """
    directory = pathlib.Path(path).expanduser()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_directory(directory, os.geteuid())
    return directory


def check_directory(directory: pathlib.Path, uid: int) -> None:
    """Fail if anybody else could put reports there.

    :raises OSError: it is not the user's alone to write, or no directory
    """
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f'{directory} is not a directory')
    if status.st_uid != uid or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(
            f'{directory} must belong to the user of the service, and only '
            'that user may write in it')


class SpoolFile:
    """Rows of text in the order they were appended.

    What writes may be called by any thread, one at a time, and what reads
    meanwhile by others. Of a file that was let go nothing is read.
    """

    def __init__(self, path: pathlib.Path, lock: int) -> None:
        self._path = path
        self._lock = lock
        self._appended = 0
        self._checkpointed = 0
        self._writing = self._connect()
        self._writing.executescript(
            'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;'
            f'PRAGMA wal_autocheckpoint={_WAL_PAGES};'
            'CREATE TABLE IF NOT EXISTS reports '
            '(seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)')
        self._reading = self._connect()
        # NOTE: a connection that is closed while another thread reads from it
        # takes the whole process with it.
        self._reads = threading.Lock()
        self._is_open = True

    def __str__(self) -> str:
        return str(self._path)

    @classmethod
    def create(cls, directory: pathlib.Path) -> 'SpoolFile':
        """A new file, owned by this process.

        :raises OSError, sqlite3.Error: it cannot be made
        """
        # NOTE: by age, for who takes over several keeps their order.
        path = directory / (
            f'{time.time_ns():020d}-{uuid.uuid4().hex}{SUFFIX}')
        # NOTE: locked before there is a file that one could take over.
        lock = _lock(path)
        if lock is None:
            raise OSError(f'{path} is locked by another process')
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            return cls(path, lock)
        except BaseException:
            _remove(path)
            _remove(_lock_path(path))
            os.close(lock)
            raise

    @classmethod
    def take_over(cls, path: pathlib.Path) -> 'SpoolFile | None':
        """A file whose owner is dead; None if it lives or is gone.

        :raises sqlite3.Error: nobody owns the file but it cannot be read
        """
        lock = _lock(path)
        if lock is None:
            return None
        try:
            # NOTE: who removed the file before us had the lock before us.
            if path.exists():
                return cls(path, lock)
            _remove(_lock_path(path))
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)
        return None

    def append(self, body: str) -> None:
        """Keep a row; it outlives the process when this returns."""
        self._writing.execute('INSERT INTO reports (body) VALUES (?)', (body,))
        self._appended += 1

    def append_all(self, bodies: Sequence[str]) -> None:
        """Keep all of the rows, or none."""
        with self._writing:
            self._writing.execute('BEGIN')
            self._writing.executemany(
                'INSERT INTO reports (body) VALUES (?)',
                [(body,) for body in bodies])
        self._appended += len(bodies)

    def read(self, after: int, count: int) -> Sequence[Row]:
        """The oldest ``count`` rows behind ``after``, a sequence number."""
        return self._query(
            'SELECT seq, body FROM reports WHERE seq > ? ORDER BY seq '
            'LIMIT ?', after, count)

    def read_all(self, count: int) -> Iterator[Sequence[Row]]:
        """All rows that can be read, ``count`` at a time.

        :raises sqlite3.DatabaseError: behind the last, some cannot be read
        """
        last, end = 0, self._last()
        broken = None
        while last < end:
            try:
                rows = self.read(last, count)
                last = rows[-1][0] if rows else end
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as exc:
                broken = exc
                rows = self._read_singly(last, count)
                last += count
            if rows:
                yield rows
        if broken is not None:
            raise broken

    def remove_up_to(self, seq: int) -> None:
        """Remove the rows up to and with a sequence number."""
        self._writing.execute('DELETE FROM reports WHERE seq <= ?', (seq,))

    def checkpoint(self) -> None:
        """If enough was appended, move what the WAL holds to the file."""
        if self._appended - self._checkpointed >= _CHECKPOINT_EVERY:
            self._checkpointed = self._appended
            self._query('PRAGMA wal_checkpoint(PASSIVE)')

    def close(self) -> None:
        """Let go of the file; what it holds is for the next owner."""
        self._disconnect()
        os.close(self._lock)

    def delete(self) -> None:
        """Remove the file: everything in it was answered or moved."""
        self._disconnect()
        for suffix in ('', '-wal', '-shm'):
            _remove(self._path.with_name(self._path.name + suffix))
        _remove(_lock_path(self._path))
        os.close(self._lock)

    def let_parent_keep(self) -> None:
        """In a forked child: no longer hold the lock of the parent.

        The connections stay open and unused, as SQLite asks for.
        """
        os.close(self._lock)

    def _last(self) -> int:
        """The sequence number of the row appended last, if there is one."""
        [[last]] = self._query(
            'SELECT coalesce(max(seq), 0) FROM sqlite_sequence')
        return last

    def _read_singly(self, after: int, count: int) -> Sequence[Row]:
        rows: list[Row] = []
        for seq in range(after + 1, after + count + 1):
            with contextlib.suppress(sqlite3.DatabaseError):
                rows += self._query(
                    'SELECT seq, body FROM reports WHERE seq = ?', seq)
        return rows

    def _query(self, statement: str, *values: int) -> list[typing.Any]:
        with self._reads:
            if not self._is_open:
                return []
            return self._reading.execute(statement, values).fetchall()

    def _disconnect(self) -> None:
        with self._reads:
            self._is_open = False
            self._reading.close()
        self._writing.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f'{self._path.as_uri()}?mode=rw', uri=True, timeout=1,
            isolation_level=None, check_same_thread=False)


def set_aside(path: pathlib.Path) -> pathlib.Path:
    """Rename a file that cannot be read, so that a person can look at it."""
    aside = path.with_suffix(CORRUPT)
    path.rename(aside)
    return aside


def _lock_path(path: pathlib.Path) -> pathlib.Path:
    return path.with_suffix('.lock')


def _lock(path: pathlib.Path) -> int | None:
    """The descriptor that holds the lock of a file; None if it is held."""
    # NOTE: flock and not lockf, which does not tell two owners within one
    # process apart; that a child inherits it is dealt with in the child.
    descriptor = os.open(_lock_path(path), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(path: pathlib.Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
