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
import sqlite3
import stat
import threading

import fixtures
from oslo_log import log

from cinder_messages.emit import spool
from cinder_messages.emit import spool_file
from tests import base


def report(number):
    return {'id': str(number)}


class SpoolCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit'))
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))

    def make_spool(self, directory=None, max_messages=10_000):
        return spool.Spool(
            str(self.directory if directory is None else directory),
            max_messages)

    def fill(self, waiting, numbers):
        for number in numbers:
            self.assertTrue(waiting.put(report(number)))

    def drain(self, waiting, batch_size=3):
        """All reports in their order, forgotten batch by batch."""
        numbers = []
        while (batch := waiting.peek(batch_size, 0)).count:
            numbers += [int(one['id']) for one in batch.primitives]
            waiting.forget(batch)
        return numbers

    def spools(self):
        return sorted(path.name for path in self.directory.iterdir()
                      if path.name.endswith('.spool'))

    def die(self, waiting):
        """What the kernel does when the owner is killed: drop the lock."""
        for lane in waiting._lanes:
            if lane._file is not None:
                os.close(lane._file._lock)


class TestSpool(SpoolCase):

    def test_keeps_the_order(self):
        for directory in ('', self.directory):
            waiting = self.make_spool(directory)
            self.fill(waiting, range(10))

            self.assertEqual(10, len(waiting))
            self.assertEqual(list(range(10)), self.drain(waiting))
            self.assertEqual(0, len(waiting))

    def test_an_entry_stays_until_it_is_forgotten(self):
        for directory in ('', self.directory):
            waiting = self.make_spool(directory)
            self.fill(waiting, range(3))

            batch = waiting.peek(2, 0)
            self.assertEqual(batch, waiting.peek(2, 0))
            waiting.forget(batch)
            self.assertEqual([report(2)], waiting.peek(2, 0).primitives)

    def test_full_refuses_the_newest(self):
        waiting = self.make_spool(max_messages=1)

        self.assertTrue(waiting.put(report(1)))
        self.assertFalse(waiting.put(report(2)))
        self.assertEqual([1], self.drain(waiting))
        self.assertTrue(waiting.put(report(3)))

    def test_one_project_leaves_room_for_others(self):
        waiting = self.make_spool(max_messages=20)
        loud = [waiting.put({**report(number), 'project_id': 'loud'})
                for number in range(30)]
        quiet = [waiting.put({**report(number), 'project_id': 'quiet'})
                 for number in range(5)]
        self.assertEqual((18, 2), (sum(loud), sum(quiet)))

        waiting.forget(waiting.peek(10, 0))
        self.assertTrue(waiting.put({**report(0), 'project_id': 'loud'}))
        self.drain(waiting)
        self.assertEqual({}, waiting._first.waiting_of)

    def loud(self, numbers):
        return [{**report(number), 'project_id': 'loud'} for number in numbers]

    def test_nobody_waits_for_the_flood_of_another(self):
        for directory in ('', self.directory):
            waiting = self.make_spool(directory)
            for one in self.loud(range(2000)):
                waiting.put(one)
            waiting.put({**report(9999), 'project_id': 'quiet'})

            drained = self.drain(waiting, 300)

            # NOTE: it goes with the second batch.
            self.assertLess(drained.index(9999), 600)
            drained.remove(9999)
            self.assertEqual(list(range(2000)), drained)

    def test_a_project_keeps_its_order_while_its_flood_goes_down(self):
        waiting = self.make_spool()
        for one in self.loud(range(700)):
            waiting.put(one)
        # NOTE: now there is room in the first lane, but older in the second.
        waiting.forget(waiting.peek(400, 0))
        for one in self.loud(range(700, 800)):
            waiting.put(one)

        self.assertEqual(list(range(400, 800)), self.drain(waiting, 300))

    def test_a_flood_that_a_dead_process_left_is_taken_over_as_one(self):
        dead = self.make_spool()
        for one in self.loud(range(1300)):
            dead.put(one)
        self.die(dead)
        heir = self.make_spool()

        heir.adopt()
        heir.put({**report(9999), 'project_id': 'quiet'})

        drained = self.drain(heir, 300)
        self.assertLess(drained.index(9999), 600)
        drained.remove(9999)
        self.assertEqual(list(range(1300)), drained)
        heir.close()
        self.assertEqual([], list(self.directory.iterdir()))

    def test_what_is_taken_over_counts_for_its_project(self):
        left = self.make_spool()
        for number in range(18):
            left.put({**report(number), 'project_id': 'loud'})
        left.close()
        waiting = self.make_spool(max_messages=20)
        waiting.adopt()
        self.assertFalse(waiting.put({**report(0), 'project_id': 'loud'}))
        self.assertTrue(waiting.put({**report(0), 'project_id': 'quiet'}))

    def test_peek_gives_up(self):
        self.assertEqual(0, self.make_spool().peek(5, 0).count)

    def test_wait_empty(self):
        waiting = self.make_spool()
        self.assertTrue(waiting.wait_empty(0))
        self.fill(waiting, [1])
        self.assertFalse(waiting.wait_empty(0))
        self.drain(waiting)
        self.assertTrue(waiting.wait_empty(0))

    def test_many_threads_may_put(self):
        waiting = self.make_spool()
        threads = [threading.Thread(
            target=self.fill, args=(waiting, range(start, start + 100)))
            for start in range(0, 1000, 100)]
        for thread in threads:
            thread.start()
        drained = []
        while len(drained) < 1000:
            batch = waiting.peek(50, 10)
            drained += [int(one['id']) for one in batch.primitives]
            waiting.forget(batch)
        for thread in threads:
            thread.join()

        self.assertEqual(list(range(1000)), sorted(drained))

    def test_only_its_user_can_read_it(self):
        waiting = self.make_spool()
        self.fill(waiting, range(2000))

        self.assertEqual(0o700, stat.S_IMODE(self.directory.stat().st_mode))
        for path in self.directory.iterdir():
            self.assertEqual(0, stat.S_IMODE(path.stat().st_mode) & 0o077,
                             path)

    def test_close_removes_what_is_empty(self):
        waiting = self.make_spool()
        self.fill(waiting, [1])
        self.drain(waiting)

        waiting.close()

        self.assertEqual([], list(self.directory.iterdir()))

    def test_the_file_does_not_grow_with_what_passes_through(self):
        waiting = self.make_spool(max_messages=100_000)
        sizes = []
        for _ in range(6):
            self.fill(waiting, range(1500))
            while (batch := waiting.peek(500, 0)).count:
                waiting.forget(batch)
                waiting.tidy()
            sizes.append(sum(path.stat().st_size
                             for path in self.directory.iterdir()))

        self.assertLess(sizes[-1], 2 * sizes[1])


class TestTakeOver(SpoolCase):

    def test_what_a_dead_process_left_is_taken_over_once(self):
        dead = self.make_spool()
        self.fill(dead, range(1200))
        self.die(dead)
        first, second = self.make_spool(), self.make_spool()

        first.adopt()
        second.adopt()

        self.assertEqual(list(range(1200)), self.drain(first, 500))
        self.assertEqual(0, len(second))
        self.assertIn('Took over 700 reports', self.logged.output)
        first.close()
        self.assertEqual([], list(self.directory.iterdir()))

    def test_what_was_answered_is_not_taken_over(self):
        dead = self.make_spool()
        self.fill(dead, range(5))
        dead.forget(dead.peek(3, 0))
        self.die(dead)
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual([3, 4], self.drain(heir))

    def test_what_is_left_at_the_end_is_taken_over(self):
        ending = self.make_spool()
        self.fill(ending, range(5))
        ending.close()
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual(list(range(5)), self.drain(heir))

    def test_the_living_keep_theirs(self):
        living = self.make_spool()
        self.fill(living, range(5))
        other = self.make_spool()
        self.fill(other, [7])

        other.adopt()

        self.assertEqual([7], self.drain(other))
        self.assertEqual(list(range(5)), self.drain(living))

    def test_own_reports_go_first_and_the_bound_does_not_lose_any(self):
        dead = self.make_spool()
        self.fill(dead, range(10))
        self.die(dead)
        heir = self.make_spool(max_messages=2)
        self.fill(heir, [100])

        heir.adopt()

        self.assertFalse(heir.put(report(101)))
        self.assertEqual([100] + list(range(10)), self.drain(heir))

    def test_one_that_cannot_be_read_is_set_aside(self):
        self.directory.mkdir(mode=0o700)
        broken = self.directory / 'broken.spool'
        broken.write_bytes(b'this is not a database, ' * 100)
        dead = self.make_spool()
        self.fill(dead, range(3))
        self.die(dead)
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual(list(range(3)), self.drain(heir))
        self.assertTrue((self.directory / 'broken.corrupt').exists())
        self.assertFalse(broken.exists())
        self.assertIn('broken.corrupt', self.logged.output)

    def test_a_page_that_is_broken_costs_its_rows_only(self):
        dead = self.make_spool()
        self.fill(dead, range(2000))
        dead.close()
        for path in self.directory.glob('*.spool'):
            with open(path, 'r+b') as broken:
                broken.seek(path.stat().st_size // 8192 * 4096)
                broken.write(b'\xff' * 4096)
        heir = self.make_spool()

        heir.adopt()

        drained = self.drain(heir, 500)
        self.assertLess(1000, len(set(drained)))
        self.assertLess(len(drained), 2000)
        self.assertEqual(2, len(list(self.directory.glob('*.corrupt'))))

    def test_a_file_from_which_nothing_can_be_removed_is_taken_over(self):
        dead = self.make_spool()
        self.fill(dead, range(5))
        dead.close()
        self.useFixture(fixtures.MockPatchObject(
            spool_file.SpoolFile, 'remove_up_to',
            side_effect=sqlite3.DatabaseError('malformed')))
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual(5, len(heir))
        self.assertIn('Nothing can be removed', self.logged.output)

    def test_a_file_stays_while_the_disk_takes_nothing(self):
        dead = self.make_spool()
        self.fill(dead, range(5))
        dead.close()
        with fixtures.MockPatchObject(
                spool_file.SpoolFile, 'remove_up_to',
                side_effect=sqlite3.OperationalError('disk is full')):
            self.make_spool().adopt()
        self.assertIn('stays there', self.logged.output)
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual(list(range(5)), self.drain(heir))

    def test_a_file_that_cannot_be_read_now_stays(self):
        dead = self.make_spool()
        self.fill(dead, range(5))
        dead.close()
        with fixtures.MockPatchObject(
                spool_file.SpoolFile, 'read',
                side_effect=sqlite3.OperationalError('disk I/O error')):
            self.make_spool().adopt()
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual(list(range(5)), self.drain(heir))

    def test_a_file_in_which_all_was_answered_is_removed(self):
        dead = self.make_spool()
        self.fill(dead, range(5))
        dead.forget(dead.peek(5, 0))
        self.die(dead)

        self.make_spool().adopt()

        self.assertEqual([], list(self.directory.iterdir()))

    def test_a_row_that_cannot_be_read_costs_that_row_only(self):
        dead = self.make_spool()
        self.fill(dead, [1, 2])
        dead._first._file.append('{"id": "torn')
        self.fill(dead, [3])
        self.die(dead)
        heir = self.make_spool()

        heir.adopt()

        self.assertEqual([1, 2, 3], self.drain(heir, 10))


class TestTrouble(SpoolCase):

    def test_a_directory_that_cannot_be_made_leaves_the_memory(self):
        waiting = self.make_spool('/dev/null/spool')
        self.fill(waiting, range(5))

        self.assertEqual([], waiting.orphans())
        self.assertEqual(list(range(5)), self.drain(waiting))
        self.assertEqual(1, len(self.logged.output.splitlines()))

    def test_a_directory_that_others_may_write_is_not_used(self):
        self.directory.mkdir()
        self.directory.chmod(0o777)
        waiting = self.make_spool()
        self.fill(waiting, range(5))

        self.assertEqual([], list(self.directory.iterdir()))
        self.assertEqual(list(range(5)), self.drain(waiting))
        self.assertIn('only that user may write', self.logged.output)

    def test_a_disk_that_fills_up_leaves_the_memory(self):
        waiting = self.make_spool()
        self.fill(waiting, range(3))
        waiting._first._file._writing.execute('PRAGMA max_page_count=1')
        big = {'id': '3', 'request_id': 'x' * 100_000}

        self.assertTrue(waiting.put(big))
        self.fill(waiting, [4, 5])

        self.assertIn('takes no reports', self.logged.output)
        self.assertEqual(list(range(6)), self.drain(waiting))

    def test_what_was_answered_is_not_sent_again_if_it_cannot_be_removed(self):
        waiting = self.make_spool()
        self.fill(waiting, range(4))
        waiting._first._file._writing.execute('PRAGMA query_only=ON')

        self.assertEqual(list(range(4)), self.drain(waiting))
        self.assertIn('Nothing can be removed', self.logged.output)

    def test_a_file_that_breaks_does_not_stop_the_rest(self):
        waiting = self.make_spool()
        self.fill(waiting, range(4))
        waiting._first._file._reading.close()

        self.assertEqual(0, waiting.peek(5, 0).count)
        self.fill(waiting, [9])

        self.assertEqual([9], self.drain(waiting))
        self.assertIn('4 reports stay there', self.logged.output)
        waiting.adopt()
        self.assertEqual(list(range(4)), self.drain(waiting))

    def test_what_breaks_between_a_peek_and_its_answer_does_no_harm(self):
        waiting = self.make_spool()
        self.fill(waiting, range(4))
        batch = waiting.peek(2, 0)
        reading = waiting._first._file._reading
        reading.close()
        waiting.peek(2, 0)
        waiting._first._lose_file(sqlite3.Error('told twice'))
        self.fill(waiting, range(10, 14))

        waiting._first.forget(batch.parts[0])

        self.assertEqual(4, len(waiting))
        waiting.adopt()
        self.assertEqual([10, 11, 12, 13, 0, 1, 2, 3], self.drain(waiting))

    def test_what_cannot_be_tidied_is_logged(self):
        waiting = self.make_spool()
        self.fill(waiting, range(1500))
        self.useFixture(fixtures.MockPatchObject(
            spool_file.SpoolFile, 'checkpoint',
            side_effect=sqlite3.OperationalError('disk I/O error')))

        waiting.tidy()

        self.assertIn('disk I/O error', self.logged.output)

    def test_a_child_lets_go_of_the_lock(self):
        waiting = self.make_spool()
        self.fill(waiting, [1])

        waiting.let_parent_keep()

        heir = self.make_spool()
        heir.adopt()
        self.assertEqual([1], self.drain(heir))
        # NOTE: the lock of the test's own process, which is no child.
        waiting._first._file = None

    def test_a_new_file_that_somebody_has_locked_is_not_used(self):
        self.directory.mkdir(mode=0o700)
        self.useFixture(fixtures.MockPatchObject(
            spool_file, '_lock', return_value=None))
        self.assertRaises(OSError, spool_file.SpoolFile.create,
                          self.directory)

    def test_a_file_of_nobody_is_gone_when_another_was_faster(self):
        self.directory.mkdir(mode=0o700)
        gone = self.directory / 'gone.spool'

        self.assertIsNone(spool_file.SpoolFile.take_over(gone))
        self.assertEqual([], list(self.directory.iterdir()))

    def test_a_new_file_that_cannot_be_made_leaves_nothing(self):
        self.directory.mkdir(mode=0o700)
        self.useFixture(fixtures.MockPatchObject(
            sqlite3, 'connect', side_effect=sqlite3.OperationalError('full')))

        self.assertRaises(sqlite3.OperationalError,
                          spool_file.SpoolFile.create, self.directory)

        self.assertEqual([], list(self.directory.iterdir()))
