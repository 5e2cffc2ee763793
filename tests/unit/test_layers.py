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

"""The architecture, as far as a machine can check it."""

import ast
import collections
import pathlib
import subprocess
import sys

import cinder_messages
from tests import base

PACKAGE = pathlib.Path(cinder_messages.__file__).parent

GROUND = {'conf', 'exception', 'i18n', 'log_escape', 'version'}
DOMAIN = GROUND | {'message', 'context'}

# What each part may import besides itself.
MAY_IMPORT = {
    **dict.fromkeys(GROUND, GROUND),
    'message': GROUND,
    'context': GROUND,
    'storage': DOMAIN,
    'rpc': DOMAIN,
    'policies': DOMAIN,
    'policy': DOMAIN | {'policies'},
    'metrics': DOMAIN,
    'emit': DOMAIN | {'rpc'},
    'writer': DOMAIN | {'rpc', 'storage'},
    'api': DOMAIN | {'policy', 'policies', 'storage'},
    'message.api': DOMAIN | {'emit', 'rpc'},
    'metrics.emitter': None,
    'guru': GROUND,
    'health': None,
    'fixture': None,
    'cmd': None,
    'wsgi': None,
    'integration': None,
    # What users install beside a client or Horizon. A panel shows what the
    # command prints, so the dashboard uses the client's reading of messages.
    'client': {'i18n', 'version'},
    'dashboard': {'i18n', 'version', 'client'},
}


def modules():
    """Each module of the package: its dotted name and its syntax tree."""
    for path in sorted(PACKAGE.rglob('*.py')):
        parts = path.relative_to(PACKAGE).with_suffix('').parts
        name = '.'.join(part for part in parts if part != '__init__')
        if not name.startswith('storage.migrations'):
            yield name, ast.parse(path.read_text())


def part_of(name):
    """The row of :data:`MAY_IMPORT` that a module belongs to."""
    return name if name in MAY_IMPORT else name.partition('.')[0]


def own_imports(tree):
    """The modules of ours that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            head, _, rest = node.module.partition('.')
            if head == 'cinder_messages':
                for alias in node.names:
                    yield f'{rest}.{alias.name}'.lstrip('.')


class TestLayers(base.TestCase):

    def test_imports_go_down_only(self):
        for name, tree in modules():
            allowed = MAY_IMPORT[part_of(name)] if name else set()
            for imported in own_imports(tree):
                part = part_of(imported)
                if allowed is not None and part != part_of(name):
                    self.assertIn(part, allowed, f'{name} imports {imported}')

    def test_nothing_imports_an_entry_point(self):
        entry = {part for part, allowed in MAY_IMPORT.items()
                 if allowed is None} | {'message.api'}
        for name, tree in modules():
            if MAY_IMPORT.get(part_of(name), set()) is not None:
                for imported in own_imports(tree):
                    self.assertNotIn(part_of(imported), entry, name)

    def test_no_cycles(self):
        known = dict(modules())
        graph = collections.defaultdict(set)
        for name, tree in known.items():
            graph[name] = {imported for imported in own_imports(tree)
                           if imported in known}
        done, path = set(), []

        def visit(name):
            self.assertNotIn(name, path, f'{path} -> {name}')
            if name not in done:
                path.append(name)
                for imported in sorted(graph[name]):
                    visit(imported)
                path.pop()
                done.add(name)

        for name in sorted(known):
            visit(name)

    def test_no_import_hides_in_a_function(self):
        for name, tree in modules():
            if part_of(name) == 'integration':
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    hidden = [inner.lineno for inner in ast.walk(node)
                              if isinstance(inner,
                                            (ast.Import, ast.ImportFrom))]
                    self.assertEqual([], hidden, name)

    def test_reporting_loads_no_database_and_no_web_framework(self):
        heavy = ('alembic', 'keystonemiddleware', 'oslo_db', 'oslo_middleware',
                 'oslo_policy', 'prometheus_client', 'routes', 'sqlalchemy',
                 'webob')
        loaded = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import sys\n'
             'from cinder_messages.message import api, defined_messages\n'
             f'print([m for m in {heavy!r} if m in sys.modules])'],
            capture_output=True, text=True, check=True)

        self.assertEqual('[]', loaded.stdout.strip())

    def test_a_client_loads_nothing_of_the_service(self):
        heavy = ('alembic', 'oslo_db', 'oslo_messaging', 'oslo_policy',
                 'routes', 'sqlalchemy')
        loaded = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import sys\n'
             'from cinder_messages.client import message_list\n'
             'from cinder_messages.client import message_show\n'
             'from cinder_messages.client import why\n'
             f'print([m for m in {heavy!r} if m in sys.modules])'],
            capture_output=True, text=True, check=True)

        self.assertEqual('[]', loaded.stdout.strip())

    def test_nothing_of_our_processes_is_monkey_patched(self):
        patched = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import cinder_messages.cmd.all, cinder_messages.cmd.writer\n'
             'import cinder_messages.cmd.manage\n'
             'from eventlet import patcher\n'
             'print([m for m in ("os", "select", "socket", "thread", "time")\n'
             '       if patcher.is_monkey_patched(m)])'],
            capture_output=True, text=True, check=True)

        self.assertEqual('[]', patched.stdout.strip())
