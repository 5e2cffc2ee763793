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
"""What an emitter does when the process is not the one it was made in."""

import os
import pathlib
import uuid

import fixtures
from oslo_utils import timeutils

from cinder_messages.emit import emitter
from cinder_messages.emit import sender
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base
from tests import fixtures as test_fixtures


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
