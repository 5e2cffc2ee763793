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

import os
import pathlib
import subprocess
import sys

import fixtures

from cinder_messages.emit import journal
from cinder_messages.emit import quarantine
from cinder_messages.emit import spool_directory
from cinder_messages.emit import spool_status
from tests import base
from tests.unit.emit import standin
from tests.unit.emit import test_journal


class TestScan(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))

    def scan(self):
        return spool_status.scan(str(self.directory))

    def leave(self, count):
        dead = journal.Journal(str(self.directory), 10_000)
        for number in range(count):
            dead.append(test_journal.line(number))
        dead.close()

    def state(self):
        # NOTE: reading a file would end the lock of this process.
        return {path.name: (path.stat().st_mtime_ns, path.stat().st_size)
                for path in self.directory.iterdir()}

    def test_a_missing_directory_is_empty_and_stays_missing(self):
        self.assertEqual(0, self.scan().waiting)
        self.assertFalse(self.directory.exists())

    def test_living_and_dead_processes_are_told_apart(self):
        self.leave(100)
        self.useFixture(standin.Process(self.directory)).append(300)
        own = journal.Journal(str(self.directory), 10_000)
        self.addCleanup(own.close)
        own.append(test_journal.line(1))
        status = self.scan()
        self.assertEqual([(100, False), (300, True), (1, True)], [
            (one.waiting, one.has_owner) for one in status.journals])
        self.assertEqual(401, status.waiting)

    def test_it_changes_nothing_and_locks_stay(self):
        self.leave(100)
        own = journal.Journal(str(self.directory), 10_000)
        self.addCleanup(own.close)
        own.append(test_journal.line(1))
        before = self.state()
        self.scan()
        self.assertEqual(before, self.state())
        locked = subprocess.run(
            [sys.executable, '-c',
             'import os, sys\n'
             'from cinder_messages.emit import spool_directory\n'
             'descriptor = os.open(sys.argv[1], os.O_RDWR)\n'
             'print(spool_directory.is_locked(descriptor))',
             str(own._file.path)], capture_output=True, text=True, check=True)
        self.assertEqual('True', locked.stdout.strip())

    def test_what_cannot_be_opened_is_unreadable(self):
        self.leave(1)
        os.mkfifo(self.directory / 'pipe.journal')
        (self.directory / 'link.journal').symlink_to('/etc/passwd')
        (self.directory / 'old.unreadable').touch()
        (self.directory / 'old.corrupt').touch()
        (self.directory / 'a note').touch()
        status = self.scan()
        self.assertEqual(
            ['link.journal', 'old.corrupt', 'old.unreadable', 'pipe.journal'],
            [path.name for path in status.unreadable])
        self.assertEqual(1, status.waiting)

    def test_refused_reports_are_listed(self):
        self.leave(1)
        kept = quarantine.Quarantine(str(self.directory))
        kept.keep([quarantine.Entry.make(
            {'id': 'an id'}, 'UNKNOWN_EVENT', 'not of this version')])
        self.assertIsNone(kept.save())
        self.assertEqual(['an id'], [one.id for one in self.scan().refused])

    def test_a_journal_that_is_sent_meanwhile_is_left_out(self):
        self.leave(1)
        open_file = spool_directory.open_file

        def sent(path, *args):
            path.unlink()
            return open_file(path, *args)

        with fixtures.MockPatchObject(spool_directory, 'open_file', sent):
            status = self.scan()
        self.assertEqual(([], []), (status.journals, status.unreadable))

    def test_a_directory_that_others_can_write_in_is_an_error(self):
        self.leave(1)
        self.directory.chmod(0o777)
        self.assertRaises(PermissionError, self.scan)
