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


import contextlib
import io
import json
import os
import pathlib

import fixtures
from oslo_config import cfg

from cinder_messages.cmd import manage
from cinder_messages.cmd import manage_spool
from cinder_messages.cmd import output
from cinder_messages.conf import opts
from cinder_messages.emit import journal
from cinder_messages.emit import quarantine
from cinder_messages.emit import spool_status
from cinder_messages import exception
from tests import base
from tests.unit.emit import standin
from tests.unit.emit import test_journal


class TestSpool(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.quarantine = quarantine.Quarantine(str(self.directory))
        self.writer = standin.Writer()
        self.useFixture(fixtures.MockPatchObject(
            manage_spool.client, 'WriterClient',
            side_effect=lambda bus, timeout: self.writer))

    def run_command(self, *argv):
        """The stdout and stderr of a command that succeeds."""
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf.register_cli_opts(manage.CLI_OPTS)
        conf(('spool', *argv), project='cinder-messages',
             default_config_files=[], default_config_dirs=[])
        conf.set_override('spool_dir', str(self.directory), 'cinder_messages')
        stdout, stderr = io.StringIO(), io.StringIO()
        with (contextlib.redirect_stdout(stdout),
              contextlib.redirect_stderr(stderr)):
            self.assertEqual(0, conf.command.run(conf))
        return stdout.getvalue(), stderr.getvalue()

    def ask(self, *argv):
        return json.loads(self.run_command(*argv, '--format', 'json')[0])

    def leave(self, numbers):
        dead = journal.Journal(str(self.directory), 100_000)
        for number in numbers:
            dead.append(test_journal.line(number))
        dead.close()

    def refuse(self, numbers, code='UNKNOWN_EVENT'):
        self.quarantine.add([quarantine.Entry.make(
            {'id': str(number), 'event_id': 'e\x1b', 'project_id': 'p'},
            code, 'why\nnot') for number in numbers])

    def test_nothing_waits(self):
        self.assertEqual(f'Nothing waits in {self.directory}.\n',
                         self.run_command('list')[0])
        self.assertEqual({'offered': 0}, self.ask('retry'))
        self.assertEqual({'removed': 0}, self.ask('drop', '--all'))
        self.assertEqual({'stored': 0, 'duplicates': 0, 'rejected': 0},
                         self.ask('send'))
        self.assertFalse(self.directory.exists())

    def test_what_waits_is_listed(self):
        self.leave(range(3))
        living = journal.Journal(str(self.directory), 10)
        self.addCleanup(living.close)
        living.append(test_journal.line(9))
        self.refuse([7])
        (self.directory / 'x.unreadable').touch()
        (self.directory / 'y.spool').touch()

        text = self.run_command('list')[0]

        self.assertIn('3 reports in ', text)
        self.assertIn('of a process that has ended', text)
        self.assertIn('being sent by its process', text)
        self.assertIn('Unreadable: x.unreadable', text)
        self.assertIn('first version: y.spool', text)
        self.assertIn(r'e\x1b p UNKNOWN_EVENT: why\nnot', text)
        found = self.ask('list')
        self.assertEqual([(3, False), (1, True)], [
            (each['waiting'], each['has_owner'])
            for each in found['journals']])
        self.assertEqual(['why\nnot'],
                         [each['reason'] for each in found['refused']])
        for key, name in (('unreadable', 'x.unreadable'),
                          ('legacy', 'y.spool')):
            self.assertEqual([str(self.directory / name)], found[key])

    def test_a_long_list_is_cut(self):
        self.refuse(range(300))
        self.assertIn('and 200 more refused', self.run_command('list')[0])
        self.assertEqual(300, len(self.ask('list')['refused']))

    def test_dead_processes_reports_are_sent_and_the_living_kept(self):
        living = journal.Journal(str(self.directory), 10)
        self.addCleanup(living.close)
        living.append(test_journal.line(-1))
        for start in range(0, 2000, 1000):
            self.leave(range(start, start + 1000))
        self.writer.answers = [OSError('away')]

        self.assertEqual({'stored': 2000, 'duplicates': 0, 'rejected': 0},
                         self.ask('send', '--timeout', '60'))

        self.assertEqual(list(map(str, range(2000))), self.writer.ids)
        self.assertEqual(1, living.waiting)
        self.assertEqual(1, len(list(self.directory.iterdir())))

    def test_without_an_answer_it_fails_and_nothing_is_lost(self):
        self.leave(range(3))
        self.writer.answers = [OSError('away')] * 100
        error = self.assertRaises(exception.Error, self.run_command, 'send',
                                  '--timeout', '0.1')
        self.assertIn('No writer answered within 0.1 s; 3 reports or more',
                      str(error))
        self.assertEqual(3, spool_status.scan(str(self.directory)).waiting)

    def test_progress_is_shown(self):
        self.useFixture(fixtures.MockPatchObject(
            manage_spool, '_PROGRESS', -1))
        shown = self.useFixture(fixtures.MockPatchObject(
            output, 'progress')).mock
        self.leave(range(1200))
        self.run_command('send')
        self.assertEqual(
            ['500 sent, 700 or more wait ...',
             '1000 sent, 200 or more wait ...',
             '1200 sent, 0 or more wait ...'],
            [call.args[0] for call in shown.call_args_list])

    def test_refused_reports_are_sent_after_a_retry(self):
        self.refuse([1, 2])
        self.refuse([3], 'INVALID_REPORT')
        self.assertEqual({'offered': 1}, self.ask(
            'retry', '--code', 'INVALID_REPORT'))
        self.assertEqual({'offered': 1}, self.ask('retry', '--id', '2'))
        self.run_command('send')
        self.assertEqual(['3', '2'], self.writer.ids)
        self.assertIn('1 reports are offered', self.run_command('retry')[0])
        self.run_command('send')
        self.assertEqual(['3', '2', '1'], self.writer.ids)
        self.assertEqual([], list(self.directory.iterdir()))

    def test_what_is_refused_again_is_kept(self):
        self.writer.unknown = {'e\x1b'}
        self.refuse([1])
        self.run_command('retry')
        self.assertEqual({'stored': 0, 'duplicates': 0, 'rejected': 1},
                         self.ask('send'))
        self.assertEqual(1, len(self.quarantine.entries()))

    def test_refused_reports_are_dropped_as_named(self):
        self.refuse([1, 2, 3])
        self.refuse([4], 'INVALID_REPORT')
        self.assertEqual({'removed': 1}, self.ask('drop', '--id', '2'))
        self.assertEqual({'removed': 1},
                         self.ask('drop', '--code', 'INVALID_REPORT'))
        self.assertEqual(['1', '3'], [
            entry.id for entry in self.quarantine.entries()])
        self.assertEqual({'removed': 2}, self.ask('drop', '--all'))
        self.assertEqual([], list(self.directory.iterdir()))

    def test_unreadable_files_are_dropped(self):
        self.refuse([1])
        (self.directory / 'x.unreadable').touch()
        self.assertEqual({'removed': 1}, self.ask('drop', '--unreadable'))
        self.assertEqual(1, len(self.quarantine.entries()))
        self.assertFalse((self.directory / 'x.unreadable').exists())

    def test_another_user_changes_nothing(self):
        self.leave([1])
        with fixtures.MockPatchObject(os, 'geteuid', return_value=4711):
            for command in (('send',), ('retry',), ('drop', '--all')):
                error = self.assertRaises(
                    exception.Error, self.run_command, *command)
                self.assertIn('must belong to the user', str(error))

    def test_a_directory_that_cannot_be_named_is_an_error(self):
        self.directory = ''
        error = self.assertRaises(exception.Error, self.run_command, 'list')
        self.assertIn('--spool-dir', str(error))
