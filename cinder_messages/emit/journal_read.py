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

"""Read the lines of a journal's file, and count and copy them."""

import errno
import itertools
import os

from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line

# Bytes that are read at once. A longer line is unreadable.
_READ = 1 << 18


def read(file: journal_file.File, position: int, end: int,
         count: int) -> journal_line.Lines:
    """Read lines.

    :param end: position where the lines end
    :param count: lines at most
    :raises OSError: the file cannot be read now
    """
    return take(file, read_data(file, position, end, count), position, count)


def read_data(file: journal_file.File, position: int, end: int,
              count: int) -> bytes:
    """Read the bytes of some lines; arguments are those of :func:`read`."""
    return file.pread(position, min(
        _READ, count * journal_file.BLOCK, end - position))


def take(file: journal_file.File, data: bytes, position: int,
         count: int) -> journal_line.Lines:
    """Parse the lines that were read from a file.

    What is too long for a line, or torn, is one line, and unreadable.
    """
    lines, unreadable = journal_line.parse(data, position, count)
    if not lines.count and data:
        lines.count, lines.end, unreadable = 1, position + len(data), 1
    if unreadable:
        file.has_unreadable = True
    return lines


def count_lines(file: journal_file.File, start: int = 0) -> int:
    """Return how many lines begin behind a position, a torn one included."""
    count = 0
    last = b'\n'
    for position in range(start, file.size, _READ):
        data = file.pread(position, _READ)
        count += data.count(b'\n')
        last = data[-1:] or last
    return count + (last != b'\n')


def copy(file: journal_file.File, start: int, end: int,
         target: journal_file.File) -> None:
    """Append a part of a file to another one.

    :raises OSError: not all of it could be copied
    """
    for position in itertools.count(start, _READ):
        if position >= end:
            return
        data = file.pread(position, min(_READ, end - position))
        if target.append(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def recount(file: journal_file.File, start: int) -> int | None:
    """Return how many lines are behind a position, if the size is wrong.

    An exception of a signal handler can come between a write and its
    result; and somebody may have cut the file.
    """
    size = os.fstat(file.descriptor).st_size
    if size == file.size:
        return None
    file.size = size
    _end_last_line(file)
    return count_lines(file, start)


def _end_last_line(file: journal_file.File) -> None:
    """End a line that was cut, so that the next report does not continue it.

    If the disk does not take that, nothing more is appended to the file.
    """
    start = max(file.size - _READ, 0)
    whole = start + file.pread(start, _READ).rfind(b'\n') + 1
    if whole == file.size:
        return
    try:
        file.append(b'\n')
    except OSError:
        file.size = whole
        file.is_torn = True
