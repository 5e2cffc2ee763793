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

"""Reports that a writer has refused, kept for a later version or a person.

One file of the spool directory holds those of all its processes. Each
operation locks it for a moment, so that the commands of an operator can work
while services report.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import dataclasses
import errno
import json
import os
import pathlib
import time
import typing

from oslo_utils import timeutils

from cinder_messages.emit import concurrency
from cinder_messages.emit import journal_line
from cinder_messages.emit import spool_directory
from cinder_messages.rpc import contract

NAME = 'refused' + spool_directory.QUARANTINE

# Bytes that the file may have; what is refused beyond them is dropped.
MAX_SIZE = 64 << 20

# Reports that the disk does not take, at most; they wait in memory.
MAX_UNSAVED = 10_000

# Seconds between a refusal and the next offer, and reports of one offer.
OFFER_EVERY = 60.0
OFFERED = 500

# Seconds to wait for another process that uses the file.
_PATIENCE = 5.0

# NOTE: a POSIX lock does not tell two threads of one process apart. By
# process, so that a forked child has one that nobody holds.
_LOCKS: dict[int, typing.Any] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A refused report.

    :ivar code: of the writer's answer, for example ``UNKNOWN_EVENT``
    :ivar reason: of the writer's answer
    :ivar refused_at: ISO 8601, UTC
    :ivar report: as it was sent
    """

    code: str
    reason: str
    refused_at: str
    report: dict[str, typing.Any]

    @property
    def id(self) -> str:
        """The id of the report."""
        return str(self.report['id'])

    @classmethod
    def make(cls, report: dict[str, typing.Any], code: str,
             reason: str) -> 'Entry':
        """Return the entry of a report that was refused now."""
        return cls(code, reason, timeutils.utcnow().isoformat(), report)

    def to_journal(self) -> bytes:
        """Return the line of a journal that keeps the report."""
        return journal_line.encode(json.dumps(self.report))

    def to_line(self) -> bytes:
        """Return the line that keeps the entry."""
        return journal_line.encode(json.dumps({
            'id': self.id, **dataclasses.asdict(self)}))

    @classmethod
    def from_line(cls, line: bytes) -> 'Entry | None':
        """Return the entry of a line; None if it is unreadable."""
        found = journal_line.decode(line)
        try:
            entry = cls(**{field.name: found[field.name]  # type: ignore
                           for field in dataclasses.fields(cls)})
            return entry if isinstance(entry.report['id'], str) else None
        except (KeyError, TypeError):
            return None


Select = Callable[[Entry], bool]


def is_offered_again(entry: Entry) -> bool:
    """Return whether a writer may store the report later."""
    return entry.code in contract.RETRYABLE


class Quarantine:
    """The refused reports of a spool directory.

    :param directory: of the spool; empty keeps them in memory
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._path = pathlib.Path(directory) / NAME
        self._unsaved: collections.deque[Entry] = collections.deque(
            maxlen=MAX_UNSAVED)
        self._offer_at = 0.0

    def keep(self, entries: list[Entry]) -> None:
        """Keep refused reports, in memory if the disk does not take them."""
        self._unsaved.extend(entries)
        self._offer_at = time.monotonic() + OFFER_EVERY
        self.save()

    def save(self) -> OSError | None:
        """Write what waits in memory; return why that is impossible."""
        if not self._directory:
            return None
        # NOTE: the sender and the keeper may both be here.
        entries = []
        with contextlib.suppress(IndexError):
            while True:
                entries.append(self._unsaved.popleft())
        try:
            if entries:
                self.add(entries)
        except OSError as exc:
            self._unsaved.extendleft(reversed(entries))
            return exc
        return None

    def offer(self, keep: Callable[[bytes], bool]) -> int:
        """Hand on the reports that a newer writer may store, if it is time.

        Once a minute after the last refusal, or at once if a writer has
        stored those that were offered before.

        :param keep: as of :meth:`remove`
        :returns: how many were handed on
        :raises OSError: as :meth:`remove`
        """
        if not self._directory:
            return self._offer_unsaved(keep)
        changed = self.changed()
        if changed is None or abs(time.time() - changed) < OFFER_EVERY:
            return 0
        return self.remove(is_offered_again, keep, OFFERED)

    def _offer_unsaved(self, keep: Callable[[bytes], bool]) -> int:
        if not self._unsaved or time.monotonic() < self._offer_at:
            return 0
        count = 0
        for entry in list(self._unsaved):
            if is_offered_again(entry) and keep(entry.to_journal()):
                self._unsaved.remove(entry)
                count += 1
        self._offer_at = time.monotonic() + OFFER_EVERY
        return count

    def add(self, entries: list[Entry]) -> None:
        """Keep refused reports.

        :raises OSError: the disk does not take them, or there are too many
        """
        with self._open(make=True) as descriptor:
            size = os.fstat(descriptor).st_size
            data = b''.join(entry.to_line() for entry in entries)
            if size + len(data) > MAX_SIZE:
                raise OSError(errno.EFBIG, 'too many refused reports')
            if os.writev(descriptor, [data]) < len(data):
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def entries(self) -> list[Entry]:
        """Return all refused reports, by the time of their refusal.

        :raises OSError: the file cannot be read
        """
        try:
            descriptor = spool_directory.open_file(
                self._path, os.O_RDONLY, self._path.parent.stat().st_uid)
        except FileNotFoundError:
            return []
        with os.fdopen(descriptor, 'rb') as file:
            return [entry for line in file
                    if (entry := Entry.from_line(line[:-1])) is not None]

    def changed(self) -> float | None:
        """Return the time of the last refusal; None if the file is missing."""
        try:
            return self._path.stat().st_mtime
        except OSError:
            return None

    def remove(self, select: Select,
               keep: Callable[[bytes], bool] | None = None,
               count: int | None = None) -> int:
        """Remove entries, and hand their reports on before.

        :param select: which entries
        :param keep: receives the line of the journal of each report, and
            returns whether it has kept it; an entry that is not kept stays
        :param count: entries at most; None is all
        :returns: how many were removed
        :raises OSError: the file cannot be read or replaced
        """
        with self._open(make=False) as descriptor:
            if descriptor < 0:
                return 0
            status = os.fstat(descriptor)
            stay, removed = [], 0
            for line in os.pread(descriptor, MAX_SIZE, 0).splitlines(True):
                entry = Entry.from_line(line.rstrip(b'\n'))
                if (entry is not None and removed != count and
                        select(entry) and
                        (keep is None or keep(entry.to_journal()))):
                    removed += 1
                else:
                    stay.append(line)
            if removed:
                self._replace(b''.join(stay), status)
            return removed

    def _replace(self, data: bytes, status: os.stat_result) -> None:
        """Replace the file, with the time of its last change."""
        if not data:
            self._path.unlink()
            return
        new = self._path.with_suffix('.tmp')
        new.unlink(missing_ok=True)
        descriptor = spool_directory.open_file(
            new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with os.fdopen(descriptor, 'wb') as file:
            file.write(data)
            file.flush()
            os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(descriptor)
        new.rename(self._path)

    @contextlib.contextmanager
    def _open(self, make: bool) -> Iterator[int]:
        """Open and lock the file; -1 if it is missing and not to be made."""
        in_process = _LOCKS.setdefault(os.getpid(), concurrency.make_lock())
        deadline = time.monotonic() + _PATIENCE
        while True:
            with in_process:
                descriptor = self._open_locked(make)
                if descriptor is not None:
                    try:
                        yield descriptor
                    finally:
                        if descriptor >= 0:
                            os.close(descriptor)
                    return
            if time.monotonic() > deadline:
                raise BlockingIOError(
                    errno.EAGAIN, f'{self._path} is locked for long')
            time.sleep(0.02)

    def _open_locked(self, make: bool) -> int | None:
        """Try once; None if another process uses the file."""
        flags = os.O_RDWR | os.O_APPEND
        if make:
            spool_directory.prepare(str(self._path.parent))
            flags |= os.O_CREAT
        try:
            return spool_directory.open_locked(self._path, flags)
        except FileNotFoundError:
            return -1
