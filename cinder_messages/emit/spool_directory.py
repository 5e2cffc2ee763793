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

"""The spool directory: who may use it, and how its files are opened.

Its files hold what users will read, so a directory is used only if nobody but
the user of the service can write in it, and a file only if it is a regular
file of that user.
"""

import fcntl
import os
import pathlib
import posix
import stat
import struct

from cinder_messages.emit import concurrency

# A journal, of a living or a dead process.
JOURNAL = '.journal'
# Refused reports, of all processes.
QUARANTINE = '.quarantine'
# A journal that held something that no version can read.
UNREADABLE = '.unreadable'

# NOTE: a name may be a symbolic link or a FIFO, or become one between a look
# and the opening, so the kernel checks.
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY

# The structure of fcntl(2) that describes a lock.
_FLOCK = 'hhqqi'


def resolve(path: str) -> str:
    """Return the absolute path of a directory; empty if that is impossible.

    A process may have neither HOME nor an entry in the password database, for
    a path that begins with ``~``. A relative path is resolved once, because a
    process can change its working directory.
    """
    expanded = os.path.expanduser(path)
    if not expanded or expanded.startswith('~'):
        return ''
    try:
        return os.path.abspath(expanded)
    except OSError:
        # NOTE: the working directory was removed.
        return expanded


def prepare(directory: str) -> pathlib.Path:
    """Make the directory if it is missing, for its user alone, and check it.

    :raises OSError: it cannot be made, or others than its user may write in it
    """
    path = pathlib.Path(directory)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        # NOTE: the umask of a daemon may be 0, and who can write in a parent
        # can exchange the directory.
        for parent in reversed(path.parents):
            parent.mkdir(mode=0o755, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    check(path, os.geteuid())
    return path


def check(path: pathlib.Path, uid: int) -> None:
    """Raise unless the directory is one that only a user can write in.

    :raises OSError: others can, or it is no directory
    """
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f'{path} is not a directory')
    if status.st_uid != uid or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(
            f'{path} must belong to the user of the service, and only that '
            'user may write in it')


def open_file(path: pathlib.Path, flags: int, uid: int | None = None) -> int:
    """Open a file of the directory.

    :param flags: of ``os.open``, for example ``os.O_RDWR``
    :param uid: whose file it must be; None is the user of this process
    :returns: a descriptor
    :raises OSError: it cannot be opened, is no regular file, or is another
        user's
    """
    # NOTE: os.open() of a process that eventlet has patched tells a hub, and
    # makes one for a native thread.
    descriptor = posix.open(path, flags | _FLAGS, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise PermissionError(f'{path} is not a regular file')
        if status.st_uid != (os.geteuid() if uid is None else uid):
            raise PermissionError(f'{path} belongs to another user')
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_locked(path: pathlib.Path, flags: int) -> int | None:
    """Open a file of the directory, and lock it.

    :param flags: of ``os.open``
    :returns: a descriptor; None if another process uses the file
    :raises OSError: as :func:`open_file`; or the file system has no locks
    """
    descriptor = open_file(path, flags)
    try:
        if lock(descriptor) and is_linked(descriptor, path):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def sync(path: pathlib.Path) -> None:
    """Have the disk keep the names of the directory; may take long.

    :raises OSError: it could not
    """
    descriptor = posix.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        concurrency.run_blocking(os.fsync, descriptor)
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Try to lock a file for this process; return whether it is locked now.

    The lock ends with the process. It is a POSIX lock because a child does not
    inherit it: a child that lives on cannot keep the file of a dead parent
    locked. Such a lock also ends when the process closes *any* descriptor of
    the file, so a process opens its files once, see :mod:`.own_files`.

    It is a lock of the first byte. :func:`publish` makes it longer.
    """
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
    except (BlockingIOError, PermissionError):
        return False
    return True


def publish(descriptor: int, old: int, new: int) -> None:
    """Change the number that the lock of a file shows to other processes.

    It is the length of the lock, without its first byte. So it costs one
    system call, is never read by halves, and ends with the process.

    :param old: the number so far, 0 after :func:`lock`
    :raises OSError: it could not be changed
    """
    if new > old:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, new - old,
                    1 + old)
    elif new < old:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, old - new, 1 + new)


def published(descriptor: int) -> int | None:
    """Return the number that the lock of another process shows.

    :returns: None if no process has locked the file, or one of a version
        that locks it as a whole, or if the file system cannot tell
    """
    query = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, query)
    except OSError:
        return None
    kind, _, _, length, _ = struct.unpack_from(_FLOCK, answer)
    return None if kind == fcntl.F_UNLCK or not length else length - 1


def is_locked(descriptor: int) -> bool:
    """Return whether another process holds the lock of a readable file."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    fcntl.lockf(descriptor, fcntl.LOCK_UN)
    return False


def is_linked(descriptor: int, path: pathlib.Path) -> bool:
    """Return whether a path still names the file that was opened."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False
