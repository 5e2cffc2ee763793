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

"""Put the messages filter into the pipelines of Cinder's api-paste.ini.

A pipeline is changed if it ends in Cinder's application for version 3; the
filter goes right before the application, behind authentication. Pipelines of
``noauth`` are changed as well, because ``auth_strategy`` selects one of them
when cinder-api starts.
"""

from collections.abc import Iterator
import configparser
import dataclasses
import re

from cinder_messages.integration.install import ini

FILTER = 'cinder_messages.integration.filter:filter_factory'
NAME = 'messages'

_APPLICATION = 'cinder.api.v3.router:APIRouter.factory'
_BY_STRATEGY = 'call:cinder.api.middleware.auth:pipeline_factory'
_AUTHENTICATION = 'cinder.api.middleware.auth:'
_FACTORY = 'paste.filter_factory = '
_RECORD = '# In [{section}] {key}: {name}'


@dataclasses.dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that ends in Cinder's application.

    :ivar filters: the words before the application
    """

    entry: ini.Entry
    filters: list[str]

    def __str__(self) -> str:
        return f'[{self.entry.section}] {self.entry.key}'


class PasteFile:
    """The relevant part of an api-paste.ini.

    :param path: name of the file for errors
    :raises UnsupportedFile: the file has a form that is not understood
    """

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._parser = self._read()
        self._document = ini.parse(text, ini.PASTE, path)
        self._factories = {
            entry.section: entry.value for entry in self._document.entries
            if entry.key in ('paste.filter_factory', 'paste.app_factory')}
        self.pipelines = list(self._find_pipelines())
        if not self.pipelines:
            raise self._unsupported(
                f'no pipeline ends in an app of {_APPLICATION}')
        for pipeline in self.pipelines:
            self._check_order(pipeline)

    @property
    def missing(self) -> list[Pipeline]:
        """The pipelines without the filter."""
        names = self._names()
        return [pipeline for pipeline in self.pipelines
                if not names.intersection(pipeline.filters)]

    def config_file(self) -> str | None:
        """Return the configuration file that the filter reads, if any."""
        for name in self._names():
            for entry in self._document.find(f'filter:{name}', 'config_file'):
                return _expand(self._parser, entry)
        return None

    def install(self, config_file: str) -> str:
        """Return the text with the filter in each pipeline.

        :param config_file: the configuration that the filter reads
        """
        missing = self.missing
        if not missing:
            return self._text
        names = self._names()
        name = min(names, default=NAME)
        header = self._document.header(f'filter:{NAME}')
        if not names and any(
                entry.key in ('paste.filter_factory', 'use')
                for entry in self._document.entries
                if entry.section == f'filter:{NAME}'):
            raise self._unsupported(
                f'[filter:{NAME}] is not a filter of cinder_messages')
        lines = ini.split(self._text)
        for pipeline in missing:
            _insert_word(lines, pipeline.entry, name)
        added = [_RECORD.format(section=pipeline.entry.section,
                                key=pipeline.entry.key, name=name)
                 for pipeline in missing]
        if not names:
            if header is None:
                added.append(f'[filter:{NAME}]')
            added += [f'{_FACTORY}{FILTER}',
                      f'config_file = {config_file.replace("%", "%%")}']
        text = ini.insert_block(''.join(lines), added,
                                None if names else header)
        if PasteFile(text, self._path).missing:
            raise self._unsupported('the pipelines cannot be changed')
        return text

    def _names(self) -> set[str]:
        """Return the names of our filter sections, usually one."""
        return {section.partition(':')[2]
                for section, factory in self._factories.items()
                if section.startswith('filter:') and factory == FILTER}

    def _find_pipelines(self) -> Iterator[Pipeline]:
        applications = {section.partition(':')[2]
                        for section, factory in self._factories.items()
                        if section.startswith('app:') and
                        factory == _APPLICATION}
        for entry in self._document.entries:
            words = _expand(self._parser, entry).split()
            if not words or words[-1] not in applications:
                continue
            if not self._is_pipeline(entry):
                raise self._unsupported(
                    f'[{entry.section}] {entry.key} uses {words[-1]} without '
                    'a pipeline')
            if entry.value.split()[-1] != words[-1]:
                raise self._unsupported(
                    f'[{entry.section}] {entry.key} takes its application '
                    f'from another option; write {words[-1]} at its end')
            yield Pipeline(entry, words[:-1])

    def _is_pipeline(self, entry: ini.Entry) -> bool:
        if entry.section.startswith('pipeline:'):
            return entry.key == 'pipeline'
        uses = self._document.find(entry.section, 'use')
        return (entry.section.startswith('composite:') and
                entry.key != 'use' and
                [use.value for use in uses] == [_BY_STRATEGY])

    def _check_order(self, pipeline: Pipeline) -> None:
        names = self._names()
        places = [place for place, word in enumerate(pipeline.filters)
                  if word in names]
        if not places:
            return
        if len(places) > 1:
            raise self._unsupported(
                f'{pipeline} has the messages filter more than once')
        for word in pipeline.filters[places[0]:]:
            factory = self._factories.get(f'filter:{word}', '')
            if factory.startswith(_AUTHENTICATION):
                raise self._unsupported(
                    f'{pipeline} has the messages filter before {word}, '
                    'which authenticates')

    def _read(self) -> configparser.ConfigParser:
        try:
            return _read(self._text)
        except configparser.Error as exc:
            raise self._unsupported(
                f'PasteDeploy cannot read it: {exc}') from exc

    def _unsupported(self, reason: str) -> ini.UnsupportedFile:
        return ini.UnsupportedFile(
            f'{self._path} is left as it is: {reason}.')


def undo(text: str, path: str) -> str:
    """Return the text from which :meth:`PasteFile.install` made this one.

    A filter section that is removed is removed from every pipeline, also from
    those that somebody else has added or changed since: paste cannot load a
    pipeline with a filter that does not exist.

    :raises UnsupportedFile: the marks in the file were damaged, or an option
        would still name the removed filter
    """
    lines = ini.split(text)
    document = ini.parse(text, ini.PASTE, path)
    removed = False
    for start, stop in ini.blocks(text, path):
        for line in lines[start:stop]:
            removed |= line.startswith(_FACTORY)
            record = re.match(r'# In \[(.+)\] (\S+): (\S+)', line)
            if record:
                for entry in document.find(record[1], record[2]):
                    _remove_word(lines, entry, record[3])
    if removed:
        for entry in document.entries:
            if _may_be_pipeline(entry):
                while _remove_word(lines, entry, NAME):
                    pass
    text = ini.undo(''.join(lines), path)
    if removed:
        _check_removed(text, path)
    return text


def _may_be_pipeline(entry: ini.Entry) -> bool:
    kind = entry.section.partition(':')[0]
    return (kind == 'pipeline' and entry.key == 'pipeline' or
            kind == 'composite' and entry.key != 'use')


def _check_removed(text: str, path: str) -> None:
    """Refuse a text that names a filter which it does not define."""
    document = ini.parse(text, ini.PASTE, path)
    if f'filter:{NAME}' in document.sections.values():
        return
    try:
        parser = _read(text)
    except configparser.Error:
        return  # PasteDeploy cannot load the file, with the filter or without.
    for entry in document.entries:
        if (_may_be_pipeline(entry) or entry.key == 'filter-with') and (
                NAME in _expand(parser, entry).split()):
            raise ini.UnsupportedFile(
                f'{path}:{entry.start + 1} is left as it is: '
                f'[{entry.section}] {entry.key} still names the messages '
                f'filter. Remove the word "{NAME}" from it, and repeat the '
                'command.')


def _read(text: str) -> configparser.ConfigParser:
    """Return the options as PasteDeploy reads them.

    :raises configparser.Error: it could not
    """
    parser = configparser.ConfigParser(defaults={'here': '', '__file__': ''})
    # NOTE: PasteDeploy distinguishes "Key" from "key".
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def _expand(parser: configparser.ConfigParser, entry: ini.Entry) -> str:
    """Return a value with its ``%(option)s``, or as it is if it has none."""
    try:
        return parser.get(entry.section, entry.key)
    except configparser.Error:
        return entry.value


def _insert_word(lines: list[str], entry: ini.Entry, word: str) -> None:
    """Insert a word before the last one of a value."""
    for number in reversed(range(entry.start, entry.stop)):
        line = lines[number]
        found = re.search(r'\S+\s*$', line)
        if found and not line.lstrip().startswith(('#', ';')):
            place = found.start()
            # NOTE: "key =app" and "key=app" have no blank before the value.
            if number == entry.start:
                place = max(place, line.index(entry.value.split('\n')[0],
                                              _delimiter(line) + 1))
            lines[number] = f'{line[:place]}{word} {line[place:]}'
            return


def _remove_word(lines: list[str], entry: ini.Entry, word: str) -> bool:
    """Remove a word and the blank behind it from a value.

    :returns: True if the value had the word
    """
    for number in range(entry.start, entry.stop):
        line = lines[number]
        if line.lstrip().startswith(('#', ';')):
            continue
        begin = _delimiter(line) + 1 if number == entry.start else 0
        changed, count = re.subn(
            rf'(^|(?<=\s)){re.escape(word)}(?:[ \t]|(?=\s|$))', '',
            line[begin:], count=1)
        if count:
            lines[number] = line[:begin] + changed
            return True
    return False


def _delimiter(line: str) -> int:
    found = re.search('[=:]', line)
    return found.start() if found else 0
