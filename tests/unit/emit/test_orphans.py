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
import json
import os
import pathlib
import sqlite3
import threading

import fixtures
from oslo_log import log

from cinder_messages.emit import journal
from cinder_messages.emit import journal_file
from cinder_messages.emit import journal_line
from cinder_messages.emit import journal_read
from cinder_messages.emit import legacy_spool
from cinder_messages.emit import orphans
from cinder_messages.emit import spool_directory
from tests import base
from tests.unit.emit import test_journal


class OrphansCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit'))
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.orphans = self.make_orphans()

    def make_orphans(self):
        made = orphans.Orphans(str(self.directory))
        self.addCleanup(made.close)
        return made

    def leave(self, numbers):
        dead = journal.Journal(str(self.directory), 100_000)
        for number in numbers:
            dead.append(test_journal.line(number))
        dead.close()

    def drain(self, batch_size=300, taker=None):
        """All reports that can be taken over, in the order they are sent."""
        taker = taker or self.orphans
        numbers = []
        while taker.adopt() or taker.waiting:
            parts = taker.read(batch_size)
            self.assertLessEqual(
                sum(part.lines.count for part in parts), batch_size)
            numbers += [int(report['id']) for part in parts
                        for report in part.lines.reports]
            taker.acknowledge(parts)
        return numbers

    def files(self):
        return sorted(path.suffix for path in self.directory.iterdir())


class TestOrphans(OrphansCase):

    def test_the_oldest_goes_first_and_each_is_removed(self):
        for start in range(0, 2000, 100):
            self.leave(range(start, start + 100))
        self.assertEqual(list(range(2000)), self.drain())
        self.assertEqual([], self.files())
        self.assertIn('Took over 2000 reports of 20 processes',
                      self.logged.output)

    def test_one_process_takes_it_over(self):
        self.leave(range(10))
        other = self.make_orphans()
        self.assertEqual((1, 0), (self.orphans.adopt(), other.adopt()))
        self.assertEqual(list(range(10)), self.drain())

    def test_what_is_released_is_taken_over_by_another(self):
        self.leave(range(10))
        self.orphans.adopt()
        self.orphans.acknowledge(self.orphans.read(3))
        self.orphans.close()
        self.assertEqual(0, self.orphans.waiting)
        self.assertEqual(list(range(10)), self.drain(
            taker=self.make_orphans()))

    def test_an_answer_after_the_end_is_for_another(self):
        self.leave(range(2000))
        self.orphans.adopt()
        parts = self.orphans.read(300)
        self.orphans.close()
        self.orphans.acknowledge(parts)
        self.assertEqual(list(range(2000)),
                         self.drain(taker=self.make_orphans()))

    def test_a_file_that_is_taken_over_at_the_end_is_released(self):
        self.leave(range(2000))
        count_lines = journal_read.count_lines

        def ending(file):
            self.orphans.close()
            return count_lines(file)

        with fixtures.MockPatchObject(journal_read, 'count_lines', ending):
            self.assertEqual(0, self.orphans.adopt())
        self.assertEqual(0, self.orphans.waiting)
        self.assertEqual(list(range(2000)),
                         self.drain(taker=self.make_orphans()))

    def test_an_end_during_a_read_closes_the_file_after_it(self):
        self.leave(range(2000))
        self.orphans.adopt()
        pread = journal_file.File.pread

        def ending(*args):
            self.orphans.close()
            return pread(*args)

        with fixtures.MockPatchObject(journal_file.File, 'pread', ending):
            [part] = self.orphans.read(300)
        self.assertEqual(300, part.lines.count)
        self.assertEqual(-1, part.orphan.file.descriptor)
        self.orphans.acknowledge([part])
        self.assertNotIn('cannot be read', self.logged.output)
        self.assertEqual(list(range(2000)),
                         self.drain(taker=self.make_orphans()))

    def test_an_end_between_two_reads_is_nothing_to_log(self):
        for number in range(20):
            self.leave(range(100 * number, 100 * number + 100))
        self.orphans.adopt()
        read = journal_read.read

        def ending(*args):
            lines = read(*args)
            self.orphans.close()
            return lines

        with fixtures.MockPatchObject(journal_read, 'read', ending):
            self.assertEqual(1, len(self.orphans.read(300)))
        self.assertNotIn('cannot be read', self.logged.output)
        self.assertEqual(list(range(2000)),
                         self.drain(taker=self.make_orphans()))

    def test_two_of_one_process_do_not_take_over_the_same_file(self):
        self.leave(range(2000))
        other = self.make_orphans()
        lock = spool_directory.lock
        threads = []

        def locking(descriptor):
            threads.append(threading.Thread(target=other.adopt))
            threads[-1].start()
            # NOTE: it would be done by then.
            threads[-1].join(0.2)
            return lock(descriptor)

        with fixtures.MockPatchObject(spool_directory, 'lock', locking):
            self.orphans.adopt()
        for thread in threads:
            thread.join()
        self.assertEqual([0, 2000], sorted(
            [self.orphans.waiting, other.waiting]))

    def test_the_living_keep_theirs(self):
        living = journal.Journal(str(self.directory), 10)
        self.addCleanup(living.close)
        living.append(test_journal.line(1))
        self.assertEqual(0, self.orphans.adopt())

    def test_many_small_files_take_few_descriptors(self):
        for number in range(250):
            self.leave([number])
        self.assertEqual(orphans.MAX_FILES, self.orphans.adopt())
        self.assertEqual(0, self.orphans.adopt())
        self.assertEqual(list(range(250)), self.drain())

    def test_an_empty_file_is_removed(self):
        file = journal_file.File.create(self.make_directory())
        file.release()
        self.assertEqual(0, self.orphans.adopt())
        self.assertEqual([], self.files())

    def make_directory(self):
        self.directory.mkdir(mode=0o700)
        return self.directory

    def test_bad_rows_and_foreign_files_stop_nothing(self):
        nest = '{"id":' * 50_000
        self.leave(range(1000))
        [first] = self.directory.glob('*.journal')
        with open(first, 'ab') as file:
            for body in ('[]', '1', nest, '{}', 'null'):
                file.write(journal_line.encode(body))
            file.write(b'garbage\n\0\0\0\n' + test_journal.line(1000))
            file.write(b'x' * 600_000 + b'\n' + test_journal.line(1001))
            file.write(test_journal.line(5)[:-7])
        (self.directory / '0-foreign.journal').write_bytes(os.urandom(5000))
        (self.directory / '0-text').write_text('another file')
        (self.directory / '0-link.journal').symlink_to('/etc/passwd')
        os.mkfifo(self.directory / '0-pipe.journal')
        self.leave(range(1002, 2002))

        self.assertEqual(list(range(2002)), self.drain())

        self.assertEqual(['', '.journal', '.journal', '.unreadable',
                          '.unreadable'], self.files())
        self.assertIn('is not taken over', self.logged.output)

    def test_a_full_disk_does_not_matter(self):
        self.leave(range(2000))
        self.useFixture(fixtures.MockPatchObject(
            os, 'writev', side_effect=OSError(errno.ENOSPC, 'full')))
        self.assertEqual(list(range(2000)), self.drain())
        self.assertEqual([], self.files())

    def test_a_file_that_cannot_be_read_now_waits(self):
        self.leave(range(10))
        self.orphans.adopt()
        with fixtures.MockPatchObject(
                os, 'pread', side_effect=OSError(errno.ENOMEM, 'later')):
            self.assertEqual([], self.orphans.read(5))
        self.assertEqual(list(range(10)), self.drain())

    def test_a_file_that_cannot_be_counted_now_is_released(self):
        self.leave(range(10))
        with fixtures.MockPatchObject(
                os, 'pread', side_effect=OSError(errno.ENOMEM, 'later')):
            self.assertEqual(0, self.orphans.adopt())
        self.assertEqual(list(range(10)), self.drain())

    def test_a_file_that_is_gone_is_nothing_to_say(self):
        self.leave([1])
        self.useFixture(fixtures.MockPatchObject(
            journal_file.File, 'take_over', side_effect=FileNotFoundError))
        self.assertEqual(0, self.orphans.adopt())
        self.assertEqual('', self.logged.output)

    def test_a_directory_of_others_is_not_used(self):
        self.leave([1])
        self.directory.chmod(0o777)
        self.assertEqual(0, self.orphans.adopt())
        self.assertIn('cannot be used', self.logged.output)
        self.assertEqual(0, orphans.Orphans('').adopt())

    def test_a_long_file_follows_what_waits(self):
        text = 'x' * 400
        dead = journal.Journal(str(self.directory), 100_000)
        for number in range(8000):
            dead.append(test_journal.line(number, text=text))
        dead.close()
        self.orphans.adopt()
        numbers = []
        while self.orphans.waiting:
            parts = self.orphans.read(500)
            numbers += [int(report['id'])
                        for report in parts[0].lines.reports]
            self.orphans.acknowledge(parts)
            size = sum(path.stat().st_size
                       for path in self.directory.iterdir())
            self.assertLess(
                size, 2 * self.orphans.waiting * 470 + (1 << 20) + 500_000)
        self.assertEqual(list(range(8000)), numbers)
        self.assertEqual([], self.files())

    def test_a_file_that_cannot_be_shortened_is_sent_all_the_same(self):
        self.useFixture(fixtures.MockPatchObject(orphans, '_SLACK', 10))
        self.leave(range(100))
        self.orphans.adopt()
        self.useFixture(fixtures.MockPatchObject(
            os, 'writev', side_effect=OSError(errno.ENOSPC, 'full')))
        self.assertEqual(list(range(100)), self.drain(60))
        self.assertEqual([], self.files())

    def test_a_file_that_the_process_has_closed_is_taken_over_again(self):
        self.leave(range(20))
        self.orphans.adopt()
        [part] = self.orphans.read(10)
        foreign = test_journal.steal(self, part.orphan.file)

        self.orphans.acknowledge([part])
        self.assertEqual([], self.orphans.read(10))
        self.assertEqual(list(range(20)), self.drain())
        self.assertEqual(b'', foreign.read_bytes())
        self.assertEqual('', self.logged.output.partition('Took over')[0])


class TestLegacy(OrphansCase):
    """Spools that the first version has left."""

    def leave_legacy(self, numbers, name='00000000001764052800-4f0c'):
        self.directory.mkdir(mode=0o700, exist_ok=True)
        path = self.directory / f'{name}.spool'
        with sqlite3.connect(path) as database:
            database.execute('PRAGMA journal_mode=WAL')
            database.execute(
                'CREATE TABLE reports '
                '(seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)')
            database.executemany(
                'INSERT INTO reports (body) VALUES (?)',
                [(json.dumps({'id': str(number), 'burst': 'b', 'nth': '2'}),)
                 for number in numbers])
        database.close()
        path.with_suffix('.lock').touch()
        return path

    def test_its_reports_are_sent_before_newer_ones(self):
        self.leave(range(2000, 2010))
        self.leave_legacy(range(2000))
        self.orphans.adopt()
        reports = [report for part in self.orphans.read(10)
                   for report in part.lines.reports]
        self.assertEqual({'id': '0'}, reports[0])
        self.assertEqual(list(range(2010)), self.drain())
        self.assertEqual([], self.files())

    def test_a_living_process_keeps_its_spool(self):
        path = self.leave_legacy(range(3))
        with legacy_spool._locked(path):
            self.assertEqual(0, self.orphans.adopt())
        self.assertEqual(list(range(3)), self.drain())

    def test_a_row_that_is_no_report_costs_itself(self):
        path = self.leave_legacy(range(3))
        with sqlite3.connect(path) as database:
            database.execute("INSERT INTO reports (body) VALUES ('[]')")
            database.execute("INSERT INTO reports (body) VALUES ('{torn')")
        database.close()
        self.assertEqual(list(range(3)), self.drain())
        self.assertEqual(['.unreadable'], self.files())

    def test_a_damaged_one_is_kept(self):
        self.leave([5])
        self.leave_legacy([1]).write_bytes(b'this is no database ' * 100)
        self.assertEqual([5], self.drain())
        self.assertIn('.unreadable', self.files())
        self.assertIn('is damaged', self.logged.output)

    def test_on_a_full_disk_it_stays(self):
        self.leave_legacy(range(3))
        with fixtures.MockPatchObject(
                os, 'writev', side_effect=OSError(errno.ENOSPC, 'full')):
            self.assertEqual(0, self.orphans.adopt())
        self.assertIn('not taken over now', self.logged.output)
        self.assertEqual(list(range(3)), self.drain())
