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

"""Where Cinder writes an error state or swallows an exception.

A later Cinder with a new place fails here: look at it, add a row to the table
of failures if users would not read of it, and change ``silences.txt``.
"""

import ast
import pathlib

import cinder

from cinder_messages.integration import failures
from tests import base

SOURCES = pathlib.Path(cinder.__file__).parent
TABLE = pathlib.Path(__file__).with_name('silences.txt')
FILES = ('volume/manager.py', 'scheduler/manager.py', 'backup/manager.py',
         'manager.py', 'scheduler/flows/create_volume.py',
         'volume/flows/common.py', 'volume/flows/manager/create_volume.py',
         'volume/flows/manager/manage_existing.py',
         'volume/flows/manager/manage_existing_snapshot.py')
MANAGERS = {'volume/manager.py': 'VolumeManager',
            'scheduler/manager.py': 'SchedulerManager',
            'backup/manager.py': 'BackupManager'}

# Calls that set an error state with an argument that does not say so.
SETTERS = ('error_out', 'update_backup_error', '_clear_db')


def is_error(node):
    """Return whether an expression is an error state."""
    if isinstance(node, ast.IfExp):
        return is_error(node.body) or is_error(node.orelse)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.startswith('error')
    return isinstance(node, ast.Attribute) and 'ERROR' in node.attr


def writes_error(node):
    """Return whether a node writes an error state."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        name = (target.attr if isinstance(target, ast.Attribute) else
                ast.unparse(target))
        return 'status' in name and is_error(node.value)
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and
                   'status' in str(key.value) and is_error(value)
                   for key, value in zip(node.keys, node.values))
    if isinstance(node, ast.Call):
        name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
        return name in SETTERS or (
            name == 'update_single_status_where' and is_error(node.args[0]))
    return False


def swallows(node):
    """Return whether a node catches exceptions and raises none."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    return not any(
        isinstance(inner, ast.Raise) or
        (isinstance(inner, ast.Call) and
         'save_and_reraise' in ast.unparse(inner.func))
        for inner in ast.walk(node))


def find(file):
    """Return the places of a file: the function and what it does."""
    found = set()

    def visit(node, owner):
        for child in ast.iter_child_nodes(node):
            inner = owner
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = [*owner, child.name]
            name = '.'.join(owner)
            if writes_error(child):
                found.add((file, name, 'writes'))
            if swallows(child):
                found.add((file, name, 'swallows'))
            visit(child, inner)

    visit(ast.parse((SOURCES / file).read_text()), [])
    return found


def read_table():
    """Return why users read of each place, or need not, by place."""
    rows = [line.split(None, 3) for line in TABLE.read_text().splitlines()
            if line and not line.startswith('#')]
    return {tuple(row[:3]): row[3] for row in rows}


class TestSilences(base.TestCase):

    def test_each_place_is_known(self):
        found = set().union(*map(find, FILES))
        self.assertEqual(set(read_table()), found)

    def test_what_is_said_to_be_covered_is_covered(self):
        methods = {name: {row.method for row in rows}
                   for name, (_, rows) in failures.TABLE.items()}
        every = set().union(*methods.values())
        for place, reason in read_table().items():
            kind, _, names = reason.partition(':')
            self.assertIn(kind, ('covered', 'reported', 'harmless'), place)
            if kind == 'covered':
                for name in names.split():
                    self.assertIn(
                        name, methods.get(MANAGERS.get(place[0]), every),
                        place)
            else:
                self.assertTrue(names.strip(), place)

    def test_each_row_of_the_table_of_failures_is_a_method(self):
        for name, (module, rows) in failures.TABLE.items():
            source = (SOURCES.parent / module.replace('.', '/')).with_suffix(
                '.py').read_text() + (SOURCES / 'manager.py').read_text()
            for row in rows:
                self.assertTrue(
                    f'def {row.method}(' in source or
                    f'{row.method} = ' in source, row.method)

    def test_each_rpc_method_has_a_row_or_a_reason(self):
        for file, name in MANAGERS.items():
            rows = {row.method for row in failures.TABLE[name][1]}
            for node in ast.parse((SOURCES / file).read_text()).body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    methods = {
                        item.name for item in node.body
                        if isinstance(item, ast.FunctionDef) and
                        not item.name.startswith('_') and
                        len(item.args.args) > 1 and
                        item.args.args[1].arg in ('context', 'ctxt')}
                    self.assertEqual(
                        set(), methods - rows -
                        set(failures.UNCOVERED[name]), name)
