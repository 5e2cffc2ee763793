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

import atexit
import gc
import os
import pathlib
import threading
import time
import weakref

import fixtures
from oslo_log import log
from oslo_utils import timeutils

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import concurrency
from cinder_messages.emit import emitter
from cinder_messages.emit import journal as emit_journal
from cinder_messages.emit import rate_limit
from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base
from tests.unit.emit import standin
from tests.unit.emit import test_journal

PATIENCE = 60


class EmitterCase(base.TestCase):
    """Emitters with a stand-in for the writer.

    :ivar writer: the stand-in
    """

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit'))
        emitter_conf.register_opts(self.conf)
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.writer = standin.Writer()
        self.configure(spool_dir=str(self.directory), exit_timeout=0,
                       transport_url='fake:///')

    def configure(self, **options):
        for name, value in options.items():
            self.conf.set_override(name, value, emitter_conf.GROUP)

    def make_emitter(self, connect=None):
        made = emitter.Emitter(self.conf, catalog.Catalog.builtin(),
                               connect or self.writer)
        self.addCleanup(made.close)
        return made

    def emit(self, emitting, count=1, **changes):
        ids = []
        for _ in range(count):
            now = timeutils.utcnow()
            message = model.Message(**{
                'id': model.make_id(now), 'project_id': 'p',
                'event_id': '000001', 'created_at': now, **changes})
            emitting.emit(message)
            ids.append(message.id)
        return ids

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, 'it never came')
            time.sleep(0.01)

    def no_threads(self):
        """Have no thread started; returns what allows them again."""
        patch = fixtures.MockPatchObject(
            concurrency._thread, 'start_new_thread',
            side_effect=RuntimeError("can't start new thread"))
        patch.setUp()
        return patch.cleanUp


class TestEmitter(EmitterCase):

    def test_reports_are_stored_once_in_order(self):
        emitting = self.make_emitter()
        ids = self.emit(emitting, 2000)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(ids, self.writer.ids)
        self.assertEqual((2000, 2000, 0, 0), (
            emitting.counters.reported, emitting.counters.stored,
            emitting.counters.dropped, emitting.counters.waiting))

    def test_the_trace_of_the_caller_waits_in_the_journal(self):
        trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        allow = self.no_threads()
        emitting = self.make_emitter()
        self.emit(emitting)
        with fixtures.MockPatchObject(
                emitter.tracing, 'current_traceparent', return_value=trace):
            self.emit(emitting)
        self.assertIn(f'"traceparent": "{trace}"'.encode(), b''.join(
            path.read_bytes() for path in self.directory.iterdir()))
        allow()
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual([None, trace], [
            report.get('traceparent') for report in self.writer.stored])

    def fail_to_keep(self, error, times):
        errors = [error] * times
        append = emit_journal.Journal.append

        def fail(journal, line):
            if errors:
                raise errors.pop()
            return append(journal, line)

        self.useFixture(fixtures.MockPatchObject(
            emit_journal.Journal, 'append', fail))

    def test_a_full_stack_loses_no_report(self):
        emitting = self.make_emitter()
        for error in (RecursionError(), MemoryError()):
            self.fail_to_keep(error, 1)
            ids = self.emit(emitting, 3)
            self.wait_for(lambda ids=ids: set(ids) <= set(self.writer.ids))
        self.wait_for(lambda: emitting.counters.stored == 6)
        self.assertEqual((6, 0), (emitting.counters.reported,
                                  emitting.counters.dropped))

    def test_a_report_that_cannot_be_kept_twice_is_dropped(self):
        emitting = self.make_emitter()
        self.fail_to_keep(ValueError('a bug'), 2)
        self.emit(emitting)
        self.wait_for(lambda: emitting.counters.dropped)
        self.emit(emitting, 2)
        self.wait_for(lambda: 'could not be reported' in self.logged.output)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual((2, 1), (emitting.counters.stored,
                                  emitting.counters.dropped))

    def test_in_memory_too(self):
        self.configure(spool_dir='')
        emitting = self.make_emitter()
        ids = self.emit(emitting, 2000)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(ids, self.writer.ids)
        self.assertFalse(self.directory.exists())

    def test_a_full_spool_is_counted_and_logged(self):
        self.configure(spool_max_messages=2)
        allow = self.no_threads()
        emitting = self.make_emitter()
        self.emit(emitting, 5)
        self.assertEqual(
            (2, 3), (emitting.counters.reported, emitting.counters.dropped))
        allow()
        self.emit(emitting)
        self.wait_for(lambda: 'The spool is full' in self.logged.output)

    def test_a_bug_does_not_reach_the_caller(self):
        emitting = self.make_emitter()
        with fixtures.MockPatchObject(emit_journal.Journal, 'append',
                                      side_effect=RuntimeError('a bug')):
            self.emit(emitting)
            self.wait_for(lambda: emitting.counters.dropped)
        self.assertEqual((0, 1), (emitting.counters.reported,
                                  emitting.counters.dropped))
        self.wait_for(lambda: 'a bug' in self.logged.output)

    def test_no_project_is_a_bug_of_the_caller(self):
        emitting = self.make_emitter()
        for project_id in (None, '', 'my project', 7):
            self.assertRaises(exception.InvalidMessage, self.emit, emitting,
                              project_id=project_id)

    def test_without_a_thread_nothing_is_lost_and_the_counters_are_true(self):
        allow = self.no_threads()
        emitting = self.make_emitter()
        ids = self.emit(emitting, 1000)
        self.assertEqual((1000, 0, 1000), (
            emitting.counters.reported, emitting.counters.dropped,
            emitting.counters.waiting))
        self.assertFalse(emitting.flush(0))
        allow()
        ids += self.emit(emitting, 1000)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(ids, self.writer.ids)

    def test_without_a_home_reports_wait_in_memory(self):
        self.configure(spool_dir='~nobody-of-this-name/spool')
        emitting = self.make_emitter()
        ids = self.emit(emitting, 2000)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(ids, self.writer.ids)

    def test_close_leaves_what_is_not_acknowledged(self):
        self.writer.answers = [OSError('away')] * 100
        emitting = self.make_emitter()
        self.emit(emitting, 3)
        emitting.close()
        self.assertIn('3 reports wait', self.logged.output)
        self.assertEqual(1, len(list(self.directory.glob('*.journal'))))

    def test_a_report_after_close_is_kept(self):
        emitting = self.make_emitter()
        emitting.close()
        self.emit(emitting)
        self.assertEqual(1, len(list(self.directory.glob('*.journal'))))

    def test_a_closed_emitter_is_forgotten(self):
        emitting = emitter.Emitter(self.conf, catalog.Catalog.builtin(),
                                   self.writer)
        found = weakref.ref(emitting)
        self.emit(emitting)
        emitting.close()
        del emitting
        self.wait_for(lambda: gc.collect() >= 0 and found() is None)

    def test_a_connection_is_made_for_the_sender(self):
        self.configure(call_timeout=7)
        made = self.make_emitter()._connect()
        self.assertEqual(7, made._timeout)

    def test_forgetting_what_never_was_is_fine(self):
        emitter.forget(self.conf)

    def test_the_oldest_report_says_since_when(self):
        self.writer.answers = [OSError('away')] * 100
        emitting = self.make_emitter()
        self.assertIsNone(emitting.waiting_since)
        self.emit(emitting, created_at=model.EPOCH)
        self.emit(emitting)
        self.assertEqual(model.EPOCH, emitting.waiting_since)

    def test_the_host_is_that_of_the_service(self):
        self.assertEqual(os.uname().nodename, self.make_emitter().host)
        self.conf.register_opt(emitter.cfg.StrOpt('host', default='h@lvm'))
        self.assertEqual('h@lvm', self.make_emitter().host)
        self.conf.set_override('host', 'not an id')
        self.assertIsNone(self.make_emitter().host)

    def test_many_threads_report(self):
        emitting = self.make_emitter()
        ids = []
        threads = [threading.Thread(
            target=lambda: ids.extend(self.emit(emitting, 500)))
            for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(2000, emitting.counters.stored)
        self.assertEqual(set(ids), set(self.writer.ids))
        self.assertEqual(2000, len(self.writer.ids))


class TestOrphans(EmitterCase):

    def leave(self, numbers):
        """Reports of a process that has ended."""
        dead = emit_journal.Journal(str(self.directory), 10_000)
        for number in numbers:
            dead.append(test_journal.line(number))
        dead.close()

    def test_a_process_that_reports_nothing_sends_them(self):
        self.leave(range(2000))
        self.make_emitter()
        self.wait_for(lambda: len(self.writer.ids) == 2000)
        self.assertEqual(list(map(str, range(2000))), self.writer.ids)
        self.wait_for(lambda: not list(self.directory.iterdir()))

    def test_many_small_ones_are_sent_in_few_calls(self):
        for number in range(2000):
            self.leave([number])
        emitting = self.make_emitter()
        self.wait_for(lambda: len(self.writer.ids) == 2000)
        self.assertEqual(list(map(str, range(2000))), self.writer.ids)
        self.assertLess(len(self.writer.calls), 60)
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual([], list(self.directory.iterdir()))


class TestRefused(EmitterCase):

    def test_an_unknown_event_is_offered_again_after_an_upgrade(self):
        self.writer.unknown = {'000002'}
        emitting = self.make_emitter()
        known = self.emit(emitting, 1000)
        unknown = self.emit(emitting, 1000, event_id='000002')
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual((known, 1000), (
            self.writer.ids, emitting.counters.rejected))

        self.writer.unknown = set()
        [path] = self.directory.glob('*.quarantine')
        hour_ago = time.time() - 3600
        os.utime(path, (hour_ago, hour_ago))

        self.wait_for(lambda: len(self.writer.ids) == 2000)
        self.assertEqual(unknown, self.writer.ids[1000:])
        self.assertEqual([], list(self.directory.glob('*.quarantine')))


class TestRate(EmitterCase):

    def test_more_than_the_rate_is_one_summary(self):
        self.configure(project_rate=60)
        emitting = self.make_emitter()
        ids = self.emit(emitting, 2000)
        self.emit(emitting, 5, project_id='quiet')
        self.assertTrue(emitting.flush(PATIENCE))
        self.assertEqual(ids[:60], self.writer.ids[:60])
        self.assertEqual(65, len(self.writer.ids))
        self.assertEqual(1940, emitting.counters.suppressed)
        emitting._pipeline._rate_limit._clock = (
            lambda: time.monotonic() + rate_limit.WINDOW)
        self.wait_for(lambda: len(self.writer.ids) == 66)
        summary = self.writer.stored[-1]
        self.assertEqual(('000006', 'p', '1940', 'WARNING', emitting.host), (
            summary['event_id'], summary['project_id'], summary['count'],
            summary['message_level'], summary['host']))

    def test_the_end_of_the_process_sends_the_summary(self):
        self.configure(project_rate=1, exit_timeout=PATIENCE)
        emitting = self.make_emitter()
        self.emit(emitting, 2000)
        emitting.close()
        self.assertEqual([None, '1999'], [
            report.get('count') for report in self.writer.stored])


class TestFork(EmitterCase):

    def test_a_child_that_python_does_not_know_of_starts_afresh(self):
        self.writer.answers = [OSError('away')] * 10_000
        emitting = self.make_emitter()
        self.emit(emitting, 2)
        parent = emitting._pipeline
        child = os.getpid() + 1
        with fixtures.MockPatchObject(os, 'getpid', lambda: child):
            self.emit(emitting, 3)
            self.assertEqual(3, emitting.waiting)
            self.assertIsNot(parent, emitting._pipeline)
            emitting.close()
        self.assertEqual(1, len(list(self.directory.glob(
            f'*-{child}-*.journal'))))

    def test_a_relative_directory_stays_where_it_was(self):
        elsewhere = self.useFixture(fixtures.TempDir()).path
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.directory.parent)
        self.configure(spool_dir='spool')
        self.addCleanup(self.no_threads())
        emitting = self.make_emitter()
        self.emit(emitting, 2)
        os.chdir(elsewhere)
        emitting._pipeline.journal.tidy()
        self.emit(emitting)
        with fixtures.MockPatchObject(os, 'getpid', lambda: 4711):
            self.emit(emitting)
            emitting.close()
        self.assertEqual([], os.listdir(elsewhere))
        self.assertEqual(2, len(list(self.directory.glob('*.journal'))))

    def test_a_child_has_the_options_of_its_parent(self):
        self.addCleanup(self.no_threads())
        emitting = self.make_emitter()
        self.conf.clear_override('spool_dir', emitter_conf.GROUP)
        with fixtures.MockPatchObject(os, 'getpid', lambda: 4711):
            self.emit(emitting)
            emitting.close()
        self.assertEqual(1, len(list(self.directory.glob('*-4711-*'))))

    def test_two_threads_of_such_a_child_share_one_pipeline(self):
        emitting = self.make_emitter()
        found = emitting._pipeline
        with fixtures.MockPatchObject(os, 'getpid', lambda: 4711):
            first = emitting._current()
            emitting._pipeline = found
            emitting._pipelines = {**emitting._pipelines}
            self.assertIs(first, emitting._current())
            emitting.close()

    def test_a_fork_goes_on_if_an_emitter_is_never_made(self):
        self.useFixture(fixtures.MockPatchObject(
            emitter, '_FORK_PATIENCE', 0.01))
        done = threading.Event()
        locked = threading.Event()

        def hold():
            with emitter._LOCK:
                locked.set()
                done.wait(PATIENCE)

        holder = threading.Thread(target=hold)
        holder.start()
        locked.wait(PATIENCE)
        emitter._before_fork()
        emitter._after_fork_in_parent()
        done.set()
        holder.join()

    def test_a_child_reports_at_once(self):
        emitting = self.make_emitter()
        self.emit(emitting, 100)
        pid = os.fork()
        if not pid:
            try:
                self.emit(emitting, 3)
                os._exit(emitting.waiting)
            finally:
                os._exit(99)
        self.assertEqual(3, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        self.wait_for(lambda: len(self.writer.ids) == 103)

    def test_it_is_closed_at_exit(self):
        emitting = self.make_emitter()
        unregistered = self.useFixture(fixtures.MockPatchObject(
            atexit, 'unregister')).mock
        emitting.close()
        unregistered.assert_called_once_with(emitting.close)
