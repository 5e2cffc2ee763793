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

"""What waits in a spool directory, seen from outside.

For whoever watches over a host. It takes nothing over and makes no file.
"""

import contextlib
import dataclasses
import fcntl
import pathlib
import sqlite3

from cinder_messages.emit import spool_file


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One file of reports.

    :ivar waiting: how many reports; None if it cannot be read
    :ivar has_owner: whether the process that wrote it lives
    :ivar changed_at: when, in seconds since 1970
    """

    path: pathlib.Path
    waiting: int | None
    has_owner: bool
    changed_at: float


def look(directory: str) -> list[Found]:
    """The files in a directory, damaged ones that were set aside included.

    :raises OSError: it cannot be read, or others than its user may write in
        it, which the emitter refuses
    """
    path = pathlib.Path(directory).expanduser()
    if not path.exists():
        return []
    spool_file.check_directory(path, path.stat().st_uid)
    found = []
    for file in sorted(path.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if file.suffix in (spool_file.SUFFIX, spool_file.CORRUPT):
                found.append(_look_at(file))
    return found


def _look_at(path: pathlib.Path) -> Found:
    changed_at = path.stat().st_mtime
    # NOTE: what is appended goes there first.
    with contextlib.suppress(FileNotFoundError):
        changed_at = max(changed_at, path.with_name(
            f'{path.name}-wal').stat().st_mtime)
    return Found(path, _count(path), _has_owner(path), changed_at)


def _count(path: pathlib.Path) -> int | None:
    # NOTE: without a WAL beside it the file is complete, and SQLite, left to
    # itself, would make one.
    has_wal = path.with_name(f'{path.name}-wal').exists()
    uri = path.as_uri() + ('?mode=ro' if has_wal else '?mode=ro&immutable=1')
    try:
        with contextlib.closing(sqlite3.connect(
                uri, uri=True, timeout=1)) as database:
            return database.execute(
                'SELECT count(*) FROM reports').fetchone()[0]
    except sqlite3.Error:
        return None


def _has_owner(path: pathlib.Path) -> bool:
    """Whether another process holds the lock; asked, not taken."""
    try:
        with path.with_suffix('.lock').open('rb') as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
