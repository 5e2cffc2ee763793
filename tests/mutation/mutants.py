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

"""Find what can be changed in a source file, and change it.

A mutant deletes a statement, or an element of a literal or of a call, or it
inverts a condition. Imports, docstrings and annotations are left out: without
an import any test fails, and the others do nothing.
"""

import ast
import collections
import pathlib
import random
import typing

PACKAGE = 'cinder_messages'

_IGNORED = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)


class Mutant(typing.NamedTuple):
    """A change of one place.

    :ivar path: of the file, below the root of the tree
    :ivar line: the first line that is changed
    :ivar text: that line, for the list
    :ivar verb: ``delete`` or ``invert``
    :ivar begin: where the replaced bytes begin
    :ivar end: where they end
    :ivar replacement: the bytes in their place
    """

    path: str
    line: int
    text: str
    verb: str
    begin: int
    end: int
    replacement: bytes

    def apply(self, source):
        """Return the source of the file with the change."""
        return source[:self.begin] + self.replacement + source[self.end:]


def choose(root, seed, count):
    """Choose lines at random, and one mutant of each.

    :returns: ``count`` mutants in the order of their files
    """
    generator = random.Random(seed)
    lines = collections.defaultdict(list)
    for path in sorted(pathlib.Path(root, PACKAGE).rglob('*.py')):
        name = str(path.relative_to(root))
        for mutant in mutants(name, path.read_bytes()):
            lines[name, mutant.line].append(mutant)
    chosen = generator.sample(sorted(lines), count)
    return sorted(generator.choice(lines[line]) for line in chosen)


def mutants(path, source):
    """Yield all mutants of a file that can be compiled."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    # NOTE: to compile the definition around a change takes a fraction of the
    # time that the whole file takes.
    for outer in ast.parse(source).body:
        first = min(node.lineno for node in [
            outer, *getattr(outer, 'decorator_list', ())])
        for node, verb, replacement in _places(outer):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            if replacement is None:
                replacement = b'not (' + source[begin:end] + b')'
            elif not replacement:
                end += source[end:end + 1] == b','
            if _is_valid(source[starts[first - 1]:begin] + replacement +
                         source[end:starts[outer.end_lineno]]):
                yield Mutant(path, node.lineno, source[
                    starts[node.lineno - 1]:starts[node.lineno]
                ].decode().strip(), verb, begin, end, replacement)


def _is_valid(source):
    try:
        compile(source, 'mutant', 'exec')
    except SyntaxError:
        return False
    return True


def _places(tree):
    """Yield node, verb and replacement; None inverts, b'' removes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            if '__name__' not in ast.dump(node.test):
                yield node.test, 'invert', None
        elif isinstance(node, ast.comprehension):
            for condition in node.ifs:
                yield condition, 'invert', None
        elif isinstance(node, ast.Return) and isinstance(
                node.value, ast.Compare | ast.BoolOp):
            yield node.value, 'invert', None
        if _is_statement(node):
            yield node, 'delete', b'pass'
        for element in _elements(node):
            if element.lineno > node.lineno:
                yield element, 'delete', b''


def _is_statement(node):
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    return (isinstance(node, ast.stmt) and not hasattr(node, 'body') and
            not isinstance(node, _IGNORED))


def _elements(node):
    """Return the parts of a literal or of a call that can be left out."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.Call):
        return node.args + node.keywords
    if isinstance(node, ast.Dict):
        return [_item(key, value) for key, value
                in zip(node.keys, node.values, strict=True) if key]
    return []


def _item(key, value):
    """Return a node in the place of an item of a dictionary."""
    return ast.Tuple(
        [key, value], ast.Load(), lineno=key.lineno,
        col_offset=key.col_offset, end_lineno=value.end_lineno,
        end_col_offset=value.end_col_offset)
