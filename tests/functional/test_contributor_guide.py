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

"""What the contributor's guide says to do works, step by step."""

import configparser
import os
import pathlib
import re
import shlex
import shutil
import textwrap
import types

from babel.messages import pofile
import fixtures
from oslo_context import context

from cinder_messages import fixture
from cinder_messages.message import message_field
from tests import base
from tests import documents
from tests import process

# Runs a block and prints what it reports.
REPORT = '''
import sys

from cinder_messages import fixture
with fixture.MessagesFixture() as reported:
    exec(open(sys.argv[1]).read())
[message] = reported.messages
print(message.event_id, reported.text(message), sep='\\n')
'''


def _entry(detail_id):
    """The entry of the page, with the id that is free when this runs."""
    text, count = re.subn(r"'[0-9]{3}'", f"'{detail_id}'",
                          documents.block_named('adding-entry').text)
    assert count == 1
    return text


def _row(detail_id):
    """The line of the page for the table of a client, with that id."""
    text = documents.block_named('adding-row').text.strip()
    return f'{detail_id}{text[3:]}\n'


def _next_id():
    return str(max(int(detail) for detail in message_field.DETAILS) + 1)


class TestAddingAMessage(base.TestCase):
    """On a copy of the tree, whose own code runs there."""

    def setUp(self):
        super().setUp()
        self.tree = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('tree'))
        for name in 'cinder_messages', 'tests':
            shutil.copytree(
                process.ROOT / name, self.tree / name,
                ignore=shutil.ignore_patterns('__pycache__'))
        shutil.copy(process.ROOT / 'tox.ini', self.tree)
        self.path = self.tree / 'cinder_messages/message/message_field.py'

    def add(self, entry):
        """Put an entry behind the others of Detail."""
        before, after = self.path.read_text().split('\n\n\nACTIONS = ')
        self.path.write_text(
            f'{before}\n{textwrap.indent(entry, "    ")}\n\nACTIONS = {after}')

    def add_row(self, row):
        """Put a line at the end of the table of a client."""
        path = self.tree / 'tests/unit/message/test_csi_client.py'
        before, after = path.read_text().split("'''  # noqa")
        path.write_text(f"{before}{row}'''  # noqa{after}")

    def run_python(self, *args):
        # NOTE: the coverage of a copy would count for the tree.
        return process.run(process.python(*args), cwd=self.tree,
                           COVERAGE_PROCESS_CONFIG='')

    def run_tests(self):
        [command] = documents.block_named('adding-test').commands()
        return self.run_python(*shlex.split(command)[1:])

    def test_an_entry_passes_and_is_there_to_be_reported(self):
        self.add(_entry(_next_id()))
        self.add_row(_row(_next_id()))

        done = self.run_tests()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = self.run_python(
            '-c', 'from cinder_messages.message import catalog\n'
            'print(catalog.Catalog.builtin().text("VOLUME_VOLUME_007_'
            f'{_next_id()}"))')
        self.assertIn('The storage system is being maintained. Wait until ',
                      done.stdout)

    def test_an_entry_that_breaks_a_rule_fails(self):
        self.add(_entry('512'))
        self.add_row(_row('512'))

        self.assertNotEqual(0, self.run_tests().returncode)

    def test_its_text_is_there_to_be_translated(self):
        self.add(_entry(_next_id()))
        tox = configparser.ConfigParser(interpolation=None)
        tox.read(self.tree / 'tox.ini')

        for line in tox['testenv:genlocale']['commands'].strip().splitlines():
            program, *args = shlex.split(
                line.replace('{envtmpdir}', str(self.tree)))
            done = process.run(process.command(program, *args), cwd=self.tree)
            self.assertEqual(0, done.returncode, done.stderr)

        written = list(self.tree.glob('cinder_messages/locale/*/*/*.po'))
        self.assertNotEqual([], written)
        for path in written:
            with path.open('rb') as stream:
                entry = pofile.read_po(stream).get(
                    'The storage system is being maintained.')
            self.assertEqual('', entry.string, path)


class TestExtending(base.TestCase):
    """The distribution of the page, built and put in the path."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def write(self, name, block):
        path = self.directory / name
        path.write_text(documents.block_named(block).text)
        return path

    def build(self):
        """A wheel, which Python can import from as it is."""
        self.write('setup.cfg', 'extension-setup')
        self.write('acme_messages.py', 'extension-module')
        done = process.run(process.python(
            '-c', 'import setuptools; setuptools.setup()', '-q',
            'bdist_wheel'), cwd=self.directory)
        self.assertEqual(0, done.returncode, done.stderr)
        [wheel] = self.directory.glob('dist/*.whl')
        return str(wheel)

    def report(self, path):
        script = self.directory / 'report.py'
        script.write_text(REPORT)
        return process.run(process.python(
            str(script), str(self.write('use.py', 'extension-use'))),
            PYTHONPATH=os.pathsep.join([path, str(process.ROOT)]))

    def test_an_installed_extension_is_permitted_and_selected(self):
        done = self.report(self.build())

        self.assertEqual(
            ['VOLUME_VOLUME_007_ACME01',
             'Extending the volume: The storage system is being maintained. '
             'Try again later.'], done.stdout.splitlines(), done.stderr)

    def test_without_it_the_detail_is_unknown(self):
        done = self.report('')

        self.assertEqual('VOLUME_VOLUME_007_001', done.stdout.split()[0])


class Driver:
    def extend_volume(self, volume, new_size):
        raise OSError('lun 7 of host a1 is gone')


class TestReporting(base.TestCase):

    def test_the_example_of_the_readme_reports(self):
        reported = self.useFixture(fixture.MessagesFixture())

        exec(documents.block_named('readme-example').text, {
            'context': context.RequestContext(request_id='req-1'),
            'project_id': 'owner', 'volume_id': 'volume'})

        [message] = reported.messages
        self.assertEqual(
            ('000002', 'owner', 'VOLUME', 'volume', 'req-1'),
            (message.event_id, message.project_id, message.resource_type,
             message.resource_uuid, message.request_id))

    def test_the_example_reports_and_raises(self):
        namespace = {}
        exec(documents.block_named('reporting-example').text, namespace)
        reported = self.useFixture(fixture.MessagesFixture())
        manager = namespace['VolumeManager'](Driver())

        self.assertRaises(
            OSError, manager.extend_volume, context.RequestContext(),
            types.SimpleNamespace(id='volume', project_id='owner'), 2)

        [message] = reported.messages
        self.assertEqual(
            ('VOLUME_VOLUME_007_010', 'owner', 'volume'),
            (message.event_id, message.project_id, message.resource_uuid))
