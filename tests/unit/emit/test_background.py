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

from cinder_messages.emit import background
from cinder_messages.emit import concurrency
from tests import base

PATIENCE = 60


class Rounds(background.BackgroundThread):
    """Counts its rounds, one a wake-up."""

    name = 'rounds'

    def __init__(self):
        super().__init__()
        self.rounds = 0
        self.finished = 0
        self.seen = threading.Event()
        self.ended = threading.Event()
        self.thread_name = ''

    def work(self):
        self.thread_name = threading.current_thread().name
        while not self.is_stopped:
            self.rounds += 1
            self.seen.set()
            self.wakeup.wait(PATIENCE)

    def finish(self):
        self.finished += 1

    def run(self):
        super().run()
        self.ended.set()


class TestBackgroundThread(base.TestCase):

    def start(self):
        thread = Rounds()
        self.assertTrue(thread.start())
        self.addCleanup(thread.ended.wait, PATIENCE)
        self.addCleanup(thread.stop)
        self.assertTrue(thread.seen.wait(PATIENCE))
        return thread

    def test_a_wake_up_starts_a_round(self):
        thread = self.start()
        thread.seen.clear()
        thread.wake()
        self.assertTrue(thread.seen.wait(PATIENCE))
        self.assertEqual(2, thread.rounds)
        self.assertEqual('rounds', thread.thread_name)

    def test_stop_ends_it_and_releases_all(self):
        thread = self.start()
        thread.stop()
        self.assertTrue(thread.ended.wait(PATIENCE))
        self.assertTrue(thread.is_ended)
        self.assertEqual(1, thread.finished)
        self.assertFalse(thread.wakeup.is_open)

    def test_an_error_releases_all(self):
        thread = Rounds()
        thread.work = lambda: 1 / 0
        self.assertRaises(ZeroDivisionError, thread.run)
        self.assertTrue(thread.is_ended)
        self.assertEqual(1, thread.finished)
        self.assertFalse(thread.wakeup.is_open)

    def test_without_a_thread_it_is_discarded(self):
        thread = Rounds()
        with fixtures.MockPatchObject(concurrency, 'start_thread',
                                      lambda run, name: False):
            self.assertFalse(thread.start())
        self.assertTrue(thread.is_stopped)
        self.assertFalse(thread.wakeup.is_open)
        self.assertEqual(0, thread.rounds)

    def test_a_child_does_not_touch_the_descriptor_of_its_parent(self):
        thread = Rounds()
        self.addCleanup(thread.discard)
        thread.abandon()
        self.assertTrue(thread.is_stopped)
        self.assertTrue(thread.wakeup.is_open)
        self.assertFalse(thread.wakeup.wait(0), 'it has woken its parent')

    def test_a_pause_outlasts_a_wake_up_but_not_a_stop(self):
        thread = Rounds()
        self.addCleanup(thread.discard)
        waits = []

        def wait(timeout):
            waits.append(timeout)
            if len(waits) == 3:
                thread.stop()
            return True

        self.useFixture(fixtures.MockPatchObject(thread.wakeup, 'wait', wait))
        thread.pause(3600)
        self.assertEqual(3, len(waits))
        self.assertGreater(min(waits), 3000)
        thread.pause(3600)
        self.assertEqual(3, len(waits))
