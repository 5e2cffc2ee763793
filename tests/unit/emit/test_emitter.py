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
import uuid

import fixtures
from oslo_log import log
from oslo_utils import timeutils

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import emitter
from cinder_messages.emit import sender
from cinder_messages.emit import spool
from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base
from tests import fixtures as test_fixtures


class FakeSender:
    """Sends nothing."""

    def __init__(self, *args):
        self.is_started = self.is_stopped = False

    def start(self):
        self.is_started = True

    def stop(self):
        self.is_stopped = True


class TestEmitter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.INFO, name='cinder_messages.emit'))
        self.useFixture(fixtures.MockPatchObject(
            sender, 'Sender', FakeSender))
        emitter_conf.register_opts(self.conf)
        self.directory = self.useFixture(fixtures.TempDir()).join('spool')
        for name, value in (('spool_dir', self.directory),
                            ('spool_max_messages', 2), ('exit_timeout', 0),
                            ('transport_url', 'fake:///')):
            self.conf.set_override(name, value, emitter_conf.GROUP)

    def make_emitter(self):
        made = emitter.Emitter(self.conf, catalog.Catalog.builtin())
        self.addCleanup(made.close)
        return made

    def emit(self, emitting, **changes):
        emitting.emit(model.Message(**{
            'id': 'x', 'project_id': 'p', 'event_id': '000001',
            'created_at': model.EPOCH, **changes}))

    def test_a_report_waits_and_a_sender_is_started(self):
        emitting = self.make_emitter()
        self.assertIsNone(emitting._sender)
        self.emit(emitting)
        self.assertTrue(emitting._sender.is_started)
        self.assertEqual(
            (1, 1), (emitting.counters.reported, emitting.counters.waiting))

    def test_what_was_left_starts_a_sender(self):
        left = spool.Spool(self.directory, 10)
        left.put({'id': 'a'})
        left.close()
        self.assertTrue(self.make_emitter()._sender.is_started)

    def test_two_threads_start_one_sender(self):
        emitting = self.make_emitter()
        first = FakeSender()

        class Starting:
            """Another thread was faster."""

            def __enter__(self):
                emitting._sender = first

            def __exit__(self, *exc_info):
                pass

        emitting._starting = Starting()
        self.emit(emitting)
        self.assertIs(first, emitting._sender)

    def test_a_full_spool_is_counted_and_logged(self):
        emitting = self.make_emitter()
        for _ in range(5):
            self.emit(emitting)
        self.assertEqual(
            (2, 3), (emitting.counters.reported, emitting.counters.dropped))
        self.assertEqual(1, self.logged.output.count('The spool is full'))

    def test_a_bug_does_not_reach_the_caller(self):
        emitting = self.make_emitter()
        self.useFixture(fixtures.MockPatchObject(
            spool.Spool, 'put', side_effect=RuntimeError('a bug')))
        self.emit(emitting)
        self.assertEqual(1, emitting.counters.dropped)
        self.assertIn('a bug', self.logged.output)

    def test_no_project_is_a_bug_of_the_caller(self):
        emitting = self.make_emitter()
        for project_id in (None, '', 'my project', 7):
            self.assertRaises(exception.InvalidMessage, self.emit, emitting,
                              project_id=project_id)

    def test_a_child_begins_afresh(self):
        emitting = self.make_emitter()
        self.emit(emitting)
        parent, waiting = emitting._sender, emitting._spool
        lock = self.useFixture(fixtures.MockPatchObject(
            waiting, 'let_parent_keep')).mock

        emitting._begin_in_child()

        lock.assert_called_once_with()
        self.assertEqual([waiting], emitting._inherited)
        self.assertEqual(0, emitting.counters.reported)
        self.emit(emitting)
        self.assertIsNot(parent, emitting._sender)
        waiting.close()

    def test_close_says_what_was_not_answered(self):
        emitting = self.make_emitter()
        self.emit(emitting)
        emitting.close()
        self.assertTrue(emitting._sender.is_stopped)
        self.assertIn('for 1 reports', self.logged.output)

    def test_a_connection_is_made_for_the_sender(self):
        self.conf.set_override('call_timeout', 7, emitter_conf.GROUP)
        made = self.make_emitter()._connect()
        self.assertEqual(7, made._timeout)

    def test_forgetting_what_never_was_is_fine(self):
        emitter.forget(self.conf)


class TestFork(base.TestCase):

    def setUp(self):
        super().setUp()
        # NOTE: none is to be sent.
        self.started = self.useFixture(fixtures.MockPatchObject(
            sender.Sender, 'start')).mock
        conf = self.useFixture(test_fixtures.StandaloneFixture()).conf
        conf.set_override('exit_timeout', 0, 'cinder_messages')
        self.addCleanup(conf.clear_override, 'exit_timeout',
                        'cinder_messages')
        self.spool = pathlib.Path(conf.cinder_messages.spool_dir)
        self.emitter = emitter.Emitter(conf, catalog.Catalog.builtin())
        self.addCleanup(self.emitter.close)

    def report(self):
        self.emitter.emit(model.Message(
            id=str(uuid.uuid4()), project_id='p', event_id='000001',
            created_at=timeutils.utcnow()))

    def test_a_child_that_python_does_not_know_of_starts_afresh(self):
        for _ in range(2):
            self.report()
        child = os.getpid() + 1
        self.useFixture(fixtures.MockPatchObject(
            os, 'getpid', lambda: child))
        for _ in range(3):
            self.report()
        self.assertEqual(3, self.emitter.waiting)
        self.assertEqual(2, len(list(self.spool.glob('*.spool'))))
        self.assertEqual(2, self.started.call_count)
