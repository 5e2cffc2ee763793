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

"""The journals that this process has locked.

A process must not open and close a file that it has locked already: the kernel
then ends the lock. It lets two threads of a process lock the same file, too.
So every thread opens journals within :func:`opening`.
"""

import contextlib
import os
import pathlib
import typing

from cinder_messages.emit import concurrency


class OwnFile(typing.Protocol):
    """The parts of a journal's file that others in its process use.

    :ivar path: its name
    :ivar waiting: reports that wait in it
    """

    path: pathlib.Path
    waiting: int

    def close_inherited(self) -> None:
        """Close, in a forked child, the descriptor of its parent."""


# NOTE: by process, so a child that was forked uses none of its parent's,
# whatever lock another thread of the parent held.
_FILES: dict[tuple[int, str], OwnFile] = {}
_LOCKS: dict[int, typing.Any] = {}


def opening() -> typing.Any:
    """Return the lock under which the threads of this process open journals.

    A thread holds it until the file is either added here or closed again.
    """
    pid = os.getpid()
    return _LOCKS.get(pid) or _LOCKS.setdefault(pid, concurrency.make_lock())


def add(file: OwnFile) -> None:
    """Add a file that this process has locked."""
    _FILES[os.getpid(), file.path.name] = file


def remove(file: OwnFile) -> None:
    """Remove a file that this process closes."""
    _FILES.pop((os.getpid(), file.path.name), None)


def find(name: str) -> OwnFile | None:
    """Return the file of this name if this process has locked it."""
    return _FILES.get((os.getpid(), name))


def is_own(name: str) -> bool:
    """Return whether a file of this name is locked by this process."""
    return find(name) is not None


def is_of_this_process(name: str) -> bool:
    """Return whether a process of this number has made a journal."""
    return f'-{os.getpid()}-' in name


def is_elsewhere(path: pathlib.Path) -> bool:
    """Return whether another interpreter of this process uses its journal.

    Two applications of mod_wsgi, for example, are two interpreters in one
    process. They share its locks, and have a module of this name each.
    """
    if not is_of_this_process(path.name):
        return False
    try:
        wanted = os.lstat(path)
        numbers = os.listdir('/proc/self/fd')
    except OSError:
        return False
    for number in numbers:
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(int(number)), wanted):
                return True
    return False


def close_inherited() -> None:
    """Close, in a forked child, the files of its parent."""
    own = os.getpid()
    for key in [key for key in _FILES if key[0] != own]:
        file = _FILES.pop(key, None)
        if file is not None:
            file.close_inherited()
    for pid in [pid for pid in _LOCKS if pid != own]:
        _LOCKS.pop(pid, None)
