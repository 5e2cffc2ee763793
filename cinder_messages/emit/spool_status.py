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

"""Read the state of a spool directory from outside.

For commands and monitoring. It takes nothing over and changes nothing.
"""

import dataclasses
import os
import pathlib

from cinder_messages.emit import legacy_spool
from cinder_messages.emit import own_files
from cinder_messages.emit import quarantine
from cinder_messages.emit import spool_directory

# Damaged files of the first version.
_CORRUPT = '.corrupt'

_READ = 1 << 18


@dataclasses.dataclass(frozen=True, slots=True)
class JournalStatus:
    """Describes a journal of the spool directory.

    :ivar waiting: reports; those that were acknowledged within the last
        seconds are included
    :ivar has_owner: the process that wrote it lives, or another one sends it
    :ivar changed_at: time of the last report, in seconds since 1970
    """

    path: pathlib.Path
    waiting: int
    has_owner: bool
    changed_at: float


@dataclasses.dataclass(frozen=True, slots=True)
class SpoolStatus:
    """All of a directory.

    :ivar journals: by age
    :ivar refused: reports in quarantine
    :ivar unreadable: files that were set aside, or cannot be opened
    :ivar legacy: spools of the first version
    """

    journals: list[JournalStatus]
    refused: list[quarantine.Entry]
    unreadable: list[pathlib.Path]
    legacy: list[pathlib.Path]

    @property
    def waiting(self) -> int:
        """Reports that wait, in all journals."""
        return sum(journal.waiting for journal in self.journals)


def scan(directory: str) -> SpoolStatus:
    """Look at each file of a directory.

    :raises OSError: it cannot be read, or others than its user may write in
        it, which the emitter refuses
    """
    path = pathlib.Path(spool_directory.resolve(directory))
    status = SpoolStatus([], [], [], [])
    if not directory or not path.exists():
        return status
    uid = path.stat().st_uid
    spool_directory.check(path, uid)
    for file in sorted(path.iterdir()):
        if file.suffix in (spool_directory.UNREADABLE, _CORRUPT):
            status.unreadable.append(file)
        elif file.suffix == legacy_spool.SUFFIX:
            status.legacy.append(file)
        elif file.suffix == spool_directory.JOURNAL:
            try:
                status.journals.append(_scan_journal(file, uid))
            except FileNotFoundError:
                # NOTE: it was sent meanwhile.
                continue
            except OSError:
                status.unreadable.append(file)
    status.refused.extend(quarantine.Quarantine(str(path)).entries())
    return status


def _scan_journal(path: pathlib.Path, uid: int) -> JournalStatus:
    if (own := own_files.find(path.name)) is not None:
        # NOTE: it must not be opened again, see own_files.
        return JournalStatus(path, own.waiting, True, path.stat().st_mtime)
    descriptor = spool_directory.open_file(path, os.O_RDONLY, uid)
    try:
        has_owner = spool_directory.is_locked(descriptor)
        count = 0
        while data := os.read(descriptor, _READ):
            count += data.count(b'\n')
        return JournalStatus(path, count, has_owner,
                             os.fstat(descriptor).st_mtime)
    finally:
        os.close(descriptor)
