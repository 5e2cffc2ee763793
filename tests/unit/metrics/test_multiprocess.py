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

"""Metrics that several processes share."""

import os
import pathlib
import subprocess
import sys

import fixtures
import prometheus_client

from cinder_messages import exception
from cinder_messages.metrics import multiprocess
from tests import base

# Counts in a process of its own and in a child of it.
COUNT = """
import os, sys
from cinder_messages.metrics import multiprocess
from cinder_messages.metrics import writer
import prometheus_client
registry = multiprocess.setup(sys.argv[1], 'writer')
metrics = writer.WriterMetrics()
child = os.fork()
metrics.messages_reaped(1)
if not child:
    metrics.messages_reaped(10)
    os._exit(0)
os.waitpid(child, 0)
print(prometheus_client.generate_latest(registry).decode())
"""


class TestSetup(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path

    def count(self):
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', COUNT, self.directory],
            capture_output=True, text=True, check=True)
        [line] = [line for line in done.stdout.splitlines()
                  if line.startswith('cinder_messages_writer_reaped_total')]
        return float(line.split()[1])

    def test_registry_sums_all_processes(self):
        self.assertEqual(12, self.count())

    def test_new_process_continues_the_file_of_a_dead_one(self):
        self.count()
        files = sorted(os.listdir(f'{self.directory}/writer'))

        self.assertEqual(24, self.count())

        self.assertEqual(files, sorted(os.listdir(f'{self.directory}/writer')))
        self.assertIn('counter_1.db', files)
        self.assertNotIn('counter_2.db', files)

    def test_unusable_directory_is_a_configuration_error(self):
        path = pathlib.Path(self.directory) / 'file'
        path.write_text('')
        error = self.assertRaises(exception.InvalidConfiguration,
                                  multiprocess.setup, str(path), 'api')
        self.assertIn('[metrics] directory', str(error))


class TestWorkerSlots(base.TestCase):

    def test_process_takes_the_lowest_free_slot(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        slots = [multiprocess.WorkerSlots(directory) for _ in range(3)]

        self.assertEqual([0, 1, 2], [slot() for slot in slots])
        self.assertEqual([0, 1, 2], [slot() for slot in slots])

        os.close(slots[1]._lock)
        self.assertEqual(1, multiprocess.WorkerSlots(directory)())


class MultiprocessFixture(fixtures.Fixture):
    """Undo the effect of :func:`multiprocess.setup` on this process."""

    def _setUp(self):
        self.useFixture(fixtures.MonkeyPatch(
            'prometheus_client.values.ValueClass',
            prometheus_client.values.ValueClass))
        self.useFixture(fixtures.EnvironmentVariable(
            'PROMETHEUS_MULTIPROC_DIR', None))
