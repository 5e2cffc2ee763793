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

"""A line of a journal: a checksum, a blank, and a report in JSON."""

import dataclasses
import json
import typing
import zlib

# Hexadecimal digits.
_CHECKSUM = 8


def encode(body: str) -> bytes:
    """Return the line that keeps a report.

    :param body: JSON of printable ASCII characters
    """
    data = body.encode('ascii')
    return b'%08x %b\n' % (zlib.crc32(data), data)


def decode(line: bytes) -> dict[str, typing.Any] | None:
    """Return the report of a line; None if the line is unreadable.

    :param line: without the end of line
    """
    body = line[_CHECKSUM + 1:]
    if line[:_CHECKSUM + 1] != b'%08x ' % zlib.crc32(body):
        return None
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(report, dict) and isinstance(report.get('id'), str):
        return report
    return None


@dataclasses.dataclass(slots=True)
class Lines:
    """A part of a file, or of a journal, in reports.

    :ivar reports: those that can be read
    :ivar count: lines, unreadable ones included
    :ivar end: position behind the last line, in the file or in the stream of
        all reports of the process
    """

    reports: list[dict[str, typing.Any]]
    count: int
    end: int


def parse(data: bytes, position: int, count: int) -> tuple[Lines, int]:
    """Parse whole lines.

    :param position: of the data in its file
    :param count: lines at most
    :returns: the lines, and how many of them are unreadable
    """
    reports = []
    unreadable = number = start = 0
    while number < count:
        end = data.find(b'\n', start)
        if end < 0:
            break
        if end > start:
            report = decode(data[start:end])
            if report is None:
                unreadable += 1
            else:
                reports.append(report)
        number += 1
        start = end + 1
    return Lines(reports, number, position + start), unreadable
