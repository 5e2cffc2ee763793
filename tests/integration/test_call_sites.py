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

"""Where Cinder reports, as its sources say.

A later Cinder that reports elsewhere, or something else, fails here: look at
the new place, permit what it reports, and change ``call_sites.txt``.
"""

import ast
import collections
import pathlib

import cinder
from cinder import context as cinder_context
from cinder import exception as cinder_exception
from cinder.message import message_field as cinder_fields
from oslo_serialization import jsonutils

from tests import base
from tests.integration import fixtures

SOURCES = pathlib.Path(cinder.__file__).parent
TABLE = pathlib.Path(__file__).with_name('call_sites.txt')

CREATE = ('context', 'action', 'resource_type', 'resource_uuid', 'exception',
          'detail', 'level')
# The parameters of each method, in their order.
METHODS = {
    'create': CREATE,
    'create_from_request_context': ('context', 'exception', 'detail', 'level'),
}

# Which action a function of ``backup/manager.py`` finds in the context.
IN_CONTEXT = {
    'create_backup': 'BACKUP_CREATE',
    'continue_backup': 'BACKUP_CREATE',
    'restore_backup': 'BACKUP_RESTORE',
    '_run_restore': 'BACKUP_RESTORE',
    'delete_backup': 'BACKUP_DELETE',
}

Site = collections.namedtuple(
    'Site', 'file function action detail exception resource_type level')


def read_table():
    """The places that are known."""
    return [Site(*line.split()) for line in TABLE.read_text().splitlines()
            if not line.startswith('#')]


def read_sources():
    """The places that Cinder's sources have."""
    for path in sorted(SOURCES.rglob('*.py')):
        file = path.relative_to(SOURCES)
        source = path.read_text()
        if 'message' in source and file.parts[0] != 'tests':
            yield from find_sites(str(file), '', ast.parse(source))


def find_sites(file, function, node):
    """The places below a node of a syntax tree."""
    for child in ast.iter_child_nodes(node):
        inner = (child.name if isinstance(child, ast.FunctionDef)
                 else function)
        if is_report(child):
            yield site_of(file, inner, child)
        yield from find_sites(file, inner, child)


def is_report(node):
    """Whether a node calls a method of a message API."""
    return (isinstance(node, ast.Call) and
            isinstance(node.func, ast.Attribute) and
            node.func.attr in METHODS and
            'message' in ast.unparse(node.func.value).lower())


def site_of(file, function, call):
    """What a call says; a constant by the last part of its name."""
    passed = dict(zip(METHODS[call.func.attr], call.args))
    passed.update((keyword.arg, keyword.value) for keyword in call.keywords)

    def name(argument, default):
        if argument not in passed:
            return default
        return ast.unparse(passed[argument]).rpartition('.')[2].strip("'")

    default = {'create': ('-', 'VOLUME')}.get(call.func.attr, ['context'] * 2)
    return Site(
        file, function, name('action', default[0]), name('detail', '-'),
        'exception' if 'exception' in passed else '-',
        name('resource_type', default[1]), name('level', 'ERROR'))


class TestCallSites(base.TestCase):

    def test_the_table_has_them_all(self):
        sites = list(read_sources())
        self.assertEqual(sorted(read_table()), sorted(sites))
        self.assertEqual(35, len(sites))

    def test_each_way_to_report_is_found(self):
        for text, action, detail, exception, resource_type, level in (
                ('self.message_api.create(c, f.Action.A, level="INFO")',
                 'A', '-', '-', 'VOLUME', 'INFO'),
                ('message.API().create(c, f.A, f.R, u, error, f.D, "INFO")',
                 'A', 'D', 'exception', 'R', 'INFO'),
                ('m.message.create_from_request_context(c, error)',
                 'context', '-', 'exception', 'context', 'ERROR')):
            tree = ast.parse(f'def f():\n    if True:\n        {text}')
            self.assertEqual(
                [Site('file', 'f', action, detail, exception, resource_type,
                      level)], list(find_sites('file', '', tree)))

    def test_only_that_module_calls_the_database(self):
        """Or a report would bypass the method that is replaced."""
        layers = {'db/api.py', 'db/sqlalchemy/api.py'}
        found = {str(path.relative_to(SOURCES))
                 for path in SOURCES.rglob('*.py')
                 if 'message_create(' in path.read_text()}
        self.assertEqual(
            {'message/api.py'},
            {file for file in found - layers
             if not file.startswith('tests/')})

    def test_the_context_has_the_action_of_the_function(self):
        source = (SOURCES / 'backup/manager.py').read_text()
        noted = {
            function.name: node.value.attr
            for function in ast.walk(ast.parse(source))
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and
            ast.unparse(node.targets[0]) == 'context.message_action'}
        self.assertEqual(3, len(noted))
        self.assertEqual({name: IN_CONTEXT[name] for name in noted}, noted)
        self.assertEqual(
            set(IN_CONTEXT),
            {site.function for site in read_table()
             if site.action == 'context'})

    def test_each_is_reported_as_cinder_would_store_it(self):
        service = self.useFixture(fixtures.Emission())
        events = collections.Counter()
        for site in read_table():
            for exception in self.exceptions(site):
                arguments = self.arguments(site, exception)
                service.api.create(**arguments)
                expected = service.store(**arguments)
                self.assertEqual(
                    fixtures.fields_of_record(expected),
                    fixtures.fields_of(service.reported[-1]), site)
                events[expected['event_id']] += 1
        self.assertIn('VOLUME_VOLUME_001_003', events)
        self.assertIn('VOLUME_VOLUME_BACKUP_015_027', events)

    def exceptions(self, site):
        """Those that select a detail, and one that does not."""
        if site.exception == '-':
            return [None]
        return [getattr(cinder_exception, name)('secret') for names in
                cinder_fields.Detail.EXCEPTION_DETAIL_MAPPINGS.values()
                for name in names] + [OSError('secret')]

    def arguments(self, site, exception):
        """Those of ``create()`` that the place comes to call it with."""
        context = fixtures.context()
        action, resource_type = site.action, site.resource_type
        if action == 'context':
            action, resource_type = IN_CONTEXT[site.function], 'VOLUME_BACKUP'
            context.message_action = getattr(cinder_fields.Action, action)
            # NOTE: some have come over the bus, where a tuple is a list.
            context = cinder_context.RequestContext.from_dict(
                jsonutils.loads(jsonutils.dumps(context.to_dict())))
        return dict(zip(CREATE, (
            context,
            context.message_action or getattr(cinder_fields.Action, action),
            resource_type, fixtures.RESOURCE, exception,
            getattr(cinder_fields.Detail, site.detail, None), site.level)))
