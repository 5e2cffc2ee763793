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

"""What a page of the documentation says that a machine can check."""

import dataclasses
import re
import shlex
import textwrap

from tests import process

SOURCE = process.ROOT / 'doc' / 'source'

_BLOCK = re.compile(
    r'^(?P<indent> *)\.\. code-block:: *(?P<language>\S*)\n'
    r'(?P<body>(?:(?P=indent) +\S.*\n|[ ]*\n)*)', re.MULTILINE)
_OPTION = re.compile(r' *:(\w+): *(.*)\n')
_LITERAL = re.compile(r'(?<![`\w:])``([^`]+)``(?!`)')
_PROMPT = re.compile(r'[#$] ')
_SEPARATORS = {'|', '||', '&&', ';', '&'}
_REDIRECTIONS = {'>', '>>', '<'}


@dataclasses.dataclass(frozen=True)
class Block:
    """One code block.

    :ivar options: of the directive: ``caption`` names the file it is of,
        ``name`` the test that runs it
    """

    path: str
    line: int
    language: str
    options: dict[str, str]
    text: str

    def __str__(self):
        return f'{self.path}:{self.line}'

    @property
    def caption(self):
        """The file that the block is of, without its directory."""
        return self.options.get('caption', '').rpartition('/')[2]

    def commands(self):
        """What is typed at a prompt, one string a command."""
        lines = iter(self.text.splitlines())
        for line in lines:
            if _PROMPT.match(line):
                typed = line[2:]
                while typed.endswith('\\'):
                    typed = typed[:-1] + ' ' + next(lines).strip()
                yield typed

    def output(self):
        """What is printed after the last command."""
        printed = []
        lines = iter(self.text.splitlines())
        for line in lines:
            if _PROMPT.match(line):
                printed = []
                while line.endswith('\\'):
                    line = next(lines)
            else:
                printed.append(line)
        return '\n'.join(printed).strip()


def pages():
    """The text of each page, by its path below the source directory."""
    return {str(path.relative_to(SOURCE)): path.read_text()
            for path in sorted(SOURCE.rglob('*.rst'))}


def texts():
    """The pages, and what stands at the root of the tree."""
    return {**pages(), **{
        name: (process.ROOT / name).read_text()
        for name in ('README.rst', 'CONTRIBUTING.rst', 'HACKING.rst')}}


def blocks(*languages):
    """All code blocks, or those in some languages."""
    return [block for path, text in texts().items()
            for block in blocks_of(path, text)
            if not languages or block.language in languages]


def blocks_of(path, text):
    """The code blocks of one page."""
    for found in _BLOCK.finditer(text):
        body, options = found['body'], {}
        while option := _OPTION.match(body):
            options[option[1]] = option[2].strip()
            body = body[option.end():]
        yield Block(path, text.count('\n', 0, found.start()) + 1,
                    found['language'], options,
                    textwrap.dedent(body).strip('\n') + '\n')


def block_named(name):
    """The one block that a test runs by this name."""
    [found] = [block for block in blocks()
               if block.options.get('name') == name]
    return found


def without_blocks(text):
    """A page but for its code blocks."""
    return _BLOCK.sub('', text)


def literals(text):
    """The inline literals of a page, its blocks left out."""
    for literal in _LITERAL.findall(without_blocks(text)):
        yield ' '.join(literal.split())


def simple_commands(line):
    """What a line of shell runs, one list of words a program.

    Variables that are set in front, ``sudo`` and redirections are left out,
    and so are comments.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars='|&;<>')
    lexer.whitespace_split = True
    words, skip = [], False
    for token in [*lexer, ';']:
        if skip:
            skip = False
        elif token in _REDIRECTIONS:
            skip = True
        elif token not in _SEPARATORS:
            words.append(token)
        elif words:
            yield _bare(words)
            words = []


def _bare(words):
    while words and re.fullmatch(r'\w+=.*', words[0], re.DOTALL):
        words = words[1:]
    if words[:1] == ['sudo']:
        words = words[3:] if words[1] == '-u' else words[1:]
        return _bare(words)
    return words
