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


import errno
import fcntl
import os
import pathlib
import threading

import fixtures

from cinder_messages.emit import journal
from cinder_messages.emit import journal_file
from cinder_messages.emit import own_files
from cinder_messages.emit import spool_directory
from cinder_messages.emit import spool_limit
from tests import base
from tests.unit.emit import standin
from tests.unit.emit import test_journal


class LimitCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))

    def start(self, count=0):
        """Start another process that holds some reports."""
        process = self.useFixture(standin.Process(self.directory))
        process.append(count)
        process.look()
        return process

    def make_journal(self, limit=10_000):
        made = journal.Journal(str(self.directory), limit)
        self.addCleanup(made.close)
        return made

    def fill(self, waiting, count):
        """Return how many of so many reports it takes."""
        return sum(waiting.append(test_journal.line(number))
                   for number in range(count))

    def others(self):
        """Return what a process knows that holds nothing itself."""
        limit = spool_limit.SpoolLimit(str(self.directory), 10_000)
        limit.look(0, None)
        return limit.others


class TestOthers(LimitCase):

    def test_a_living_process_says_what_waits(self):
        process = self.start(2000)
        self.assertEqual(2000, self.others())
        process.acknowledge(200)
        self.assertEqual(1800, self.others())
        process.append(8)
        self.assertEqual(1808, self.others())

    def test_it_says_so_for_some_reports_at_once(self):
        process = self.start(2000)
        process.append(7)
        self.assertEqual(2000, self.others())
        process.append(1)
        self.assertEqual(2008, self.others())

    def test_a_process_with_few_counts(self):
        self.start(1)
        self.assertEqual(1, self.others())

    def test_reports_of_dead_processes_are_counted(self):
        for count in (300, 70):
            self.start(count).kill()
        limit = spool_limit.SpoolLimit(str(self.directory), 10_000)
        limit.look(0, None)
        self.assertEqual(370, limit.others)
        pread = self.useFixture(fixtures.MockPatchObject(
            os, 'pread', side_effect=AssertionError('read again'))).mock
        limit.look(0, None)
        self.assertEqual(370, limit.others)
        pread.assert_not_called()

    def test_a_file_that_is_locked_as_a_whole_is_counted(self):
        process = self.start(300)
        process.lock_as_a_whole()
        self.assertEqual(300, self.others())

    def test_own_files_count_but_for_that_of_the_journal(self):
        own, other = self.make_journal(), self.make_journal()
        self.fill(own, 5)
        self.fill(other, 3)
        own.look_at_others()
        self.assertEqual(3, own.limit.others)

    def test_only_journals_of_the_user_count(self):
        self.directory.mkdir()
        (self.directory / 'a.journal').write_bytes(b'x\n' * 600)
        (self.directory / 'torn.journal').write_bytes(b'x')
        (self.directory / 'empty.journal').touch()
        (self.directory / 'b.quarantine').write_bytes(b'x\n' * 4000)
        (self.directory / 'link.journal').symlink_to('a.journal')
        os.mkfifo(self.directory / 'fifo.journal')
        self.assertEqual(601, self.others())

    def test_files_of_a_report_or_two_are_not_opened(self):
        self.directory.mkdir()
        for number in range(50):
            for size in (310, 570, 1000):
                (self.directory / f'{number}-{size}.journal').write_bytes(
                    b'x' * size)
        opened = self.useFixture(fixtures.MockPatchObject(
            spool_directory, 'open_file')).mock
        self.assertEqual(50 + 50 + 100, self.others())
        opened.assert_not_called()

    def test_a_file_system_that_cannot_tell_has_the_lines_counted(self):
        self.start(300)
        with fixtures.MockPatchObject(
                fcntl, 'fcntl', side_effect=OSError(errno.EINVAL, 'no')):
            self.assertEqual(300, self.others())

    def test_a_missing_directory_holds_nothing(self):
        self.assertEqual(0, self.others())

    def test_a_lock_that_cannot_be_changed_is_changed_later(self):
        own = self.make_journal()
        with fixtures.MockPatchObject(
                spool_directory, 'publish',
                side_effect=OSError(errno.ENOLCK, 'no locks')):
            self.assertEqual(20, self.fill(own, 20))
        self.assertEqual(0, own._file._published)
        self.fill(own, 1)
        self.assertEqual(21, own._file._published)


class TestLocks(LimitCase):
    """A process that closes a descriptor of its file loses the lock."""

    def is_locked(self, path):
        """Return whether a child of this process can lock a file."""
        pid = os.fork()
        if not pid:
            try:
                descriptor = os.open(path, os.O_RDWR)
                os._exit(not spool_directory.lock(descriptor))
            finally:
                os._exit(2)
        return {0: False, 1: True}[
            os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]

    def test_a_count_ends_no_lock(self):
        own = self.make_journal()
        self.fill(own, 30)
        own.look_at_others()
        self.assertTrue(self.is_locked(own._file.path))

    def test_a_count_waits_for_a_file_that_is_being_made(self):
        own = self.make_journal()
        lock = spool_directory.lock
        counts = []

        def locking(descriptor):
            locked = lock(descriptor)
            os.write(descriptor, b'x\n')
            counts.append(threading.Thread(target=self.others))
            counts[-1].start()
            # NOTE: it would be done by then.
            counts[-1].join(0.2)
            return locked

        with fixtures.MockPatchObject(spool_directory, 'lock', locking):
            self.fill(own, 1)
        for count in counts:
            count.join()
        self.assertTrue(self.is_locked(own._file.path))

    def test_a_child_opens_files_whatever_its_parent_does(self):
        with own_files.opening():
            pid = os.fork()
            if not pid:
                # NOTE: a lock that the child had inherited would be its own
                # here, so another thread asks.
                taken = []
                thread = threading.Thread(target=lambda: taken.append(
                    own_files.opening().acquire(timeout=30)))
                thread.start()
                thread.join()
                os._exit(not taken[0])
        self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    def test_it_is_forgotten_in_a_child(self):
        self.useFixture(fixtures.MonkeyPatch(
            'cinder_messages.emit.own_files._LOCKS', {
                1: object(), os.getpid(): object()}))
        own_files.close_inherited()
        self.assertEqual([os.getpid()], list(own_files._LOCKS))


class TestLimit(LimitCase):

    def test_processes_share_the_room(self):
        """Each of four takes as many as it can, by turns."""
        processes = [self.make_journal(limit=2000) for _ in range(4)]
        kept = [0] * 4
        for _ in range(1000):
            for number, own in enumerate(processes):
                kept[number] += self.fill(own, 1)
        self.assertEqual(2000, sum(kept))
        self.assertGreater(min(kept), 400)

    def test_a_directory_that_others_have_filled_takes_none(self):
        process = self.start(2000)
        own = self.make_journal(limit=2000)
        self.assertEqual(0, self.fill(own, 100))
        process.acknowledge(50)
        self.assertEqual(0, self.fill(own, 100), 'it looks too often')
        own.look_at_others()
        self.assertEqual(50, self.fill(own, 100))
        self.assertEqual(250, own.refused)

    def test_the_room_of_acknowledged_reports_is_everybodys(self):
        own = self.make_journal(limit=2000)
        self.assertEqual(2000, self.fill(own, 2001))
        own.acknowledge(own.read(500))
        self.start(400)
        self.assertLessEqual(self.fill(own, 500), 100 + 8)

    def test_it_looks_at_the_directory_once_in_many_reports(self):
        self.start(100)
        own = self.make_journal(limit=100_000)
        scandir = self.useFixture(fixtures.MockPatchObject(
            os, 'scandir', wraps=os.scandir)).mock
        self.assertEqual(20_000, self.fill(own, 20_000))
        self.assertLessEqual(scandir.call_count, 21)

    def test_a_full_directory_is_not_looked_at_again(self):
        self.start(100)
        own = self.make_journal(limit=200)
        self.fill(own, 100)
        scandir = self.useFixture(fixtures.MockPatchObject(
            os, 'scandir', wraps=os.scandir)).mock
        self.assertEqual(0, self.fill(own, 1000))
        self.assertLessEqual(scandir.call_count, 1)

    def test_memory_has_the_same_limit(self):
        own = journal.Journal('', 100)
        self.assertEqual(100, self.fill(own, 150))
        self.assertEqual(50, own.refused)


class TestPublish(LimitCase):

    def test_a_number_is_seen_by_others_only(self):
        own = journal_file.File.create(
            spool_directory.prepare(str(self.directory)))
        self.addCleanup(own.release)
        for number in (0, 5, 3, 100_000, 0):
            own.publish(number, is_exact=True)
            self.assertIsNone(spool_directory.published(own.descriptor))
            self.assertEqual(number, self.seen_by_a_child(own.path))

    def seen_by_a_child(self, path):
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            descriptor = os.open(path, os.O_RDONLY)
            os.write(writing, b'%d' % (
                -1 if (seen := spool_directory.published(descriptor)) is None
                else seen))
            os._exit(0)
        os.waitpid(pid, 0)
        seen = int(os.read(reading, 100))
        os.close(reading)
        os.close(writing)
        return seen

    def test_a_version_that_locks_the_whole_file_excludes_this_one(self):
        process = self.start(1)
        process.lock_as_a_whole()
        [path] = self.directory.glob('*.journal')
        self.assertIsNone(journal_file.File.take_over(path))

    def test_this_one_excludes_a_version_that_locks_the_whole_file(self):
        self.start(20)
        [path] = self.directory.glob('*.journal')
        with open(path, 'r+b') as file:
            self.assertRaises(BlockingIOError, fcntl.lockf, file,
                              fcntl.LOCK_EX | fcntl.LOCK_NB)
