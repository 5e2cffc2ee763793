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
# What is written between the marks; other lines there are somebody else's.
_WRITTEN = re.compile(
    r'# In \[|[\w.]+\s*[=:]\s*cinder_messages\.integration\.|'
    r'(spool_dir|config_file)\s*[=:]')

HINT = ('# Written by "cinder-messages-manage cinder install"; "cinder '
        'uninstall" removes it.')


class UnsupportedFile(exception.Error):
    """A file has a form that is not understood, so it is left alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """The rules of a parser.

    :ivar blank_ends_value: whether a blank line ends a continued value
    :ivar comment_in_value: whether a value goes on behind a comment line
    :ivar section_ignores_case: whether ``[A]`` and ``[a]`` are one section
    """

    blank_ends_value: bool
    comment_in_value: bool
    section_ignores_case: bool

    def section(self, name: str) -> str:
        """Return the name of a section as the parser knows it."""
        if self.section_ignores_case and name != 'DEFAULT':
            return name.lower()
        return name


PASTE = Dialect(blank_ends_value=False, comment_in_value=True,
                section_ignores_case=False)
OSLO = Dialect(blank_ends_value=True, comment_in_value=False,
               section_ignores_case=True)


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
            sections[number] = dialect.section(header[1])
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
    """Return a text without what was added, and with its disabled options.

    Options that somebody else has written into a marked block, or behind it
    into a section that it begins, stay in their section.

    :raises UnsupportedFile: a mark is missing
    """
    lines = split(text)
    for start, stop in reversed([*blocks(text, path)]):
        kept = _foreign_lines(lines, start, stop)
        last = stop == len(lines) and not kept
        if NO_NEWLINE in lines[start] and last and start:
            end = newline(lines[start])
            lines[start - 1] = lines[start - 1].removesuffix(end)
        lines[start:stop] = kept
    return ''.join(line.removeprefix(DISABLED) for line in lines)


def _foreign_lines(lines: Sequence[str], start: int, stop: int) -> list[str]:
    """Return the lines of a marked block that somebody else needs."""
    kept: list[str] = []
    header = None
    for line in lines[start + 1:stop - 1]:
        if line.startswith('['):
            header = line
        elif line.strip() not in ('', HINT) and not _WRITTEN.match(line):
            if header:
                kept.append(header)
                header = None
            kept.append(line)
    if header and _begins_with_option(lines[stop:]):
        kept.append(header)
    return kept


def _begins_with_option(lines: Iterable[str]) -> bool:
    """Return whether an option comes before the next section."""
    for line in lines:
        if line.strip() and not line.startswith(('#', ';')):
            return not line.startswith('[')
    return False
