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

import threading

import fixtures
from oslo_log import log

from cinder_messages.emit import counters
from cinder_messages.emit import periodic_log
from cinder_messages.emit import sender
from cinder_messages.emit import spool
from tests import base


class FakeClient:
    """Answers each call with the next of ``answers``, or raises it."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.batches = []

    def create_messages(self, messages):
        self.batches.append([message['id'] for message in messages])
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def answer(stored=0, duplicates=0, rejected=()):
    return {'stored': stored, 'duplicates': duplicates, 'suppressed': 0,
            'rejected': list(rejected)}


class TestSender(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit.sender'))
        self.spool = spool.Spool('', 100)
        self.counters = counters.Counters()
        for message_id in 'abc':
            self.spool.put({'id': message_id})

    def make_sender(self, client, batch_size=2):
        return sender.Sender(
            self.spool, lambda: client, batch_size, self.counters)

    def test_sends_in_batches_and_forgets_what_was_answered(self):
        client = FakeClient(answer(stored=2), answer(stored=1))
        sending = self.make_sender(client)

        self.assertEqual(0, sending.send_batch())
        self.assertEqual(0, sending.send_batch())

        self.assertEqual([['a', 'b'], ['c']], client.batches)
        self.assertEqual(0, len(self.spool))
        self.assertEqual(3, self.counters.stored)

    def test_sends_the_same_batch_until_it_is_answered(self):
        client = FakeClient(OSError('away'), OSError('away'),
                            answer(stored=1, duplicates=1))
        sending = self.make_sender(client)

        for _ in range(3):
            sending.send_batch()

        self.assertEqual([['a', 'b']] * 3, client.batches)
        self.assertEqual(1, len(self.spool))
        self.assertEqual(1, self.counters.duplicates)

    def test_backs_off_up_to_a_bound(self):
        client = FakeClient(*[OSError('away')] * 40)
        sending = self.make_sender(client)

        delays = [sending.send_batch() for _ in range(40)]

        self.assertGreater(delays[0], 0)
        self.assertLessEqual(delays[0], sender.FIRST_DELAY)
        self.assertGreaterEqual(delays[-1], sender.LAST_DELAY / 2)
        self.assertLessEqual(max(delays), sender.LAST_DELAY)

    def test_a_refused_report_is_logged_and_forgotten(self):
        client = FakeClient(answer(stored=1, rejected=[
            {'id': 'a', 'reason': 'not permitted'}]))
        sending = self.make_sender(client)

        sending.send_batch()

        self.assertEqual(1, self.counters.rejected)
        self.assertEqual([{'id': 'c'}], self.spool.peek(5, 0).primitives)
        self.assertIn('a, it is dropped: not permitted', self.logged.output)

    def test_a_trouble_is_logged_once_and_its_end_too(self):
        client = FakeClient(*[OSError('amqp://secret')] * 5, answer(stored=2))
        sending = self.make_sender(client)

        for _ in range(6):
            sending.send_batch()

        lines = [line for line in self.logged.output.splitlines()
                 if 'Reports so far' not in line]
        self.assertEqual(2, len(lines))
        self.assertNotIn('secret', self.logged.output)

    def test_counters_are_logged_when_they_have_changed(self):
        now = self.useFixture(fixtures.MockPatchObject(
            periodic_log.time, 'monotonic', return_value=1000.0)).mock
        sending = self.make_sender(FakeClient(
            answer(stored=2), answer(stored=1)))
        sending.send_batch()
        sending.send_batch()
        self.assertEqual(1, self.logged.output.count('Reports so far'))
        self.assertIn('stored 2, duplicates 0', self.logged.output)
        self.assertIn('dropped 0, waiting 1.', self.logged.output)

        now.return_value += periodic_log.INTERVAL
        for _ in range(3):
            self.spool.close()
            sending.send_batch()
            now.return_value += periodic_log.INTERVAL
        self.assertEqual(2, self.logged.output.count('Reports so far'))
        self.assertIn('stored 3, duplicates 0', self.logged.output)

    def test_a_connection_that_cannot_be_made_is_tried_again(self):
        outcomes = [OSError('no driver'), FakeClient(answer(stored=2))]

        def connect():
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        sending = sender.Sender(self.spool, connect, 2, self.counters)

        self.assertGreater(sending.send_batch(), 0)
        self.assertEqual(0, sending.send_batch())
        self.assertEqual(2, self.counters.stored)

    def test_a_bug_does_not_end_the_thread(self):
        self.useFixture(fixtures.MockPatchObject(sender, 'LAST_DELAY', 0.01))
        attempts = threading.Semaphore(0)

        def peek(count, timeout):
            attempts.release()
            raise RuntimeError('a bug')

        self.useFixture(fixtures.MockPatchObject(self.spool, 'peek', peek))
        sending = self.make_sender(FakeClient())
        self.addCleanup(sending._thread.join)
        self.addCleanup(sending.stop)
        sending.start()
        for _ in range(3):
            self.assertTrue(attempts.acquire(timeout=10))
        self.assertIn('Sending failed', self.logged.output)
