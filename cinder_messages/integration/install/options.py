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

"""Name our managers in cinder.conf.

Options may be spread over several files, which Cinder reads in order. What is
added goes to the first file; an option that names Cinder's own class, in any
of the files, becomes a comment. A class of somebody else is refused.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import pathlib

from oslo_config import cfg
from oslo_config import iniparser

from cinder_messages.conf import emitter
from cinder_messages.integration.install import ini

_OURS = 'cinder_messages.integration.managers.'

# The options of cinder.conf, the classes that they name by default, and ours.
MANAGERS = {
    'scheduler_manager': ('cinder.scheduler.manager.SchedulerManager',
                          _OURS + 'SchedulerManager'),
    'volume_manager': ('cinder.volume.manager.VolumeManager',
                       _OURS + 'VolumeManager'),
    'backup_manager': ('cinder.backup.manager.BackupManager',
                       _OURS + 'BackupManager'),
}

DEFAULT_STATE_PATH = '/var/lib/cinder'

Values = dict[str, dict[str, list[str]]]


class ConfigFiles:
    """The files of Cinder's configuration, in the order of reading.

    :param texts: the text of each file by its path
    :raises UnsupportedFile: oslo.config could not read one of them
    """

    def __init__(self, texts: Mapping[pathlib.Path, str]) -> None:
        self._texts = dict(texts)
        self._documents = {path: ini.parse(text, ini.OSLO, str(path))
                           for path, text in texts.items()}
        for path, text in texts.items():
            read_values(text, path)

    def value(self, section: str, key: str) -> str | None:
        """Return the effective value of an option, None if it is not set."""
        found = [ini.unquote(entry.value)
                 for _, entry in self._find(section, key)]
        return found[-1] if found else None

    def missing(self) -> list[str]:
        """Return the options that do not name our classes."""
        return [key for key, (_, ours) in MANAGERS.items()
                if self.value('DEFAULT', key) != ours]

    def spool_dir(self) -> str:
        """Return the spool directory that is set, or one in ``state_path``."""
        state_path = self.value('DEFAULT', 'state_path') or DEFAULT_STATE_PATH
        return (self.value(emitter.GROUP, 'spool_dir') or
                f'{state_path.rstrip("/")}/messages')

    def install(self, spool_dir: str) -> dict[pathlib.Path, str]:
        """Return the texts with our managers and a spool directory.

        :param spool_dir: used where none is set
        :raises UnsupportedFile: an option names a class of somebody else
        """
        self._check_classes()
        missing = self.missing()
        texts = {}
        for path, text in self._texts.items():
            texts[path] = ini.disable(text, [
                entry for key in missing
                for entry in self._documents[path].find('DEFAULT', key)])
        main = next(iter(texts))
        if missing:
            texts[main] = self._add(texts[main], main, 'DEFAULT', [
                f'{key} = {MANAGERS[key][1]}' for key in missing])
        if self.value(emitter.GROUP, 'spool_dir') is None:
            texts[main] = self._add(texts[main], main, emitter.GROUP,
                                    [f'spool_dir = {spool_dir}'])
        self._verify(texts, missing, spool_dir)
        return texts

    def _find(self, section: str, key: str
              ) -> Iterator[tuple[pathlib.Path, ini.Entry]]:
        for path, document in self._documents.items():
            for entry in document.find(section, key):
                yield path, entry

    def _check_classes(self) -> None:
        for key, known in MANAGERS.items():
            for path, entry in self._find('DEFAULT', key):
                if ini.unquote(entry.value) not in known:
                    raise ini.UnsupportedFile(
                        f'{path}:{entry.start + 1} is left as it is: {key} '
                        f'is {entry.value!r}, and can be replaced only if it '
                        f'is {known[0]}.')

    def _add(self, text: str, path: pathlib.Path, section: str,
             lines: Sequence[str]) -> str:
        header = ini.parse(text, ini.OSLO, str(path)).header(section)
        if header is None:
            return ini.insert_block(text, [f'[{section}]', *lines])
        return ini.insert_block(text, lines, header)

    def _verify(self, texts: Mapping[pathlib.Path, str],
                missing: Sequence[str], spool_dir: str) -> None:
        """Check with oslo.config's parser that nothing else has changed."""
        main = next(iter(texts))
        for path, text in texts.items():
            expected = read_values(self._texts[path], path)
            for key in missing:
                expected.get('DEFAULT', {}).pop(key, None)
            if path == main:
                for key in missing:
                    expected.setdefault('DEFAULT', {})[key] = [
                        MANAGERS[key][1]]
                if self.value(emitter.GROUP, 'spool_dir') is None:
                    expected.setdefault(emitter.GROUP, {})['spool_dir'] = [
                        spool_dir]
            if expected != read_values(text, path):
                raise ini.UnsupportedFile(
                    f'{path} is left as it is: it cannot be changed without '
                    'changing other options.')


class _Parser(iniparser.BaseParser):
    """Collect all values by section and option."""

    def __init__(self) -> None:
        super().__init__()
        self.values: Values = {}
        self._section: dict[str, list[str]] | None = None

    def new_section(self, section: str) -> None:
        self._section = self.values.setdefault(
            ini.OSLO.section(section), {})

    def assignment(self, key: str, value: list[str]) -> None:
        if self._section is None:
            raise iniparser.ParseError(
                'Option without a section', self.lineno, key)
        self._section.setdefault(key, []).append('\n'.join(value))


def read_values(text: str, path: pathlib.Path) -> Values:
    """Return all options of a file as oslo.config reads them.

    :raises UnsupportedFile: it could not
    """
    parser = _Parser()
    try:
        parser.parse(text.split('\n'))
    except iniparser.ParseError as exc:
        raise ini.UnsupportedFile(
            f'{path} is left as it is: oslo.config cannot read line '
            f'{exc.lineno}.') from exc
    return parser.values


def load(paths: Sequence[pathlib.Path]) -> cfg.ConfigOpts:
    """Return the options of Cinder's files that the emitter uses."""
    conf = cfg.ConfigOpts()
    conf.register_opts([
        cfg.StrOpt('transport_url', secret=True),
        cfg.StrOpt('state_path', default=DEFAULT_STATE_PATH)])
    with contextlib.suppress(cfg.DuplicateOptError):
        emitter.register_opts(conf)
    conf([], project='cinder', default_config_files=[
        str(path) for path in paths], default_config_dirs=[])
    return conf
