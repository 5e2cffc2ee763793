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

"""Spools of the first version, which were SQLite databases.

What an upgrade has left in them is written to a journal, which is then sent
like any other; the database is removed. A process of the first version that
still lives keeps its file.
"""

import contextlib
import errno
import fcntl
import importlib
import json
import logging
import os
import pathlib
import typing

from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line

LOG = logging.getLogger(__name__)

SUFFIX = '.spool'

# Keys of the reports that no version sends any more.
_OLD_KEYS = ('burst', 'nth')

_ROWS = 500


def convert_all(directory: pathlib.Path) -> None:
    """Write the reports of all spools without an owner to journals.

    :raises OSError: the directory cannot be read
    """
    for path in sorted(directory.glob('*' + SUFFIX)):
        with _locked(path) as is_ours:
            if is_ours:
                _convert(path)


@contextlib.contextmanager
def _locked(path: pathlib.Path) -> typing.Iterator[bool]:
    """Lock a spool as the first version did."""
    with open(path.with_suffix('.lock'), 'ab') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        # NOTE: a child that was forked meanwhile has the descriptor, too.
        fcntl.flock(lock, fcntl.LOCK_UN)


def _convert(path: pathlib.Path) -> None:
    # NOTE: loaded only where an upgrade has left a spool. A child that is
    # forked while SQLite works would hang in SQLite, but never uses it.
    sqlite3 = importlib.import_module('sqlite3')
    try:
        with contextlib.closing(sqlite3.connect(
                f'{path.absolute().as_uri()}?mode=rw', uri=True,
                timeout=1)) as database:
            count = _copy(database, path)
    except (OSError, sqlite3.OperationalError) as exc:
        LOG.warning('%s, a spool of the first version, is not taken over '
                    'now: %s', path, exc)
        return
    except sqlite3.Error as exc:
        LOG.error('A spool of the first version is damaged. What can be read '
                  'is sent, the file is kept as %s: %s',
                  journal_file.set_aside(path), exc)
        return
    for suffix in (SUFFIX, SUFFIX + '-wal', SUFFIX + '-shm', '.lock'):
        path.with_name(path.stem + suffix).unlink(missing_ok=True)
    LOG.info('Took over %d reports from %s, a spool of the first version.',
             count, path)


def _copy(database: typing.Any, path: pathlib.Path) -> int:
    """Copy the rows to a journal and return how many they are."""
    file = journal_file.File.create(path.parent, path.stem.partition('-')[0])
    count = 0
    try:
        rows = database.execute('SELECT body FROM reports ORDER BY seq')
        while bodies := rows.fetchmany(_ROWS):
            data = b''.join(_line(body) for body, in bodies)
            if file.append(data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            count += len(bodies)
        os.fsync(file.descriptor)
    except OSError:
        file.remove()
        raise
    except BaseException:
        # NOTE: what was read before a damaged page is sent.
        file.release()
        raise
    file.release()
    return count


def _line(body: str) -> bytes:
    try:
        report = json.loads(body)
        for key in _OLD_KEYS:
            report.pop(key, None)
        return journal_line.encode(json.dumps(report))
    except (ValueError, AttributeError, TypeError, RecursionError):
        # NOTE: unreadable: the sender of the journal quarantines it.
        return journal_line.encode(json.dumps(repr(body)))
