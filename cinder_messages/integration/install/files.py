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

"""Replace configuration files atomically, and keep their originals.

A process that is killed at any moment leaves either the old or the new file,
with the same mode and owner. The next run overwrites what it left behind.

Several files are replaced in two steps: :func:`prepare` writes the new content
of each beside it, so that a full disk or a missing permission is found before
any file has changed, and :func:`commit` renames it.
"""

from collections.abc import Iterator
import contextlib
import errno
import fcntl
import os
import pathlib
import shutil

from cinder_messages import exception

ORIGINAL = '.before-cinder-messages'


def resolve(name: str) -> pathlib.Path:
    """Return the path of a file behind symbolic links.

    :raises Error: there is no such file
    """
    try:
        path = pathlib.Path(name).resolve(strict=True)
    except OSError as exc:
        raise exception.Error(f'{name}: {exc.strerror}') from exc
    if not path.is_file():
        raise exception.Error(f'{name} is not a file')
    return path


def read(path: pathlib.Path) -> bytes:
    """Return the content of a file.

    :raises Error: it cannot be read
    """
    with _one_line_errors(path):
        return path.read_bytes()


def original_of(path: pathlib.Path) -> pathlib.Path:
    """Return the path of the kept original of a file."""
    return path.with_name(path.name + ORIGINAL)


@contextlib.contextmanager
def lock(directory: pathlib.Path) -> Iterator[None]:
    """Let one process at a time change the files of a directory."""
    with _one_line_errors(directory):
        descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def refuse_hard_links(path: pathlib.Path) -> None:
    """Check that a file has no second name, which would keep the old content.

    :raises Error: it has one
    """
    with _one_line_errors(path):
        names = path.stat().st_nlink
    if names > 1:
        raise exception.Error(
            f'{path} is left as it is: it is one of {names} hard links, and '
            'the others would not change with it. Make them symbolic links.')


def prepare(path: pathlib.Path, data: bytes) -> None:
    """Write the new content of a file beside it, with its mode and owner.

    :raises Error: it cannot be written; nothing is left behind
    """
    with _one_line_errors(path):
        _write(_new(path), data, path)


def commit(path: pathlib.Path) -> None:
    """Replace a file by its prepared content.

    :raises Error: the file cannot be replaced; it is unchanged
    """
    with _one_line_errors(path):
        os.rename(_new(path), path)
        _sync(path.parent)


def replace(path: pathlib.Path, data: bytes) -> None:
    """Replace the content of a file; its mode, owner and attributes stay.

    :raises Error: the file cannot be replaced; it is unchanged
    """
    prepare(path, data)
    commit(path)


def keep_original(path: pathlib.Path, data: bytes) -> None:
    """Keep the content that a file has before it is changed."""
    original = original_of(path)
    with _one_line_errors(path):
        _write(_new(original), data, path)
        os.rename(_new(original), original)
        _sync(path.parent)


def forget_original(path: pathlib.Path, data: bytes) -> None:
    """Remove a kept original if the file is the same again.

    Also removes what a killed run left behind.

    :param data: the content of the file
    """
    original = original_of(path)
    with _one_line_errors(path):
        for left in _new(path), _new(original):
            left.unlink(missing_ok=True)
        if original.exists() and original.read_bytes() == data:
            original.unlink()
        _sync(path.parent)


def _new(path: pathlib.Path) -> pathlib.Path:
    """Return the temporary name of the new content."""
    return path.with_name(f'.{path.name}.cinder-messages-new')


def _write(new: pathlib.Path, data: bytes, like: pathlib.Path) -> None:
    """Create a file with the mode, owner and attributes of another one."""
    new.unlink(missing_ok=True)
    try:
        _create(new, data, like)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def _create(new: pathlib.Path, data: bytes, like: pathlib.Path) -> None:
    # NOTE: 0600 until it has the owner and mode of a file with passwords.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, 'wb') as file:
        found = like.stat()
        if os.geteuid() == 0 or found.st_uid != os.geteuid():
            os.fchown(descriptor, found.st_uid, found.st_gid)
        elif found.st_gid != os.fstat(descriptor).st_gid:
            os.fchown(descriptor, -1, found.st_gid)
        shutil.copystat(like, new)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _sync(directory: pathlib.Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _one_line_errors(path: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        hint = ('. Is it mounted by itself? Then change the file that is '
                'mounted' if exc.errno == errno.EBUSY else '')
        raise exception.Error(f'{path}: {exc.strerror}{hint}') from exc
