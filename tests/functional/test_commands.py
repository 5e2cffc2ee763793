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

"""The commands as processes, on a database file and without a broker."""

import json
import os
import subprocess

import fixtures

from cinder_messages.message import catalog
from cinder_messages.message import catalog_listing
from tests import base
from tests import process

COMMANDS = ('cinder-messages-all', 'cinder-messages-manage',
            'cinder-messages-status', 'cinder-messages-writer')


class TestCommands(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir())
        self.config_file = self.directory.join('cinder-messages.conf')
        self.configure()

    def configure(self, more=''):
        self.path = self.directory.join('messages.sqlite')
        with open(self.config_file, 'w') as config:
            config.write(f'[DEFAULT]\ntransport_url = fake://\n'
                         f'[database]\nconnection = sqlite:///{self.path}\n'
                         f'{more}')

    def run_command(self, name, *args):
        return process.run(process.command(
            name, '--config-file', self.config_file, *args))

    def manage(self, *args):
        return self.run_command('cinder-messages-manage', *args)

    def refused(self, name, *args):
        """The one line that a command ends with."""
        done = self.run_command(name, *args)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        self.assertEqual('', done.stdout)
        return done.stderr

    def test_each_explains_itself(self):
        for name in COMMANDS:
            done = process.run(process.command(name, '--help'))

            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual('', done.stderr)
            self.assertIn('--config-file', done.stdout)

    def test_a_closed_pipe_ends_a_command_quietly(self):
        # argparse ignores the error if the help exceeds the buffer of stdout;
        # otherwise the error comes when stdout is flushed.
        for codes, args in (
                ([141], ['cinder-messages-manage', 'catalog', '--format',
                         'json']),
                ([0, 141], ['cinder-messages-manage', 'catalog', '--help']),
                ([0, 141], ['cinder-messages-status', '--help'])):
            reader, writer = os.pipe()
            os.close(reader)
            with open(writer, 'wb') as stdout:
                done = subprocess.run(
                    process.command(*args), stdout=stdout,
                    stderr=subprocess.PIPE, timeout=process.DEADLINE)

            self.assertIn(done.returncode, codes, args)
            self.assertEqual(b'', done.stderr, args)

    def test_output_that_a_disk_does_not_take_is_one_line(self):
        for args in ('catalog',), ('catalog', '--format', 'json'):
            with open('/dev/full', 'wb') as stdout:
                done = subprocess.run(
                    process.command('cinder-messages-manage', *args),
                    stdout=stdout, stderr=subprocess.PIPE, text=True,
                    timeout=process.DEADLINE)
            self.assertEqual(1, done.returncode)
            self.assertEqual(
                'cinder-messages-manage: the output is not complete: '
                'No space left on device\n', done.stderr)

    def test_the_catalog_is_printed_for_authors_of_clients(self):
        done = process.run(process.command(
            'cinder-messages-manage', 'catalog', '--format', 'json'))

        self.assertEqual((0, ''), (done.returncode, done.stderr))
        self.assertEqual(
            catalog_listing.to_primitive(catalog.Catalog.builtin()),
            json.loads(done.stdout))

    def test_the_database_is_checked_migrated_and_checked_again(self):
        self.assertIn('Run: cinder-messages-manage db sync',
                      self.refused('cinder-messages-manage', 'db', 'check'))
        for _ in range(2):
            done = self.manage('db', 'sync')
            self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(done.stdout, self.manage('db', 'check').stdout)

    def test_the_upgrade_check_knows_the_schema(self):
        done = self.run_command('cinder-messages-status', 'upgrade', 'check')
        self.assertEqual(2, done.returncode, done.stdout)
        self.assertIn('db sync', done.stdout)

        self.manage('db', 'sync')

        done = self.run_command('cinder-messages-status', 'upgrade', 'check')
        self.assertEqual(0, done.returncode, done.stdout)

    def test_a_database_that_is_not_named_is_one_line(self):
        with open(self.config_file, 'w') as config:
            config.write('[DEFAULT]\ntransport_url = fake://\n')

        self.assertIn('[database] connection', self.refused(
            'cinder-messages-manage', 'message', 'reap'))

    def test_texts_that_cannot_be_read_stop_the_writer(self):
        self.manage('db', 'sync')
        self.configure('[messages]\ntext_overrides_file = /nowhere.yaml\n')

        self.assertIn('/nowhere.yaml', self.refused('cinder-messages-writer'))

    def test_a_writer_runs_until_it_is_told_to_stop(self):
        self.manage('db', 'sync')
        writer = self.useFixture(process.Process(process.command(
            'cinder-messages-writer', '--config-file', self.config_file)))
        writer.wait_for_line('accepts reports')

        self.assertEqual(0, writer.terminate())

        self.assertRegex('\n'.join(writer.lines), 'Writer .* has stopped')

    def test_a_configuration_file_that_is_not_there_is_one_line(self):
        done = process.run(process.command(
            'cinder-messages-writer', '--config-file', '/nowhere.conf'))

        self.assertEqual(1, done.returncode)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        self.assertIn('/nowhere.conf', done.stderr)
