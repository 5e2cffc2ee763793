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

import pathlib

import fixtures
from oslo_log import log

from cinder_messages.emit import counters
from cinder_messages.emit import journal
from cinder_messages.emit import journal_line
from cinder_messages.emit import orphans
from cinder_messages.emit import periodic_log
from cinder_messages.emit import quarantine
from cinder_messages.emit import sender
from cinder_messages import exception
from tests import base
from tests.unit.emit import standin
from tests.unit.emit import test_journal


def answer(stored=0, duplicates=0, rejected=(), suppressed=0):
    return {'stored': stored, 'duplicates': duplicates,
            'suppressed': suppressed, 'rejected': list(rejected)}


class TestSender(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit.sender'))
        self.directory = self.useFixture(fixtures.TempDir()).join('spool')
        self.counters = counters.Counters()
        self.journal = journal.Journal(self.directory, 10_000)
        self.addCleanup(self.journal.close)
        self.orphans = orphans.Orphans(self.directory)
        self.addCleanup(self.orphans.close)
        self.quarantine = quarantine.Quarantine(self.directory)

    def fill(self, numbers):
        for number in numbers:
            self.journal.append(test_journal.line(number))

    def make_sender(self, writer, batch_size=2, **arguments):
        made = sender.Sender(self.journal, self.orphans, writer, batch_size,
                             self.counters, self.quarantine, **arguments)
        self.addCleanup(made.discard)
        return made

    def test_sends_in_batches_and_forgets_what_was_acknowledged(self):
        self.fill(range(3))
        writer = standin.Writer()
        sending = self.make_sender(writer)

        self.assertEqual([0, 0, None],
                         [sending.send_batch() for _ in range(3)])

        self.assertEqual([['0', '1'], ['2']], writer.calls)
        self.assertEqual((0, 3), (self.journal.waiting, self.counters.stored))

    def test_sends_the_same_batch_until_it_is_acknowledged(self):
        self.fill(range(3))
        writer = standin.Writer(OSError('away'), OSError('away'),
                                answer(stored=1, duplicates=1))
        sending = self.make_sender(writer)

        for _ in range(3):
            sending.send_batch()

        self.assertEqual([['0', '1']] * 3, writer.calls)
        self.assertEqual(1, self.journal.waiting)
        self.assertEqual(1, self.counters.duplicates)

    def test_backs_off_up_to_a_bound(self):
        self.fill([1])
        sending = self.make_sender(standin.Writer(*[OSError('away')] * 40))

        delays = [sending.send_batch() for _ in range(40)]

        self.assertGreater(delays[0], 0)
        self.assertLessEqual(delays[0], sender.FIRST_DELAY)
        self.assertGreaterEqual(delays[-1], sender.LAST_DELAY / 2)
        self.assertLessEqual(max(delays), sender.LAST_DELAY)

    def test_a_connection_that_cannot_be_closed_is_left(self):
        self.fill([1])
        writer = standin.Writer()
        self.useFixture(fixtures.MockPatchObject(
            writer, 'close', side_effect=RuntimeError('a bug')))
        sending = self.make_sender(writer)
        sending.send_batch()
        sending.disconnect()
        sending.disconnect()
        self.fill([2])
        self.assertEqual(0, sending.send_batch())

    def test_a_bus_that_refuses_is_asked_with_new_options(self):
        self.fill([1])
        writer = standin.Writer(
            exception.BusUnavailable(reason='refused'), OSError('away'),
            OSError('away'))
        made = []
        sending = self.make_sender(lambda: made.append(1) or writer())
        for _ in range(4):
            sending.send_batch()
        self.assertEqual(2, len(made))
        self.assertEqual(0, self.journal.waiting)

    def test_a_refused_report_is_quarantined_and_the_rest_is_stored(self):
        self.fill(range(3))
        sending = self.make_sender(standin.Writer(answer(stored=1, rejected=[
            {'id': '0', 'code': 'INVALID_REPORT', 'reason': 'bad\nforged'}])))

        sending.send_batch()

        self.assertEqual(1, self.counters.rejected)
        self.assertEqual([{'id': '2'}], self.journal.read(5).reports)
        [entry] = self.quarantine.entries()
        self.assertEqual(('0', 'INVALID_REPORT', 'bad\nforged', {'id': '0'}),
                         (entry.id, entry.code, entry.reason, entry.report))
        self.assertIn(r'0 (INVALID_REPORT: bad\nforged)', self.logged.output)

    def test_an_unknown_event_of_an_old_writer_is_offered_again(self):
        self.fill([0, 1])
        sending = self.make_sender(standin.Writer(answer(rejected=[
            {'id': '0', 'reason': "Event '000009' is not permitted. ..."},
            {'id': '1', 'reason': 'project_id is missing'}])))
        self.assertEqual(0, sending.send_batch())
        self.assertEqual([True, False], list(map(
            quarantine.is_offered_again, self.quarantine.entries())))

    def test_a_refused_report_without_a_valid_id_is_quarantined(self):
        self.fill(['a b', 2])
        sending = self.make_sender(standin.Writer(answer(stored=1, rejected=[
            {'id': None, 'code': 'INVALID_REPORT', 'reason': 'id'}])))
        self.assertEqual(0, sending.send_batch())
        self.assertEqual(['a b'], [
            entry.id for entry in self.quarantine.entries()])

    def test_an_answer_that_does_not_add_up_is_none(self):
        self.fill(range(3))
        rejected = {'id': '0', 'code': 'X', 'reason': 'x'}
        bad = (answer(), answer(stored=2), answer(stored=4),
               answer(stored=4, duplicates=-1), answer(suppressed=2),
               answer(stored=2, rejected=[{**rejected, 'id': '9'}]),
               answer(stored=1, rejected=[rejected, rejected]),
               answer(stored=2, rejected=[{**rejected, 'id': None}]),
               answer(stored=2, rejected=[{**rejected, 'id': []}]))
        writer = standin.Writer(*bad)
        sending = self.make_sender(writer, 3)
        for _ in bad:
            self.assertGreater(sending.send_batch(), 0)
        self.assertEqual(3, self.journal.waiting)
        self.assertEqual((0, 0), (self.counters.stored,
                                  self.counters.rejected))
        self.assertIn('(the answer accounts for 0 reports of 3); 3 reports '
                      'wait and are sent again.', self.logged.output)
        self.assertEqual(1, len(self.logged.output.splitlines()))
        self.assertEqual(0, sending.send_batch())
        self.assertEqual(['0', '1', '2'], writer.ids)

    def test_an_outage_is_logged_once_and_its_end_too(self):
        self.fill(range(2))
        writer = standin.Writer(*[OSError('amqp://secret')] * 5)
        sending = self.make_sender(writer)

        for _ in range(6):
            sending.send_batch()

        self.assertEqual(2, len(self.logged.output.splitlines()))
        self.assertNotIn('secret', self.logged.output)

    def test_a_connection_that_cannot_be_made_is_tried_again(self):
        self.fill(range(2))
        outcomes = [OSError('no driver'), standin.Writer()]

        def connect():
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        sending = self.make_sender(connect)
        self.assertGreater(sending.send_batch(), 0)
        self.assertEqual(0, sending.send_batch())
        self.assertEqual(2, self.counters.stored)

    def leave(self, numbers):
        left = journal.Journal(self.directory, 10_000)
        for number in numbers:
            left.append(test_journal.line(number))
        left.close()

    def test_orphans_and_own_reports_share_a_batch(self):
        self.leave(range(100, 120))
        self.fill(range(20))
        self.orphans.adopt()
        called = []
        writer = standin.Writer()
        sending = self.make_sender(
            writer, 10, on_orphans_sent=lambda: called.append(1))

        self.assertEqual(0, sending.send_batch())
        self.assertEqual(
            [str(n) for n in (*range(100, 105), *range(5))], writer.calls[0])
        while sending.send_batch() is not None:
            pass
        self.assertEqual({*range(20), *range(100, 120)},
                         set(map(int, writer.ids)))
        self.assertEqual([1], called)

    def test_what_is_unreadable_is_not_sent(self):
        self.leave(range(3))
        [path] = pathlib.Path(self.directory).iterdir()
        path.write_bytes(b'garbage\n' * 5)
        self.orphans.adopt()
        writer = standin.Writer()
        sending = self.make_sender(writer)
        while sending.send_batch() is not None:
            pass
        self.assertEqual([], writer.calls)
        [path] = pathlib.Path(self.directory).iterdir()
        self.assertEqual('.unreadable', path.suffix)

    def test_a_journal_that_cannot_be_read_now_is_no_hurry(self):
        self.fill([1])
        sending = self.make_sender(standin.Writer())
        self.useFixture(fixtures.MockPatchObject(
            self.journal, 'read', return_value=journal_line.Lines([], 0, 0)))
        self.assertGreater(sending.send_batch(), 0)

    def test_a_bug_does_not_end_the_thread(self):
        self.useFixture(fixtures.MockPatchObject(sender, 'LAST_DELAY', 0.0))
        self.useFixture(fixtures.MockPatchObject(
            periodic_log, 'INTERVAL', 3600))
        attempts = []
        sending = self.make_sender(standin.Writer())

        def read(count):
            attempts.append(count)
            if len(attempts) == 3:
                sending.stop()
            raise RuntimeError('a bug')

        self.useFixture(fixtures.MockPatchObject(self.journal, 'read', read))
        sending.run()
        self.assertEqual(3, len(attempts))
        self.assertEqual(1, self.logged.output.count('Sending reports fail'))
        self.assertTrue(sending.is_ended)

    def test_a_log_handler_that_raises_holds_nothing_up(self):
        self.fill(range(4))
        writer = standin.Writer(OSError('away'), answer(stored=1), None)
        sending = self.make_sender(writer)
        with fixtures.MockPatchObject(
                sender.LOG, 'handle', side_effect=RuntimeError):
            while sending.send_batch() is not None:
                pass
        self.assertEqual(['0', '1', '2', '3'], writer.ids)
        self.assertEqual(0, self.journal.waiting)

    def test_it_waits_before_the_first_connection(self):
        sending = self.make_sender(standin.Writer(), grace=3600)
        self.fill([1])
        waited = []

        def wait(timeout):
            waited.append(timeout)
            sending.stop()

        self.useFixture(fixtures.MockPatchObject(
            sending.wakeup, 'wait', wait))
        sending.run()
        self.assertGreater(waited[0], 3000)
        self.assertFalse(sending.is_connected)

    def test_in_a_child_it_leaves_the_connection_alone(self):
        self.fill([1])
        writer = standin.Writer()
        sending = self.make_sender(writer)
        sending.send_batch()
        sending.abandon()
        sending.run()
        self.assertEqual(0, writer.closed)
