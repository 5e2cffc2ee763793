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

"""Benchmarks run, at a size that says nothing."""

import os
import pathlib
import sys
import threading

import sqlalchemy as sa

from benchmarks import common
from benchmarks import rig
from cinder_messages.message import model
from cinder_messages.storage import models
from tests import base
from tests import database
from tests import process

ROOT = pathlib.Path(__file__).parents[2]


class TestBenchmarks(base.TestCase):

    def run_benchmark(self, name, *args):
        """The lines that it prints."""
        done = process.run(
            [sys.executable, str(ROOT / 'benchmarks' / name), *args], 180,
            PYTHONPATH=os.pathsep.join([str(ROOT), *sys.path]))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout.splitlines()

    def test_ids_follow_time(self):
        columns = models.MESSAGES.c
        for backend in database.BACKENDS:
            with common.open_database(backend, 1000) as filled, \
                    filled.engine.connect() as connection:
                rows = connection.execute(sa.select(
                    columns.id, columns.created_at).order_by(
                        columns.created_at)).all()
            self.assertEqual(1000, len(rows))
            for id, created_at in rows:
                self.assertTrue(model.is_id(id, 36))
                self.assertEqual(model.make_id(created_at)[:18], id[:18])

    def test_load_raises_what_its_work_does(self):
        called = threading.Event()

        def fail():
            called.set()
            raise KeyError('work')

        with self.assertRaisesRegex(KeyError, 'work'), rig.Load(fail, 1000):
            self.assertTrue(called.wait(10))

    def test_lists(self):
        lines = self.run_benchmark(
            'lists.py', '--small', '1000', '--large', '2000', '--rounds', '1',
            '--only', 'event_id')
        for backend in ('mysql', 'postgresql'):
            found = [line for line in lines if line.startswith(backend)]
            self.assertGreater(len(found), 30)
            for line in found:
                self.assertGreater(float(line.split()[-1]), 0)

    def test_growth(self):
        lines = self.run_benchmark(
            'growth.py', '--sizes', '1000', '2000', '--rounds', '1')
        self.assertEqual(
            ['mysql', 'mysql', 'postgresql', 'postgresql'],
            [line.split()[0] for line in lines[1:]])

    def test_scale(self):
        lines = self.run_benchmark(
            'scale.py', '--backend', 'postgresql', '--count', '2000',
            '--build-pool', '128M', '--rounds', '1', '--reaped', '1',
            '--seconds', '0')
        stores = [line for line in lines if 'pages read' in line]
        self.assertEqual(9, len(stores))
        self.assertEqual(1, sum(line.split()[1] == 'reap' for line in lines))

    def test_reap(self):
        lines = self.run_benchmark('reap.py', '--count', '2000')
        self.assertEqual(
            ['mysql,', 'mysql,', 'mysql:',
             'postgresql,', 'postgresql,', 'postgresql:'],
            [line.split()[0] for line in lines])

    def test_latency(self):
        *_, line = self.run_benchmark(
            'latency.py', '--backend', 'mysql', '--rate', '100',
            '--count', '5')
        self.assertEqual('100', line.split()[0])

    def test_request(self):
        lines = self.run_benchmark(
            'request.py', '--rounds', '1', '--profile')
        for backend in ('sqlite', 'mysql', 'postgresql'):
            found = [line for line in lines if line.startswith(backend)]
            self.assertEqual(4, len(found))
        self.assertTrue(any('api/views.py _message' in line
                            for line in lines))

    def test_layers(self):
        head, *lines = self.run_benchmark('layers.py', '--rounds', '30')
        self.assertEqual('whole', head.split()[0])
        self.assertEqual(4, len(lines))
        for line in lines:
            *_, whole, _log, storage = line.split()[:-5]
            self.assertGreater(int(whole), int(storage))
