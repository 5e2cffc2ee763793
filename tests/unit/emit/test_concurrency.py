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

import _thread
import errno
import os
import signal
import threading

import fixtures

from cinder_messages.emit import concurrency
from tests import base

PATIENCE = 60


class TestThreads(base.TestCase):

    def test_a_thread_has_its_name(self):
        names = []
        done = threading.Event()

        def run():
            names.append(threading.current_thread().name)
            done.set()

        self.assertTrue(concurrency.start_thread(run, 'a name'))
        self.assertTrue(done.wait(PATIENCE))
        self.assertEqual(['a name'], names)

    def test_a_thread_leaves_signals_to_the_host(self):
        masks = []
        done = threading.Event()

        def run():
            masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
            done.set()

        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self.assertTrue(concurrency.start_thread(run, 'a name'))
        self.assertTrue(done.wait(PATIENCE))
        self.assertLessEqual({signal.SIGTERM, signal.SIGHUP}, masks[0])
        self.assertNotIn(signal.SIGSEGV, masks[0])
        self.assertEqual(before, signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    def test_a_green_thread_of_the_host_keeps_its_signals(self):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        with fixtures.MockPatchObject(
                _thread, 'start_new_thread', lambda run, args: run(*args)):
            self.assertTrue(concurrency.start_thread(lambda: None, 'a name'))
        self.assertEqual(before, signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    def test_that_none_can_be_started_is_an_answer(self):
        for error in (RuntimeError, MemoryError, OSError):
            def fail(run, args, error=error):
                raise error

            with fixtures.MockPatchObject(_thread, 'start_new_thread', fail):
                self.assertFalse(concurrency.start_thread(print, 'a name'))

    def test_the_lock_is_reentrant_and_excludes_other_threads(self):
        lock = concurrency.make_lock()
        acquired = []
        with lock, lock:
            other = threading.Thread(
                target=lambda: acquired.append(lock.acquire(blocking=False)))
            other.start()
            other.join()
        self.assertEqual([False], acquired)

    def test_a_blocking_call_is_made_in_place_and_raises(self):
        called = []
        concurrency.run_blocking(called.append, 7)
        self.assertEqual([7], called)
        self.assertRaises(OSError, concurrency.run_blocking, os.close, -1)


class TestWakeup(base.TestCase):

    def make(self):
        wakeup = concurrency.Wakeup()
        self.addCleanup(wakeup.close)
        return wakeup

    def without_descriptors(self):
        def fail(*args):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        return fixtures.MockPatchObject(os, 'eventfd', fail)

    def test_a_wake_up_before_the_wait_is_kept_once(self):
        wakeup = self.make()
        for _ in range(2000):
            wakeup.set()
        self.assertTrue(wakeup.wait(PATIENCE))
        self.assertFalse(wakeup.wait(0))

    def test_another_thread_wakes_it(self):
        wakeup = self.make()
        results = []
        waiting = threading.Thread(
            target=lambda: results.append(wakeup.wait(PATIENCE)))
        waiting.start()
        wakeup.set()
        waiting.join()
        self.assertEqual([True], results)

    def test_a_signal_handler_wakes_it(self):
        wakeup = self.make()
        old = signal.signal(signal.SIGUSR1, lambda *args: wakeup.set())
        self.addCleanup(signal.signal, signal.SIGUSR1, old)
        signal.raise_signal(signal.SIGUSR1)
        self.assertTrue(wakeup.wait(PATIENCE))

    def test_a_full_counter_wakes_it_all_the_same(self):
        wakeup = self.make()
        os.eventfd_write(wakeup._descriptor.number, 2 ** 64 - 2)
        wakeup.set()
        self.assertTrue(wakeup.wait(PATIENCE))

    def test_it_works_without_poll_as_eventlet_leaves_it(self):
        wakeup = self.make()
        with fixtures.MonkeyPatch('select.poll', fixtures.MonkeyPatch.delete):
            wakeup.set()
            self.assertTrue(wakeup.wait(PATIENCE))
            self.assertFalse(wakeup.wait(0))

    def test_out_of_descriptors_it_waits_for_a_moment(self):
        with self.without_descriptors():
            wakeup = self.make()
            wakeup.set()
            slept = []
            with fixtures.MockPatchObject(
                    concurrency.time, 'sleep', slept.append):
                self.assertFalse(wakeup.wait(PATIENCE))
            self.assertEqual([concurrency._POLL], slept)
            self.assertFalse(wakeup.is_open)
        # NOTE: as soon as there are descriptors, it works.
        self.assertFalse(wakeup.wait(0))
        wakeup.set()
        self.assertTrue(wakeup.wait(PATIENCE))

    def test_a_wait_that_the_kernel_refuses_is_short(self):
        wakeup = self.make()

        def fail(number, timeout):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

        slept = []
        with fixtures.MockPatchObject(
                concurrency, '_wait_readable', fail), \
                fixtures.MockPatchObject(
                    concurrency.time, 'sleep', slept.append):
            self.assertFalse(wakeup.wait(PATIENCE))
        self.assertEqual([concurrency._POLL], slept)
        wakeup.set()
        self.assertTrue(wakeup.wait(PATIENCE))

    def test_after_close_a_wake_up_does_nothing(self):
        wakeup = self.make()
        wakeup.close()
        written = []
        with fixtures.MockPatchObject(
                os, 'eventfd_write', lambda *args: written.append(args)):
            wakeup.set()
        wakeup.close()
        self.assertEqual([], written)

    def test_it_writes_to_no_other_file_when_it_is_closed_meanwhile(self):
        wakeup = self.make()
        path = self.useFixture(fixtures.TempDir()).join('journal')
        write = os.eventfd_write
        opened = []

        def closing(number, value):
            wakeup.close()
            # NOTE: a file gets the lowest number that is free.
            opened.append(os.open(path, os.O_RDWR | os.O_CREAT))
            write(number, value)

        with fixtures.MockPatchObject(os, 'eventfd_write', closing):
            wakeup.set()
        self.addCleanup(os.close, opened[0])
        self.assertEqual(0, os.path.getsize(path))

    def test_it_leaves_a_file_alone_that_has_got_its_number(self):
        path = self.useFixture(fixtures.TempDir()).join('file')
        wakeup = self.make()
        number = wakeup._descriptor.number
        for use in (wakeup.set, lambda: wakeup.wait(0), wakeup.close):
            with open(path, 'wb+', buffering=0) as file:
                file.write(b'12345678')
                os.dup2(file.fileno(), number)
            os.lseek(number, 0, os.SEEK_SET)
            use()
            self.assertEqual(b'12345678', os.read(number, 9))
            os.close(number)
            wakeup = self.make()
            number = wakeup._descriptor.number

    def test_it_wakes_although_its_descriptor_was_closed(self):
        wakeup = self.make()
        os.close(wakeup._descriptor.number)
        wakeup.set()
        self.assertTrue(wakeup.wait(PATIENCE))

    def test_its_descriptor_is_closed_but_not_in_a_child(self):
        closed = []
        wakeup = self.make()
        number = wakeup._descriptor.number
        wakeup._descriptor._close = closed.append
        self.addCleanup(os.close, number)
        descriptor = wakeup._descriptor
        wakeup.close()
        self.assertEqual([], closed, 'it is in use')
        descriptor._getpid = lambda: 4711
        del descriptor
        self.assertEqual([], closed)

        wakeup = self.make()
        number = wakeup._descriptor.number
        wakeup._descriptor._close = closed.append
        self.addCleanup(os.close, number)
        wakeup.close()
        self.assertEqual([number], closed)
