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

"""The limit of a spool directory: whether there is room for a report.

The limit is that of all processes that share the directory. Each of them
publishes how many reports wait in its files, see
:func:`.spool_directory.publish`, and counts what the others have published
before it takes more than its share of the room that was left at the last
count. ``create()`` therefore looks at the directory once in many reports only,
and the processes together keep hardly more than the limit.
"""

import contextlib
import os
import pathlib
import stat

from cinder_messages.emit import journal_file
from cinder_messages.emit import own_files
from cinder_messages.emit import spool_directory

# Reports that a process takes at least between two counts, if there is room,
# and the part of the limit that it takes at most.
_FEW = 8
_PART = 100

# Bytes up to which a file holds one or two reports, and of a report at least.
# Many children report once and end, and their files need not be opened.
_SMALL = 1024
_REPORT = 400

_READ = 1 << 18


class SpoolLimit:
    """Admits reports of one process to a directory.

    :param directory: empty for reports that wait in memory
    :param limit: how many reports may wait in the directory
    :ivar others: reports of other journals, as of the last count
    """

    def __init__(self, directory: str, limit: int) -> None:
        self.others = 0
        self._directory = directory
        self._limit = limit
        self._share = self._until = 0
        # Sizes and numbers of lines of files whose owner publishes nothing.
        self._counted: dict[str, tuple[int, int]] = {}

    def admits(self, waiting: int, own: journal_file.File | None) -> bool:
        """Return whether there is room for one report more.

        :param waiting: reports of the journal that asks
        :param own: the file of that journal
        """
        if waiting >= self._until and waiting + self.others < self._limit:
            if own is not None:
                own.publish(waiting, is_exact=True)
            self.look(waiting, own)
        return waiting < self._until

    def lower(self, waiting: int) -> None:
        """Leave the room of acknowledged reports to all processes."""
        self._until = min(self._until, waiting + self._share)

    def look(self, waiting: int, own: journal_file.File | None) -> None:
        """Count the reports of others, and take a share of the room.

        Arguments are those of :meth:`admits`.
        """
        files = 0
        if self._directory:
            self.others, files = self._count(own)
        room = max(self._limit - waiting - self.others, 0)
        self._share = min(room, max(_FEW, min(
            room // (2 * files + 2), self._limit // _PART)))
        self._until = waiting + self._share

    def _count(self, own: journal_file.File | None) -> tuple[int, int]:
        """Return how many reports and files others hold."""
        reports = files = 0
        counted: dict[str, tuple[int, int]] = {}
        try:
            with os.scandir(self._directory) as entries:
                for entry in entries:
                    if not entry.name.endswith(spool_directory.JOURNAL):
                        continue
                    with contextlib.suppress(OSError), own_files.opening():
                        file = own_files.find(entry.name)
                        if file is None:
                            reports += _count_small_file(entry) or (
                                self._count_file(entry, counted))
                            files += 1
                        elif file is not own:
                            reports += file.waiting
        except OSError:
            # NOTE: the directory is missing or out of reach.
            pass
        self._counted = counted
        return reports, files

    def _count_file(self, entry: os.DirEntry,
                    counted: dict[str, tuple[int, int]]) -> int:
        """Return how many reports a file of another process holds.

        :param counted: receives the number if it had to be counted
        """
        descriptor = spool_directory.open_file(
            pathlib.Path(entry.path), os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            if not size:
                return 0
            published = spool_directory.published(descriptor)
            if published is not None:
                return max(published, 1)
            start, count = self._counted.get(entry.name, (0, 0))
            while start < size and (
                    data := os.pread(descriptor, _READ, start)):
                count += data.count(b'\n')
                start += len(data)
            counted[entry.name] = start, count
            return max(count, 1)
        finally:
            os.close(descriptor)


def _count_small_file(entry: os.DirEntry) -> int:
    """Return how many reports a small file holds; 0 for another file.

    To open and close the file of another interpreter of this process would
    end its lock, so it counts as small.
    """
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode) or not status.st_size or (
            status.st_size > _SMALL and
            not own_files.is_of_this_process(entry.name)):
        return 0
    return max(1, status.st_size // _REPORT)
