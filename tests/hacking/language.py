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

Docstrings begin with a verb, and some phrases stand in for a noun of the
field. ``language_allowed.txt`` has the number of findings that each file may
still have; a file that is not named may have none. ``--renew`` lowers the
numbers, and never raises one::

    python tests/hacking/language.py FILE ...
    python tests/hacking/language.py --renew
"""

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
ALLOWED = pathlib.Path(__file__).with_name('language_allowed.txt')

# What is read with --renew.
PLACES = ('cinder_messages/**/*.py', 'benchmarks/*.py', 'doc/**/*.rst',
          'api-ref/**/*.rst', 'api-ref/**/*.inc', 'etc/**/*.rst', '*.rst',
          'releasenotes/notes/*.yaml')

# The first words of a noun clause, where a docstring should have a verb.
FIRST_WORDS = ('What', 'Whether', 'Where', 'Who', 'Whose', 'Which', 'Of',
               'How', 'As', 'That', 'When', 'Those', 'One')

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
            words = (ast.get_docstring(node) or '').split()
            if words and words[0].strip(',') in FIRST_WORDS and (
                    not isinstance(node, ast.ClassDef) or
                    words[0] != 'One'):
                line = node.body[0].lineno
                yield line, f'begin the docstring with a verb, not {words[0]}'


def allowed():
    """Return the number of findings that each file may have."""
    lines = ALLOWED.read_text().splitlines() if ALLOWED.exists() else []
    return {path: int(count) for count, path in map(str.split, lines)}


def check(paths):
    """Return the findings of files that have more than they may have."""
    lines = []
    limits = allowed()
    for path in paths:
        found = sorted(findings(path, path.read_text()))
        name = str(path.resolve().relative_to(ROOT))
        if len(found) > limits.get(name, 0):
            lines += [f'{name}:{line}: {reason}' for line, reason in found]
    return lines


def renew():
    """Lower the numbers of the list to what is left."""
    limits = allowed()
    lines = []
    for place in PLACES:
        for path in sorted(ROOT.glob(place)):
            name = str(path.relative_to(ROOT))
            count = len(list(findings(path, path.read_text())))
            if limits:
                count = min(count, limits.get(name, 0))
            if count:
                lines.append(f'{count} {name}\n')
    ALLOWED.write_text(''.join(lines))


def main(args):
    """Check the named files, or renew the list."""
    if args == ['--renew']:
        return renew()
    lines = check(map(pathlib.Path, args))
    print('\n'.join(lines), end='\n' if lines else '')
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
