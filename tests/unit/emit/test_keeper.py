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

import collections
import pathlib
import time

import fixtures
from oslo_log import log

from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import journal
from cinder_messages.emit import keeper
from cinder_messages.emit import orphans
from cinder_messages.emit import quarantine
from cinder_messages.emit import spool_limit
from tests import base
from tests.unit.emit import test_journal


class TestKeeper(base.TestCase):
    """One round at a time, without its thread."""

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit'))
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.calls = collections.Counter()
        self.counters = emit_counters.Counters()
        self.notices = keeper.Notices()
        self.journal = journal.Journal(str(self.directory), 10_000)
        self.addCleanup(self.journal.close)
        self.orphans = orphans.Orphans(str(self.directory))
        self.addCleanup(self.orphans.close)
        self.keeper = keeper.Keeper(
            self.journal, self.orphans,
            quarantine.Quarantine(str(self.directory)),
            lambda: self.counters, self.notices,
            lambda: self.calls.update(['summarize']),
            lambda: self.calls.update(['ensure_sender']))
        self.addCleanup(self.keeper.discard)

    def leave(self, numbers):
        """Leave the journal of a process that has ended."""
        dead = journal.Journal(str(self.directory), 10_000)
        for number in numbers:
            dead.append(test_journal.line(number))
        dead.close()

    def pass_time(self, seconds):
        """Stop the clock that many seconds later."""
        now = time.monotonic()
        self.useFixture(fixtures.MockPatchObject(
            keeper.time, 'monotonic', lambda: now + seconds))

    def test_a_log_handler_that_raises_does_not_end_it(self):
        self.notices.texts.append(('%s', ('text',)))
        self.calls.update = lambda names: 1 / 0
        with fixtures.MockPatchObject(
                keeper.LOG, 'handle', side_effect=RuntimeError
                ) as handle:
            self.keeper.look_after()
        self.assertEqual(3, handle.mock.call_count)

    def test_a_round_syncs_what_waits_and_starts_what_is_due(self):
        synced = []
        self.useFixture(fixtures.MockPatchObject(
            journal.os, 'fsync', synced.append))
        self.journal.append(test_journal.line(1))
        self.keeper.look_after()
        self.keeper.look_after()
        # NOTE: the file and the name of it, once.
        self.assertEqual(2, len(synced))
        self.assertEqual(
            {'summarize': 2, 'ensure_sender': 2}, dict(self.calls))

    def test_the_other_parts_run_when_one_fails(self):
        def fail(*args):
            raise self.error

        self.leave(range(5))
        self.useFixture(fixtures.MockPatchObject(
            self.keeper._journal, 'tidy', fail))
        for error in (OSError('no disk'), ValueError('a bug')):
            self.error = error
            self.keeper.look_after()
        self.assertEqual(5, self.orphans.waiting)
        self.assertEqual(2, self.calls['ensure_sender'])
        self.assertIn('no disk', self.logged.output)

    def test_a_bug_of_a_part_is_logged_with_its_place(self):
        def fail(*args):
            raise ValueError('a bug')

        self.useFixture(fixtures.MockPatchObject(
            self.keeper._journal, 'tidy', fail))
        self.keeper.look_after()
        self.keeper.look_after()
        self.assertEqual(1, self.logged.output.count('ValueError: a bug'))

    def test_after_a_fork_it_looks_for_orphans_each_second(self):
        self.pass_time(0)
        self.keeper.look_after()
        self.leave(range(5))
        self.pass_time(keeper.SCAN_SOON + 0.1)
        self.keeper.look_after()
        self.assertEqual(0, self.orphans.waiting)
        self.pass_time(keeper.SCAN_LATER + 0.1)
        self.keeper.expect_orphans()
        self.keeper.look_after()
        self.assertEqual(5, self.orphans.waiting)
        self.leave(range(5, 10))
        self.pass_time(keeper.SCAN_LATER + keeper.SCAN_SOON + 0.2)
        self.keeper.look_after()
        self.assertEqual(10, self.orphans.waiting)

    def test_a_wake_up_makes_it_look_for_orphans_at_once(self):
        self.keeper.look_after()
        self.leave(range(5))
        waits = []

        def wait(timeout):
            waits.append(timeout)
            if len(waits) == 2:
                self.keeper.stop()
            return True

        self.useFixture(fixtures.MockPatchObject(
            self.keeper.wakeup, 'wait', wait))
        self.keeper.run()
        self.assertEqual([keeper.INTERVAL] * 2, waits)
        self.assertEqual(5, self.orphans.waiting)
        self.assertTrue(self.keeper.is_ended)

    def test_it_knows_what_others_hold(self):
        other = journal.Journal(str(self.directory), 10_000)
        self.addCleanup(other.close)
        for number in range(100):
            other.append(test_journal.line(number))
        self.assertEqual(0, self.journal.limit.others)
        self.keeper.look_after()
        self.assertEqual(100, self.journal.limit.others)

    def test_warnings_of_callers_are_logged_at_most_once_a_minute(self):
        for number in range(5):
            self.notices.texts.append(('%d is odd', (number,)))
            self.notices.bugs.append(ValueError(f'bug {number}'))
        self.keeper.look_after()
        lines = self.logged.output.splitlines()
        self.assertEqual(1, sum('is odd' in line for line in lines))
        self.assertEqual(1, sum('could not be reported' in line
                                for line in lines))
        self.assertFalse(self.notices.texts or self.notices.bugs)

    def test_a_full_spool_is_logged_with_its_numbers(self):
        self.journal.limit = spool_limit.SpoolLimit(str(self.directory), 3)
        for number in range(5):
            self.journal.append(test_journal.line(number))
        self.keeper.look_after()
        self.keeper.look_after()
        self.assertEqual(1, self.logged.output.count('The spool is full'))
        self.assertIn('3 reports wait', self.logged.output)
        self.assertIn('2 so far', self.logged.output)

    def test_counters_are_logged_when_they_have_changed(self):
        self.keeper.look_after()
        self.assertNotIn('Reports so far', self.logged.output)
        self.counters.reported = 1
        self.keeper.look_after()
        self.keeper.look_after()
        self.assertEqual(1, self.logged.output.count('reported 1'))
