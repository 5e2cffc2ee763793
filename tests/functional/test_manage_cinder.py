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

"""The commands around the files of a Cinder."""

import pathlib

import fixtures

from tests import base
from tests import process
from tests.unit.integration.install import test_options
from tests.unit.integration.install import test_pipelines


class TestCommands(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.write('ours.conf', '[DEFAULT]\ntransport_url = fake:///\n'
                   f'[database]\nconnection = sqlite:///{self.directory}/x\n')
        self.write('api-paste.ini', test_pipelines.SHIPPED)
        self.write('cinder.conf', test_options.PLAIN.replace(
            'controller\nen', f'127.0.0.1:{process.free_port()}\nen'))
        self.before = self.tree()

    def write(self, name, text):
        (self.directory / name).write_text(text)

    def tree(self):
        return {path.name: path.read_bytes()
                for path in self.directory.iterdir()}

    def run_command(self, command, *args, ours=True):
        config = ['--config-file', str(self.directory / 'ours.conf')]
        return process.run(process.command(
            'cinder-messages-manage', *(config if ours else []), 'cinder',
            command, *args), HOME=str(self.directory))

    def files(self):
        return ['--paste-file', str(self.directory / 'api-paste.ini'),
                '--config-file', str(self.directory / 'cinder.conf')]

    def test_install_and_uninstall(self):
        shown = self.run_command('install', *self.files(), '--dry-run')
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertIn('+[filter:messages]', shown.stdout)
        self.assertEqual(self.before, self.tree())

        done = self.run_command('install', *self.files())
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(f'config_file = {self.directory}/ours.conf'.encode(),
                      self.tree()['api-paste.ini'])
        again = self.run_command('install', *self.files())
        self.assertEqual(2, again.stdout.count('installed already'))

        shown = self.run_command('uninstall', *self.files(), '--dry-run')
        self.assertIn('-[filter:messages]', shown.stdout)
        done = self.run_command('uninstall', *self.files())
        self.assertEqual(2, done.stdout.count('restored'), done.stderr)
        self.assertEqual(self.before, self.tree())

    def test_each_missing_step_is_named(self):
        done = self.run_command('check', *self.files())
        self.assertEqual(1, done.returncode)
        for line in ('MISSING configuration: The services of Cinder report to '
                     'another broker', 'MISSING database: ',
                     'MISSING broker: The broker cannot be reached',
                     'MISSING filter: ', 'MISSING managers: ',
                     'MISSING message: needs configuration and database and '
                     'broker'):
            self.assertIn(line, done.stdout)

    def test_errors_are_one_line(self):
        for args, error in (
                ([], 'Name the files of this host'),
                (['--paste-file', '/none'], '/none: No such file')):
            done = self.run_command('install', *args)
            self.assertEqual(1, done.returncode)
            self.assertIn(error, done.stderr)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)

    def test_a_filter_without_a_configuration_is_refused(self):
        done = self.run_command('install', *self.files(), ours=False)
        self.assertEqual(1, done.returncode)
        self.assertIn('The filter needs a configuration file', done.stderr)
        self.assertEqual(self.before, self.tree())

    def test_the_filter_reads_one_file_by_its_absolute_path(self):
        self.write('more.conf', '')
        command = process.command(
            'cinder-messages-manage', '--config-file', 'ours.conf')
        done = process.run(
            [*command, '--config-file', 'more.conf', 'cinder', 'install',
             *self.files()], cwd=self.directory)
        self.assertEqual(1, done.returncode)
        self.assertIn('The filter reads one configuration file', done.stderr)
        done = process.run([*command, 'cinder', 'install', *self.files()],
                           cwd=self.directory)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(f'config_file = {self.directory}/ours.conf\n'.encode(),
                      self.tree()['api-paste.ini'])

    def test_a_relative_spool_directory_is_refused(self):
        done = self.run_command('install', *self.files(), '--spool-dir', 'x')
        self.assertEqual(2, done.returncode)
        self.assertIn('not an absolute path', done.stderr)

    def test_the_way_back_needs_no_configuration(self):
        self.run_command('install', *self.files())
        ours = self.directory / '.cinder-messages' / 'cinder-messages.conf'
        ours.parent.mkdir()
        ours.write_text('transport_url = nonsense\n')
        done = self.run_command('uninstall', *self.files(), ours=False)
        self.assertEqual(0, done.returncode, done.stderr)
        ours.unlink()
        ours.parent.rmdir()
        self.assertEqual(self.before, self.tree())

    def test_what_others_wrote_is_not_removed(self):
        self.write('cinder.conf', '[DEFAULT]\nvolume_manager = '
                   'cinder_messages.integration.managers.VolumeManager\n')
        done = self.run_command('uninstall', *self.files()[2:])
        self.assertEqual(1, done.returncode)
        self.assertIn('cinder.conf:2', done.stderr)
