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

"""Find the sentences that HACKING.rst asks to rewrite: a hook of pep8.

A docstring begins with a verb; that of a class or of a module may begin with
a noun, and so may that of a property. Some phrases stand in for a noun of the
field::

    python tests/hacking/language.py FILE ...
"""

import ast
import pathlib
import re
import sys

# The first words of a noun clause, where a docstring should have a verb.
FIRST_WORDS = ('What', 'Whether', 'Where', 'Who', 'Whose', 'Which', 'Of',
               'How', 'As', 'That', 'When', 'Those', 'One')

# The first words of a noun, where the docstring of a function should have a
# verb.
FIRST_WORDS_OF_NOUNS = ('The', 'A', 'An', 'All', 'Each', 'Nothing',
                        'Everything')

PHRASES = re.compile('|'.join((
    r'\bwho asks\b', r'\bwho is asked\b', r'\bwhoever\b',
    r'\bis asked of\b', r'\bis told of\b', r'\bthat is none\b',
    r'\bthat are none\b', r'\bthat there (?:is|are) not\b',
    r'\bhow many it were\b', r'\bwhat there is to it\b',
    r'\bas far as there is\b', r'\ba trouble\b', r'\bone would think\b',
    r'\bwhat it likes\b', r'\bsays so\b(?! if)', r'\bis let go\b',
    r'\bwhat a request is\b', r'\bof what there is\b')), re.IGNORECASE)


def findings(path, text):
    """Yield line and reason of each finding in a file."""
    for found in PHRASES.finditer(re.sub(r'\s', ' ', text)):
        yield (text.count('\n', 0, found.start()) + 1,
               f'write {found[0]!r} in the words of the field')
    if path.suffix == '.py':
        yield from _docstrings(ast.parse(text))


def _docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef,
                             ast.AsyncFunctionDef)):
            word = (ast.get_docstring(node) or ' ').split(maxsplit=1)[:1]
            if word and word[0].strip(',') in _forbidden(node):
                line = node.body[0].lineno
                yield line, f'begin the docstring with a verb, not {word[0]}'


def _forbidden(node):
    """Return the words with which the docstring of a node must not begin."""
    if isinstance(node, ast.ClassDef):
        return [word for word in FIRST_WORDS if word != 'One']
    if isinstance(node, ast.Module) or any(
            ast.unparse(decorator).endswith('property')
            for decorator in node.decorator_list):
        return FIRST_WORDS
    return FIRST_WORDS + FIRST_WORDS_OF_NOUNS


def main(args):
    """Check the named files."""
    lines = [f'{name}:{line}: {reason}' for name in args
             for path in [pathlib.Path(name)]
             for line, reason in sorted(findings(path, path.read_text()))]
    print('\n'.join(lines), end='\n' if lines else '')
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
