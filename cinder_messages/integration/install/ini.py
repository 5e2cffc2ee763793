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

"""Find and change lines of INI files without touching anything else.

The standard parsers read values and forget the text. Here a file remains a
list of lines: comments, blank lines, order and line ends stay as they are, and
:func:`undo` restores the text from which an edit was made, byte for byte.

Text is decoded as latin-1, so that any bytes survive. Two dialects are known:
PasteDeploy's (configparser) and oslo.config's.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import dataclasses
import re

from cinder_messages import exception

# Comments that enclose the lines that were added, and a prefix that disables
# a line. They are the record from which an edit is undone.
BEGIN = '# cinder-messages: begin'
END = '# cinder-messages: end'
NO_NEWLINE = ' (the line above had no newline)'
DISABLED = '#cinder-messages: was# '
HINT = ('# Written by "cinder-messages-manage cinder install"; "cinder '
        'uninstall" removes it.')


class UnsupportedFile(exception.Error):
    """A file has a form that is not understood, so it is left alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """The rules of a parser.

    :ivar blank_ends_value: whether a blank line ends a continued value
    :ivar comment_in_value: whether a value goes on behind a comment line
    """

    blank_ends_value: bool
    comment_in_value: bool


PASTE = Dialect(blank_ends_value=False, comment_in_value=True)
OSLO = Dialect(blank_ends_value=True, comment_in_value=False)


@dataclasses.dataclass(slots=True)
class Entry:
    """An option: its section, name and value, and its range of lines."""

    section: str
    key: str
    value: str
    start: int
    stop: int
    indent: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """The sections (by line number of their header) and options of a text."""

    sections: dict[int, str]
    entries: list[Entry]

    def find(self, section: str, key: str) -> list[Entry]:
        """Return each assignment of an option."""
        return [entry for entry in self.entries
                if (entry.section, entry.key) == (section, key)]

    def header(self, section: str) -> int | None:
        """Return the line number of the first header of a section."""
        return next((number for number, name in self.sections.items()
                     if name == section), None)


def split(text: str) -> list[str]:
    """Return the lines of a text with their line ends."""
    return re.findall(r'[^\n]*\n|[^\n]+', text)


def newline(text: str) -> str:
    """Return the line end that a text uses."""
    return '\r\n' if re.match(r'[^\n]*\r\n', text) else '\n'


def parse(text: str, dialect: Dialect, path: str) -> Document:
    """Return the sections and options of a text.

    :param path: name of the file for errors
    :raises UnsupportedFile: the parser of the dialect would fail
    """
    sections: dict[int, str] = {}
    entries: list[Entry] = []
    current: Entry | None = None
    for number, line in enumerate(split(text)):
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if not stripped:
            if dialect.blank_ends_value:
                current = None
        elif _is_comment(line, dialect):
            if not dialect.comment_in_value:
                current = None
        elif current and indent > current.indent:
            current.value += '\n' + stripped
            current.stop = number + 1
        elif indent and dialect is OSLO:
            raise UnsupportedFile(
                f'{path}:{number + 1}: unexpected continuation line')
        elif header := re.match(r'\[(.+)\]', stripped):
            current = None
            sections[number] = header[1]
        else:
            current = _assignment(stripped, indent, number, sections, path)
            entries.append(current)
    return Document(sections, entries)


def _is_comment(line: str, dialect: Dialect) -> bool:
    text = line.lstrip() if dialect.comment_in_value else line
    return text.startswith(('#', ';'))


def _assignment(line: str, indent: int, number: int,
                sections: dict[int, str], path: str) -> Entry:
    found = re.fullmatch(r'([^=:]+?)\s*[=:]\s*(.*)', line)
    if not found or not sections:
        raise UnsupportedFile(f'{path}:{number + 1}: not an option of a '
                              f'section: {line.split("=")[0]!r}')
    return Entry([*sections.values()][-1], found[1], found[2], number,
                 number + 1, indent)


def unquote(value: str) -> str:
    """Return a value as oslo.config reads it."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in '"\'':
        return value[1:-1]
    return value


def insert_block(text: str, added: Iterable[str], after: int | None = None
                 ) -> str:
    """Return a text with a marked block of lines.

    :param added: lines without line ends
    :param after: number of the line above; None appends the block
    """
    lines = split(text)
    end = newline(text)
    position = len(lines) if after is None else after + 1
    begin = BEGIN
    if position and not lines[position - 1].endswith('\n'):
        lines[position - 1] += end
        begin += NO_NEWLINE
    lines[position:position] = [
        line + end for line in (begin, HINT, *added, END)]
    return ''.join(lines)


def disable(text: str, entries: Sequence[Entry]) -> str:
    """Return a text in which options are comments."""
    lines = split(text)
    for entry in entries:
        for number in range(entry.start, entry.stop):
            lines[number] = DISABLED + lines[number]
    return ''.join(lines)


def blocks(text: str, path: str) -> Iterator[tuple[int, int]]:
    """Return the range of lines of each marked block.

    :raises UnsupportedFile: a mark is missing
    """
    begin = None
    for number, line in enumerate(split(text)):
        if line.startswith(BEGIN):
            if begin is not None:
                raise UnsupportedFile(
                    f'{path}:{number + 1}: "{BEGIN}" without "{END}" before')
            begin = number
        elif line.startswith(END):
            if begin is None:
                raise UnsupportedFile(
                    f'{path}:{number + 1}: "{END}" without "{BEGIN}"')
            yield begin, number + 1
            begin = None
    if begin is not None:
        raise UnsupportedFile(
            f'{path}:{begin + 1}: "{BEGIN}" without "{END}"')


def undo(text: str, path: str) -> str:
    """Return a text without marked blocks, and with its disabled options.

    :raises UnsupportedFile: a mark is missing
    """
    lines = split(text)
    for start, stop in reversed([*blocks(text, path)]):
        last = stop == len(lines)
        if NO_NEWLINE in lines[start] and last and start:
            lines[start - 1] = lines[start - 1].rstrip('\r\n')
        del lines[start:stop]
    return ''.join(line.removeprefix(DISABLED) for line in lines)
