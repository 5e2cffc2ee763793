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

"""``volume message list``: its options, and the formats of ``--follow``."""

import csv
import json
import types

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from cinder_messages.client import follow
from cinder_messages.client import message_list
from tests import base
from tests.unit.client import fakes


class ListTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.volumes = fakes.Volumes(map(fakes.extended_body, range(1, 6)))
        self.app = fakes.app(self.volumes)

    def run_command(self, *args):
        code, printed = fakes.run(message_list.ListMessages, self.app, *args)
        self.assertEqual(0, code)
        return printed

    def ids(self, *args):
        self.app.stdout.truncate(0)
        self.app.stdout.seek(0)
        return ''.join(line[-1] for line in self.run_command(
            *args, '-f', 'value', '-c', 'ID').splitlines())

    def error(self, *args):
        error = self.assertRaises(
            exceptions.CommandError, self.run_command, *args)
        self.assertNotIn('\n', str(error))
        return str(error)


class TestList(ListTestCase):

    def test_options(self):
        self.volumes.bodies[1].update(
            resource_uuid='volume-2', message_level='WARNING',
            resource_type='VOLUME_BACKUP', request_id='req-x',
            action='X', reason='Y')
        for args, expected in (
                ([], '54321'),
                (['--resource', 'volume-2'], '2'),
                (['--type', 'backup'], '2'),
                (['--level', 'warning'], '2'),
                (['--action', 'x'], '2'),
                (['--reason', 'y'], '2'),
                (['--reason', '003'], '54321'),
                (['--request-id', 'req-x'], '2'),
                (['--since', '2026-11-24T08:04'], '54'),
                (['--sort', 'created_at:asc'], '12345'),
                (['--limit', '2'], '54321'),
                (['--max-items', '2'], '54'),
                (['--max-items', '0'], ''),
                (['--limit', '1', '--max-items', '2'], '54'),
                (['--marker', 'message-003'], '21'),
                (['--all-projects'], '54321')):
            with self.subTest(args):
                self.assertEqual(expected, self.ids(*args))

    def test_columns_are_those_of_the_core_command(self):
        self.assertEqual(
            ['ID', 'Event ID', 'Resource Type', 'Resource UUID',
             'Message Level', 'User Message', 'Request ID', 'Created At',
             'Guaranteed Until'],
            list(json.loads(self.run_command('-f', 'json'))[0]))

    def test_long(self):
        row = json.loads(self.run_command('-f', 'json', '--long'))[0]
        self.assertEqual('after_change', row['Retry'])
        self.assertIsNone(row['Host'])

    def test_a_project_by_name(self):
        self.app.client_manager.sdk_connection.identity = (
            types.SimpleNamespace(
                find_project=lambda *args, **kwargs: types.SimpleNamespace(
                    id='project-2')))
        self.ids('--project', 'demo')
        self.assertEqual('project-2',
                         self.volumes.requests[-1]['project_id'])

    def test_a_project_that_is_missing(self):
        def find_project(*args, **kwargs):
            raise sdk_exceptions.ResourceNotFound('No Project found')
        self.app.client_manager.sdk_connection.identity = (
            types.SimpleNamespace(find_project=find_project))
        self.assertEqual("There is no project 'nope'.",
                         self.error('--project', 'nope'))

    def test_empty_options_do_not_select_everything(self):
        for option in ('--resource', '--type', '--level', '--reason',
                       '--action', '--request-id', '--since', '--project',
                       '--marker'):
            self.assertEqual(f'{option} must not be empty.',
                             self.error(option, ''))

    def test_errors(self):
        for args, said in (
                (['--level', 'fatal'], 'ERROR, WARNING, INFO'),
                (['--since', 'monday'], 'neither a duration'),
                (['--since', '2999-01-01'], 'in the future'),
                (['--sort', 'created_at:up'], 'no sort order'),
                (['--limit', '0'], 'at least 1'),
                (['--limit', '-1'], 'at least 1'),
                (['--max-items', '-1'], 'not be negative'),
                (['--resource', 'nope'], 'There is no volume'),
                (['--sort', 'size'], 'sort has no key'),
                (['--follow', '-f', 'yaml'], 'cannot print yaml'),
                (['--follow', '--sort', 'id'], 'oldest first')):
            with self.subTest(args):
                self.assertIn(said, self.error(*args))
        self.volumes.extended = False
        self.assertIn('does not tell', self.error('--reason', 'X'))

    def test_errors_of_the_sdk_are_one_line(self):
        class Broken:
            @property
            def sdk_connection(self):
                raise sdk_exceptions.ServiceDiscoveryException(
                    'No endpoint\nfor volumes')
        self.app.client_manager = Broken()
        self.assertEqual('No endpoint', self.error())


class TestFollow(ListTestCase):

    def setUp(self):
        super().setUp()
        self.pauses = []

    def follow(self, *args):
        """Follow until the second pause."""
        added = iter([fakes.extended_body(6, request_id=None)])

        def sleep(seconds):
            self.pauses.append(seconds)
            try:
                self.volumes.bodies.append(next(added))
            except StopIteration:
                raise KeyboardInterrupt from None

        command = message_list.ListMessages(self.app, None, sleep=sleep)
        self.assertRaises(
            KeyboardInterrupt, command.run, command.get_parser(
                'openstack').parse_args(['--follow', *args]))
        return self.app.stdout.getvalue().splitlines()

    def test_lines_for_people(self):
        self.assertEqual([
            '2026-11-24 08:06:00 UTC  ERROR  volume volume-1  Allocating '
            'storage:No room. Ask for less.'], self.follow())
        self.assertEqual([follow.INTERVAL] * 2, self.pauses)

    def test_since(self):
        lines = self.follow('--since', '2026-11-24T08:05')
        self.assertEqual(2, len(lines))
        self.assertIn('[req-5]', lines[0])

    def test_json(self):
        [line] = self.follow('-f', 'json')
        self.assertEqual('message-006', json.loads(line)['ID'])

    def test_csv(self):
        [row] = csv.DictReader(self.follow('-f', 'csv'))
        self.assertEqual('message-006', row['ID'])

    def test_values(self):
        self.assertEqual(['message-006 ERROR'], self.follow(
            '-f', 'value', '-c', 'ID', '-c', 'Message Level'))
