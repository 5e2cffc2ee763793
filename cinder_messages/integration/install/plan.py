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

"""Plan the changes of install and uninstall, and apply them."""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import dataclasses
import difflib
import pathlib

from cinder_messages import exception
from cinder_messages.integration.install import files
from cinder_messages.integration.install import ini
from cinder_messages.integration.install import options
from cinder_messages.integration.install import pipelines

# NOTE: one byte, one character: what is not ASCII survives in any encoding.
_ENCODING = 'latin-1'


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A file and its content before and after; may be the same."""

    path: pathlib.Path
    before: str
    after: str

    @property
    def is_needed(self) -> bool:
        """True if the content of the file differs."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the changed lines as a unified diff.

        Other lines are left out, as they may be secret.
        """
        return ''.join(
            line if line.endswith('\n') else
            f'{line}\n\\ No newline at end of file\n'
            for line in difflib.unified_diff(
                ini.split(self.before), ini.split(self.after),
                str(self.path), str(self.path), n=0))


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """The files of one host.

    :ivar paste_file: Cinder's api-paste.ini; None on hosts without cinder-api
    :ivar config_files: cinder.conf and the files that Cinder reads after it
    """

    paste_file: pathlib.Path | None
    config_files: tuple[pathlib.Path, ...]

    @classmethod
    def of(cls, paste_file: str | None, config_files: Sequence[str]) -> 'Site':
        """Return the site with these files.

        :raises Error: none is named, or one does not exist
        """
        if not paste_file and not config_files:
            raise exception.Error(
                'Name the files of this host: --paste-file where cinder-api '
                'runs, --config-file where any service of Cinder runs')
        return cls(paste_file=files.resolve(paste_file) if paste_file
                   else None,
                   config_files=tuple(map(files.resolve, config_files)))

    @property
    def paths(self) -> tuple[pathlib.Path, ...]:
        """All of the files."""
        return (*([self.paste_file] if self.paste_file else []),
                *self.config_files)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other install or uninstall run on these directories.

        :raises Error: a file cannot be replaced, as it has several names
        """
        with contextlib.ExitStack() as stack:
            for directory in sorted({path.parent for path in self.paths}):
                stack.enter_context(files.lock(directory))
            for path in self.paths:
                files.refuse_hard_links(path)
            yield

    def plan_install(self, our_config: str,
                     spool_dir: str | None = None) -> list[Change]:
        """Return the changes that make Cinder report to us.

        :param our_config: the configuration file of the API filter
        :param spool_dir: of the services; None keeps the one that is set
        :raises UnsupportedFile: a file has a form that is not understood
        """
        changes = []
        if self.paste_file:
            text = read(self.paste_file)
            bare = pipelines.undo(text, str(self.paste_file))
            changes.append(Change(
                self.paste_file, text, pipelines.PasteFile(
                    bare, str(self.paste_file)).install(our_config)))
        if self.config_files:
            before = {path: read(path) for path in self.config_files}
            spool_dir = (spool_dir or
                         options.ConfigFiles(before).spool_dir())
            after = options.ConfigFiles({
                path: ini.undo(text, str(path))
                for path, text in before.items()}).install(spool_dir)
            changes += [Change(path, before[path], after[path])
                        for path in before]
        return changes

    def plan_uninstall(self) -> list[Change]:
        """Return the changes that undo an install.

        :raises UnsupportedFile: the marks of the install were damaged
        """
        changes = []
        if self.paste_file:
            text = read(self.paste_file)
            changes.append(Change(self.paste_file, text, pipelines.undo(
                text, str(self.paste_file))))
        for path in self.config_files:
            text = read(path)
            changes.append(Change(path, text, ini.undo(text, str(path))))
        return changes

    def find_others(self) -> list[str]:
        """Return what names us after an uninstall, as others wrote it."""
        found = []
        for path in self.paths:
            for number, line in enumerate(ini.split(read(path))):
                if ('cinder_messages.integration.' in line and
                        not line.lstrip().startswith(('#', ';'))):
                    found.append(f'{path}:{number + 1}')
        return found


def read(path: pathlib.Path) -> str:
    """Return the text of a file."""
    return files.read(path).decode(_ENCODING)


def install(changes: Sequence[Change]) -> None:
    """Keep the originals of files and replace them, all or none.

    Harmless a second time.

    :raises Error: a file cannot be replaced; all files are as they were
    """
    needed = [change for change in changes if change.is_needed]
    with _undone_if_it_fails(needed):
        for change in needed:
            if ini.BEGIN not in change.before:
                # NOTE: a file with marks is not an original; its own is kept
                # already.
                files.keep_original(
                    change.path, change.before.encode(_ENCODING))
        _replace(needed)


def uninstall(changes: Sequence[Change]) -> list[bool]:
    """Restore files, all or none; harmless a second time.

    :returns: for each file, whether it is the original again, which is then
        not kept any more; if somebody else has edited the file, their edits
        stay and the original remains beside it
    :raises Error: a file cannot be replaced; all files are as they were
    """
    needed = [change for change in changes if change.is_needed]
    with _undone_if_it_fails(needed):
        _replace(needed)
    for change in changes:
        files.forget_original(change.path, change.after.encode(_ENCODING))
    return [not files.original_of(change.path).exists() for change in changes]


def _replace(changes: Sequence[Change]) -> None:
    for change in changes:
        files.prepare(change.path, change.after.encode(_ENCODING))
    for change in changes:
        files.commit(change.path)


@contextlib.contextmanager
def _undone_if_it_fails(changes: Sequence[Change]) -> Iterator[None]:
    try:
        yield
    except exception.Error:
        for change in changes:
            before = change.before.encode(_ENCODING)
            with contextlib.suppress(exception.Error):
                if files.read(change.path) != before:
                    files.replace(change.path, before)
                files.forget_original(change.path, before)
        raise
