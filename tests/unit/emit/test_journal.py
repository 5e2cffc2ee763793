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
import json
import os
import pathlib
import signal
import stat
import threading
from unittest import mock

import fixtures

from cinder_messages.emit import journal
from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line
from cinder_messages.emit import journal_read
from cinder_messages.emit import own_files
from cinder_messages.emit import spool_directory
from cinder_messages.emit import spool_limit
from tests import base
from tests.unit.emit import standin


def line(number, **fields):
    return journal_line.encode(json.dumps({'id': str(number), **fields}))


def steal(test, file):
    """Give the number of a journal's file to another file; return its path.

    That is what happens in a process that closes what it knows nothing of.
    """
    path = pathlib.Path(test.useFixture(fixtures.TempDir()).path, 'foreign')
    number = file.descriptor
    with open(path, 'wb') as foreign:
        os.dup2(foreign.fileno(), number)
    # NOTE: fails if the number was closed by somebody else.
    test.addCleanup(os.close, number)
    return path


class JournalCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(journal_file, 'TRUSTED', 0))
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))

    def make_journal(self, limit=10_000, directory=None):
        made = journal.Journal(
            str(self.directory if directory is None else directory), limit)
        self.addCleanup(made.close)
        return made

    def fill(self, waiting, numbers):
        for number in numbers:
            self.assertTrue(waiting.append(line(number)))

    def drain(self, waiting, batch_size=300):
        """All reports in their order, acknowledged batch by batch."""
        numbers = []
        while (batch := waiting.read(batch_size)).count:
            numbers += [int(one['id']) for one in batch.reports]
            waiting.acknowledge(batch)
        self.assertEqual(0, waiting.waiting)
        return numbers

    def on_disk(self):
        """The reports that another process would find, in order."""
        numbers = []
        for path in sorted(self.directory.glob('*.journal')):
            for each in path.read_bytes().split(b'\n')[:-1]:
                report = journal_line.decode(each)
                if report is not None:
                    numbers.append(int(report['id']))
        return numbers

    def break_disk(self, error=errno.ENOSPC, takes=0):
        """A disk that takes so many bytes more; returns what mends it."""
        left = [takes]
        writev = os.writev

        def full(descriptor, buffers):
            data = b''.join(buffers)[:left[0]]
            left[0] -= len(data)
            if not data:
                raise OSError(error, os.strerror(error))
            return writev(descriptor, [data])

        patch = mock.patch.object(os, 'writev', full)
        patch.start()
        self.addCleanup(mock.patch.stopall)
        return patch.stop


class TestLost(JournalCase):
    """The process has closed the descriptor, and uses its number."""

    def test_its_file_is_opened_again(self):
        waiting = self.make_journal()
        for first, use in enumerate((
                lambda: None, waiting.tidy, waiting.sync,
                waiting.look_at_others, lambda: waiting.read(1))):
            self.fill(waiting, range(first * 20, first * 20 + 10))
            foreign = steal(self, waiting._file)
            use()
            self.fill(waiting, range(first * 20 + 10, first * 20 + 20))
            self.assertEqual(b'', foreign.read_bytes())
        self.assertEqual(list(range(100)), self.on_disk())
        self.assertEqual(list(range(100)), self.drain(waiting))

    def test_its_file_is_released_at_the_end(self):
        waiting = self.make_journal()
        self.fill(waiting, range(10))
        foreign = steal(self, waiting._file)
        waiting.close()
        self.assertEqual(b'', foreign.read_bytes())
        self.assertEqual(list(range(10)), self.on_disk())

    def test_another_process_has_sent_its_reports(self):
        waiting = self.make_journal()
        self.fill(waiting, range(10))
        batch = waiting.read(5)
        steal(self, waiting._file)
        waiting._file.path.unlink()

        self.fill(waiting, range(10, 20))
        waiting.acknowledge(batch)
        self.assertEqual(10, waiting.waiting)
        self.assertEqual(list(range(10, 20)), self.drain(waiting))

    def test_an_answer_may_come_meanwhile(self):
        waiting = self.make_journal()
        self.fill(waiting, range(20))
        batch = waiting.read(5)
        foreign = steal(self, waiting._file)
        waiting.acknowledge(batch)
        self.assertEqual(list(range(5, 20)), self.drain(waiting))
        self.assertEqual(b'', foreign.read_bytes())


class TestJournal(JournalCase):

    def test_keeps_the_order(self):
        for directory in ('', self.directory):
            waiting = self.make_journal(directory=directory)
            self.fill(waiting, range(2000))
            self.assertEqual(2000, waiting.waiting)
            self.assertEqual(list(range(2000)), self.drain(waiting))

    def test_a_burst_looks_at_the_file_once(self):
        waiting = self.make_journal()
        self.fill(waiting, [0])
        looks = self.useFixture(fixtures.MockPatchObject(
            journal_file.File, 'find_size', autospec=True,
            side_effect=journal_file.File.find_size)).mock
        self.fill(waiting, range(1, 1001))
        self.assertLess(1000, looks.call_count)
        looks.reset_mock()
        with fixtures.MockPatchObject(journal_file, 'TRUSTED', 3600):
            self.fill(waiting, range(1001, 2001))
        # NOTE: publishing looks, too, once in eight reports.
        self.assertGreater(200, looks.call_count)

    def test_a_report_stays_until_it_is_acknowledged(self):
        for directory in ('', self.directory):
            waiting = self.make_journal(directory=directory)
            self.fill(waiting, range(3))
            batch = waiting.read(2)
            self.assertEqual(batch, waiting.read(2))
            waiting.acknowledge(batch)
            self.assertEqual([{'id': '2'}], waiting.read(2).reports)

    def test_nothing_waits(self):
        self.assertEqual([], self.make_journal().read(1).reports)

    def test_a_full_directory_refuses_the_newest(self):
        other = self.make_journal()
        self.fill(other, [9])
        waiting = self.make_journal(limit=3)
        self.assertEqual([True, True, False],
                         [waiting.append(line(n)) for n in range(3)])
        waiting.acknowledge(waiting.read(1))
        self.assertTrue(waiting.append(line(3)))
        self.assertEqual([1, 3], self.drain(waiting))

    def test_a_report_is_on_disk_at_once(self):
        waiting = self.make_journal()
        for number in range(5):
            self.fill(waiting, [number])
            self.assertEqual(list(range(number + 1)), self.on_disk())

    def test_threads_lose_and_double_nothing(self):
        waiting = self.make_journal()
        threads = [threading.Thread(
            target=self.fill, args=(waiting, range(start, start + 500)))
            for start in range(0, 4000, 500)]
        for thread in threads:
            thread.start()
        numbers = []
        while len(numbers) < 4000:
            batch = waiting.read(100)
            numbers += [int(one['id']) for one in batch.reports]
            waiting.acknowledge(batch)
            waiting.tidy()
        for thread in threads:
            thread.join()
        self.assertEqual(list(range(4000)), sorted(numbers))
        for start in range(0, 4000, 500):
            mine = [n for n in numbers if start <= n < start + 500]
            self.assertEqual(sorted(mine), mine)

    def test_only_its_user_can_read_it(self):
        self.fill(self.make_journal(), [1])
        self.assertEqual(0o700, stat.S_IMODE(self.directory.stat().st_mode))
        for path in self.directory.iterdir():
            self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))

    def test_an_empty_file_is_removed_when_nothing_comes(self):
        waiting = self.make_journal()
        self.fill(waiting, [1])
        waiting.tidy()
        self.drain(waiting)
        self.fill(waiting, [2])
        self.drain(waiting)
        waiting.tidy()
        self.assertEqual(1, len(list(self.directory.iterdir())))
        waiting.tidy()
        self.assertEqual([], list(self.directory.iterdir()))
        self.fill(waiting, [3])
        self.assertEqual([3], self.drain(waiting))

    def test_close_removes_what_is_empty_and_leaves_the_rest(self):
        waiting = self.make_journal()
        self.fill(waiting, range(3))
        waiting.acknowledge(waiting.read(1))
        waiting.close()
        self.assertEqual([0, 1, 2], self.on_disk())
        other = self.make_journal()
        self.fill(other, [1])
        self.drain(other)
        other.close()
        self.assertEqual(1, len(list(self.directory.iterdir())))

    def test_the_file_follows_what_waits(self):
        waiting = self.make_journal(limit=100_000)
        text = 'x' * 400
        for number in range(8000):
            waiting.append(line(number, text=text))
        size = 470
        read = []
        while (batch := waiting.read(500)).count:
            read += [int(one['id']) for one in batch.reports]
            waiting.acknowledge(batch)
            waiting.tidy()
            self.assertLess(
                sum(path.stat().st_size for path in self.directory.iterdir()),
                2 * waiting.waiting * size + (1 << 20) + size)
        self.assertEqual(list(range(8000)), read)

    def test_what_passes_through_leaves_nothing(self):
        waiting = self.make_journal()
        for _ in range(20):
            self.fill(waiting, range(2000))
            self.drain(waiting)
            waiting.tidy()
        self.assertLess(sum(path.stat().st_size
                            for path in self.directory.iterdir()), 1 << 16)

    def test_reports_go_on_while_the_file_is_replaced(self):
        waiting = self.make_journal()
        self.fill(waiting, range(1000))
        waiting.acknowledge(waiting.read(400))
        [path] = self.directory.iterdir()
        path.unlink()
        copy = journal_read.copy

        def slow(*args):
            copy(*args)
            if not waiting._exclusion._busy:
                self.fill(waiting, range(1000, 1100))
                waiting.acknowledge(waiting.read(100))

        self.useFixture(fixtures.MockPatchObject(journal_read, 'copy', slow))
        waiting.tidy()
        self.assertEqual(list(range(400, 1100)), self.on_disk())
        self.assertEqual(list(range(500, 1100)), self.drain(waiting))

    def test_a_file_is_not_replaced_when_the_journal_is_closed_meanwhile(self):
        waiting = self.make_journal()
        self.fill(waiting, range(5000))
        waiting.acknowledge(waiting.read(4500))
        [path] = self.directory.glob('*.journal')
        copy = journal_read.copy

        def closing(*args):
            copy(*args)
            waiting.close()

        with fixtures.MockPatchObject(journal_read, 'copy', closing), \
                fixtures.MockPatchObject(journal, '_SLACK', 1):
            waiting.tidy()
        self.assertEqual([path], list(self.directory.glob('*.journal')))
        self.assertFalse(own_files.is_own(path.name))
        self.assertIsNone(waiting.trouble)

    def test_a_file_that_is_closed_is_neither_replaced_nor_synced(self):
        waiting = self.make_journal()
        self.fill(waiting, range(5000))
        waiting.acknowledge(waiting.read(4500))
        waiting._file.release()
        with fixtures.MockPatchObject(journal, '_SLACK', 1):
            waiting.tidy()
        waiting.sync()
        self.assertIsNone(waiting.trouble)
        self.assertEqual(1, len(list(self.directory.glob('*.journal'))))

    def test_an_end_while_the_file_is_synced_closes_it_after_that(self):
        waiting = self.make_journal()
        self.fill(waiting, range(10))
        file = waiting._file
        fsync = os.fsync

        def closing(descriptor):
            waiting.close()
            fsync(descriptor)

        with fixtures.MockPatchObject(os, 'fsync', closing):
            waiting.sync()
        self.assertEqual(-1, file.descriptor)
        self.assertFalse(own_files.is_own(file.path.name))

    def test_sync_is_done_once_for_what_waits(self):
        synced = self.useFixture(fixtures.MockPatchObject(os, 'fsync')).mock
        waiting = self.make_journal()
        waiting.sync()
        self.fill(waiting, [1])
        waiting.sync()
        waiting.sync()
        # NOTE: the file and its name.
        self.assertEqual(2, synced.call_count)
        self.fill(waiting, [2])
        waiting.sync()
        self.assertEqual(3, synced.call_count)


class TestSignals(JournalCase):

    def report_on_signal(self, waiting, number):
        def handler(signum, frame):
            self.assertTrue(waiting.append(line(number)))

        old = signal.signal(signal.SIGUSR1, handler)
        self.addCleanup(signal.signal, signal.SIGUSR1, old)

    def test_a_handler_reports_in_the_middle_of_a_report(self):
        waiting = self.make_journal()
        self.report_on_signal(waiting, 1)
        writev, calls = os.writev, []

        def interrupted(*args):
            if not calls:
                calls.append(1)
                signal.raise_signal(signal.SIGUSR1)
            return writev(*args)

        self.useFixture(fixtures.MockPatchObject(os, 'writev', interrupted))
        self.fill(waiting, [0, 2])
        self.assertEqual([0, 1, 2], self.on_disk())
        self.assertEqual([0, 1, 2], self.drain(waiting))

    def test_a_handler_that_raises_does_no_harm(self):
        waiting = self.make_journal()
        writev, calls = os.writev, []

        def interrupted(*args):
            written = writev(*args)
            if not calls:
                calls.append(1)
                raise KeyboardInterrupt
            return written

        self.useFixture(fixtures.MockPatchObject(os, 'writev', interrupted))
        self.assertRaises(KeyboardInterrupt, waiting.append, line(0))
        self.fill(waiting, [1, 2])
        self.assertEqual([0, 1, 2], self.drain(waiting))


class TestDisk(JournalCase):

    def test_a_full_disk_is_left_as_soon_as_there_is_room(self):
        waiting = self.make_journal()
        self.fill(waiting, range(100))
        mend = self.break_disk(takes=1000)
        self.fill(waiting, range(100, 400))
        self.assertIsNotNone(waiting.trouble)
        mend()
        self.fill(waiting, range(400, 2400))
        self.assertIsNone(waiting.trouble)
        self.assertEqual(list(range(2400)), self.on_disk())
        self.assertEqual(list(range(2400)), self.drain(waiting))

    def test_a_disk_that_takes_a_part_of_each_line_is_in_trouble(self):
        waiting = self.make_journal()
        self.fill(waiting, range(3))
        writev = os.writev
        with fixtures.MockPatchObject(
                os, 'writev', lambda descriptor, buffers: writev(
                    descriptor, [buffers[0][:10]])):
            self.fill(waiting, range(3, 2000))
            self.assertIsNotNone(waiting.trouble)
            self.assertEqual([0, 1, 2], self.on_disk())
        waiting.tidy()
        self.assertIsNone(waiting.trouble)
        self.assertEqual(list(range(2000)), self.on_disk())

    def test_memory_moves_to_the_disk_without_another_report(self):
        waiting = self.make_journal()
        mend = self.break_disk()
        self.fill(waiting, range(2000))
        self.assertEqual([], self.on_disk())
        mend()
        waiting.tidy()
        self.assertEqual(list(range(2000)), self.on_disk())
        self.assertEqual(list(range(2000)), self.drain(waiting))

    def test_no_descriptor_for_one_report(self):
        for error in (errno.EMFILE, errno.EROFS, errno.ENFILE):
            waiting = self.make_journal()
            with fixtures.MockPatchObject(
                    spool_directory.posix, 'open',
                    side_effect=OSError(error, os.strerror(error))):
                self.fill(waiting, [0])
            self.fill(waiting, range(1, 2000))
            self.assertEqual(list(range(2000)), self.on_disk())
            self.assertEqual(list(range(2000)), self.drain(waiting))
            waiting.close()

    def test_a_torn_line_does_not_swallow_the_next(self):
        waiting = self.make_journal()
        self.fill(waiting, range(3))
        mend = self.break_disk(takes=10)
        with mock.patch.object(os, 'ftruncate', autospec=True,
                               side_effect=OSError):
            self.fill(waiting, [3])
        mend()
        self.fill(waiting, [4])
        self.assertEqual([0, 1, 2], self.on_disk())
        waiting.tidy()
        self.assertEqual([0, 1, 2, 3, 4], self.on_disk())
        self.assertEqual([0, 1, 2, 3, 4], self.drain(waiting))
        self.assertEqual([], list(self.directory.glob('*.unreadable')))

    def test_acknowledged_while_it_moves_from_memory_to_the_disk(self):
        waiting = self.make_journal()
        mend = self.break_disk()
        self.fill(waiting, range(10))
        batch = waiting.read(4)
        mend()
        waiting.tidy()
        waiting.acknowledge(batch)
        self.fill(waiting, range(10, 20))
        self.assertEqual(list(range(4, 20)), self.drain(waiting))

    def test_acknowledged_in_memory_and_then_the_disk_works(self):
        waiting = self.make_journal()
        self.fill(waiting, range(5))
        mend = self.break_disk()
        self.fill(waiting, range(5, 10))
        waiting.acknowledge(waiting.read(5))
        waiting.acknowledge(waiting.read(3))
        mend()
        self.fill(waiting, range(10, 15))
        self.assertEqual(list(range(8, 15)), self.drain(waiting))

    def test_a_removed_directory_is_made_again_with_what_waits(self):
        waiting = self.make_journal()
        self.fill(waiting, range(3000))
        waiting.acknowledge(waiting.read(100))
        for path in self.directory.iterdir():
            path.unlink()
        self.directory.rmdir()
        self.fill(waiting, range(3000, 3100))
        waiting.tidy()
        self.assertEqual(list(range(100, 3100)), self.on_disk())
        self.assertEqual(list(range(100, 3100)), self.drain(waiting))

    def test_a_file_that_cannot_be_replaced_is_kept(self):
        waiting = self.make_journal()
        self.fill(waiting, range(100))
        [path] = self.directory.iterdir()
        path.unlink()
        mend = self.break_disk()
        waiting.tidy()
        self.assertEqual([], list(self.directory.iterdir()))
        self.assertIsNotNone(waiting.trouble)
        mend()
        waiting.tidy()
        self.assertEqual(list(range(100)), self.on_disk())
        self.assertEqual(list(range(100)), self.drain(waiting))

    def test_nobody_else_can_write_where_a_daemon_makes_the_directory(self):
        directory = self.directory / 'one' / 'two'
        self.addCleanup(os.umask, os.umask(0))
        self.fill(self.make_journal(directory=directory), range(1))
        self.assertEqual([0o700, 0o755, 0o755], [
            stat.S_IMODE(path.stat().st_mode)
            for path in (directory, *directory.parents[:2])])

    def test_a_directory_that_cannot_be_used_leaves_the_memory(self):
        self.directory.mkdir()
        self.directory.chmod(0o777)
        for directory in ('/dev/null/spool', self.directory):
            waiting = self.make_journal(directory=directory)
            self.fill(waiting, range(2000))
            self.assertIsNotNone(waiting.trouble)
            self.assertEqual(list(range(2000)), self.drain(waiting))
        self.assertEqual([], list(self.directory.iterdir()))

    def test_an_unreadable_line_is_set_aside(self):
        waiting = self.make_journal()
        self.fill(waiting, range(5))
        [path] = self.directory.iterdir()
        data = bytearray(path.read_bytes())
        data[data.index(b'"2"') + 1] = ord('7')
        path.write_bytes(data)
        self.assertEqual([0, 1, 3, 4], self.drain(waiting))
        waiting.tidy()
        waiting.tidy()
        [aside] = self.directory.iterdir()
        self.assertEqual('.unreadable', aside.suffix)
        self.assertEqual(bytes(data), aside.read_bytes())

    def test_a_broken_block_costs_the_reports_on_it(self):
        waiting = self.make_journal()
        self.fill(waiting, range(2000))
        pread = os.pread

        def broken(descriptor, count, position):
            if position <= 8192 < position + count:
                raise OSError(errno.EIO, 'broken')
            return pread(descriptor, count, position)

        self.useFixture(fixtures.MockPatchObject(os, 'pread', broken))
        numbers = self.drain(waiting)
        self.assertEqual(sorted(set(numbers)), numbers)
        self.assertIn(len(numbers), range(1800, 1999))

    def test_a_file_that_was_cut_does_not_stop_the_rest(self):
        waiting = self.make_journal()
        self.fill(waiting, range(100))
        [path] = self.directory.iterdir()
        os.truncate(path, len(line(0)) * 3 + 5)
        self.drain(waiting)
        self.fill(waiting, range(200, 300))
        self.assertEqual(list(range(200, 300)), self.drain(waiting)[-100:])

    def test_a_file_that_was_cut_keeps_what_comes_then(self):
        for size in (0, 5, len(line(0)) * 70 + 5):
            waiting = self.make_journal(directory=self.directory / str(size))
            self.fill(waiting, range(100, 200))
            waiting.acknowledge(waiting.read(50))
            os.truncate(waiting._file.path, size)
            self.fill(waiting, range(200, 300))
            self.assertEqual(list(range(200, 300)), self.drain(waiting)[-100:])

    def test_a_file_that_was_cut_on_a_full_disk_is_left(self):
        waiting = self.make_journal()
        self.fill(waiting, range(10))
        os.truncate(waiting._file.path, 5)
        mend = self.break_disk()
        self.fill(waiting, range(10, 20))
        mend()
        self.fill(waiting, range(20, 30))
        waiting.tidy()
        self.assertTrue(waiting.is_on_disk)
        self.assertEqual(list(range(10, 30)), self.on_disk())

    def test_a_file_that_cannot_be_read_now_is_read_later(self):
        waiting = self.make_journal()
        self.fill(waiting, range(3))
        with fixtures.MockPatchObject(
                os, 'pread', side_effect=OSError(errno.ENOMEM, 'later')):
            self.assertRaises(OSError, waiting.read, 1)
        self.assertEqual([0, 1, 2], self.drain(waiting))


class TestLine(base.TestCase):

    def test_what_is_no_report_is_unreadable(self):
        nest = '[' * 100_000
        for body in ('[]', '1', 'null', '"x"', '{}', '{"id": 1}', '{', nest,
                     '{"a":' * 100_000):
            self.assertIsNone(
                journal_line.decode(journal_line.encode(body)[:-1]), body[:9])
        for raw in (b'', b'x', b'\0' * 100, b'00000000 {"id": "1"}'):
            self.assertIsNone(journal_line.decode(raw))

    def test_a_report_is_read_as_it_was_written(self):
        self.assertEqual({'id': 'a', 'b': '\n"'}, journal_line.decode(
            journal_line.encode(json.dumps({'id': 'a', 'b': '\n"'}))[:-1]))

    def test_a_line_that_is_too_long_costs_itself(self):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        file = journal_file.File.create(path)
        self.addCleanup(file.release)
        file.append(line(1) + b'x' * 1_000_000 + b'\n' + line(2))
        position, numbers = 0, []
        while position < file.size:
            lines = journal_read.read(file, position, file.size, 100)
            numbers += [one['id'] for one in lines.reports]
            position = lines.end
        self.assertEqual(['1', '2'], numbers)
        self.assertTrue(file.has_unreadable)


class TestFile(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def test_a_new_file_that_another_process_has_locked_is_not_used(self):
        self.useFixture(fixtures.MockPatchObject(
            fcntl, 'lockf', side_effect=BlockingIOError))
        self.assertRaises(OSError, journal_file.File.create, self.directory)

    def test_a_file_system_without_locks_costs_no_descriptor(self):
        left = self.directory / 'left.journal'
        left.touch()
        before = os.listdir('/proc/self/fd')
        with fixtures.MockPatchObject(
                fcntl, 'lockf', side_effect=OSError(errno.ENOLCK, 'none')):
            for _ in range(3):
                self.assertRaises(
                    OSError, journal_file.File.create, self.directory)
                self.assertRaises(
                    OSError, journal_file.File.take_over, left)
        self.assertEqual(before, os.listdir('/proc/self/fd'))
        self.assertEqual([left], list(self.directory.iterdir()))

    def test_the_own_file_is_not_taken_over(self):
        file = journal_file.File.create(self.directory)
        self.assertIsNone(journal_file.File.take_over(file.path))
        file.release()
        other = journal_file.File.take_over(file.path)
        self.assertEqual(file.path, other.path)
        other.remove()

    def test_the_file_of_another_interpreter_is_not_taken_over(self):
        file = journal_file.File.create(self.directory)
        file.append(line(1))
        own_files.remove(file)
        limit = spool_limit.SpoolLimit(str(self.directory), 100)

        self.assertIsNone(journal_file.File.take_over(file.path))
        limit.look(0, None)

        self.assertEqual(1, limit.others)
        self.assertTrue(standin.is_locked_for_others(file.path))
        os.close(file.descriptor)
        journal_file.File.take_over(file.path).remove()

    def test_a_long_file_of_another_interpreter_keeps_its_lock(self):
        file = journal_file.File.create(self.directory)
        for number in range(100):
            file.append(line(number, name='x' * 400))
        own_files.remove(file)
        limit = spool_limit.SpoolLimit(str(self.directory), 1000)
        limit.look(0, None)
        self.assertIn(limit.others, range(100, 121))
        self.assertTrue(standin.is_locked_for_others(file.path))
        os.close(file.descriptor)

    def test_a_file_that_was_removed_meanwhile_is_not_taken_over(self):
        file = journal_file.File.create(self.directory)
        file.release()
        self.useFixture(fixtures.MockPatchObject(
            spool_directory, 'is_linked', return_value=False))
        self.assertIsNone(journal_file.File.take_over(file.path))

    def test_another_users_file_a_link_and_a_pipe_are_not_opened(self):
        target = self.directory / 'target'
        target.write_bytes(b'')
        link = self.directory / 'link.journal'
        link.symlink_to(target)
        pipe = self.directory / 'pipe.journal'
        os.mkfifo(pipe)
        for path in (link, pipe, self.directory):
            self.assertRaises(OSError, journal_file.File.take_over, path)
        with fixtures.MockPatchObject(os, 'geteuid', return_value=4711):
            self.assertRaises(OSError, journal_file.File.take_over, target)

    def test_a_copy_that_does_not_fit_fails(self):
        old = journal_file.File.create(self.directory)
        new = journal_file.File.create(self.directory)
        self.addCleanup(old.release)
        self.addCleanup(new.release)
        old.append(line(1))
        self.useFixture(fixtures.MockPatchObject(
            os, 'writev', return_value=3))
        self.assertRaises(OSError, journal_read.copy, old, 0, old.size, new)
