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

"""What becomes of reports when the processes around them are killed.

Each case prints its figures; to see them::

    .tox/faults/bin/python -m testtools.run tests.faults.test_processes
"""

import json
import os
import signal
import time

import fixtures as python_fixtures
import sqlalchemy as sa

from cinder_messages.rpc import contract
from tests import base
from tests.faults import network
from tests.services import fixtures
from tests.services import servers

COUNT = 10_000

# Seconds between two reports, so that the fault falls among them; and that
# it lasts, longer than a call waits for its answer.
PACE = 0.0002
OUTAGE = 6


class FaultCase(base.TestCase):
    """Reports while something is killed, and counts what became of them."""

    backend: str

    def start(self, database_url, transport_url, management_url):
        """Start a writer."""
        self.deployment = self.useFixture(fixtures.Deployment(
            self.backend, database_url, transport_url, management_url))
        self.deployment.sync()
        self.writers = [self.deployment.start_writer()]
        self._progress = self.useFixture(
            python_fixtures.TempDir()).join('progress')

    def report(self, count=COUNT, name='volume', pace=PACE):
        """Start to report; returns when half of the reports are made."""
        self._name = name
        self.reporter = self.deployment.start_reporter(
            count, '--pace', str(pace), '--progress', self._progress,
            '--name', name)
        self.reporter.wait_for_line('^reported')

    def check(self, case, reporter=None):
        """Wait for the answers, and count what is in the table."""
        answered = (reporter or self.reporter).wait_for_line(
            '^(un)?answered (.*)', 180)
        self.assertIsNone(answered.group(1), answered.group(0))
        counters = json.loads(answered.group(2))
        with open(self._progress) as progress:
            reported = int(progress.read())
        stored = [resource for resource in self.deployment.resources()
                  if resource.startswith(f'{self._name}-')]
        # NOTE: the report under way when its process is killed is in the
        # spool before its caller can know.
        expected = [f'{self._name}-{number}' for number in range(reported)]
        lost = set(expected) - set(stored)
        doubled = len(stored) - len(set(stored))
        print(f'{self.backend}, {case}: reported {reported}, stored '
              f'{len(stored)}, sent again {counters["duplicates"]}, lost '
              f'{len(lost)}, doubled {doubled}')
        self.assertEqual((set(), 0), (lost, doubled))
        self.assertEqual(expected, stored[:reported], 'not in order')
        self.assertLessEqual(len(stored), reported + 1)
        self.assertGreaterEqual(reported, COUNT)
        self.assertEqual((0, 0), (counters['rejected'], counters['dropped']))
        return reported


class Faults:
    """The cases that have to do with the database."""

    def setUp(self):
        super().setUp()
        self.broker = self.useFixture(servers.RabbitMQ())
        self.database = self.useFixture(servers.DATABASES[self.backend]())
        self.network = self.useFixture(network.Network(self.broker.port))
        self.start(self.database.url, self.broker.url.replace(
            str(self.broker.port), str(self.network.port)), self.broker.url)

    def kill_writers(self):
        for writer in self.writers:
            writer.kill()

    def test_the_writer_is_killed(self):
        self.report()
        self.kill_writers()
        self.deployment.start_writer()
        self.assertEqual(COUNT, self.check('the writer killed'))

    def test_the_database_is_killed(self):
        self.report()
        self.database.kill()
        time.sleep(OUTAGE)
        self.database.start()
        self.assertEqual(COUNT, self.check('the database killed'))

    def test_everything_is_killed_at_once(self):
        self.report(2 * COUNT)
        self.kill_writers()
        self.database.kill()
        self.broker.kill()
        self.reporter.kill()
        self.database.start()
        self.broker.start()
        self.deployment.start_writer()
        self.check('everything killed at once', self.deployment.start_reporter(
            1, '--name', 'next'))


class TestFaultsOnMariaDB(Faults, FaultCase):
    """With the cases that are the same on each database."""

    backend = 'mysql'

    def test_all_of_several_writers_are_killed(self):
        with open(self.deployment.config_file, 'a') as config:
            config.write('[writer]\nworkers = 2\n')
        self.writers.append(self.deployment.start_writer())
        self.report()
        self.kill_writers()
        time.sleep(OUTAGE)
        # NOTE: a call that nobody waits for any more has left the queue, so
        # that however long it lasts no backlog comes of it.
        with fixtures.broker(self.broker.url) as connection:
            declared = connection.default_channel.queue_declare(
                contract.TOPIC, passive=True)
            self.assertLessEqual(declared.message_count, 1)
        self.deployment.start_writer()
        self.assertEqual(COUNT, self.check('all writers killed'))

    def test_the_writer_reloads_its_configuration(self):
        self.report()
        with open(self.deployment.config_file, 'a') as config:
            config.write('[messages]\nmessage_ttl = 999999\n'
                         '[writer]\nworkers = 2\nhost = renamed\n')
        writer = self.writers[0]
        writer.popen.send_signal(signal.SIGHUP)
        for _ in range(2):
            writer.wait_for_line('Writer renamed accepts reports')
        self.assertEqual(COUNT, self.check('the writer told to reload'))

        self.assertEqual(2, len(servers.descendants(writer.popen.pid)))
        self.deployment.run(
            'cinder-messages-manage', 'message', 'create', '--project-id',
            'reloaded', '--event-id', '000001')
        engine = sa.create_engine(
            self.deployment.connection, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            created, expires = connection.exec_driver_sql(
                'SELECT created_at, expires_at FROM user_messages '
                "WHERE project_id = 'reloaded'").one()
        self.assertAlmostEqual(
            999999, (expires - created).total_seconds(), delta=120)

    def test_the_writer_keeps_its_configuration_if_the_new_one_is_invalid(
            self):
        self.report()
        with open(self.deployment.config_file, 'a') as config:
            config.write('[messages]\nmessage_ttl = soon\n')
        writer = self.writers[0]
        writer.popen.send_signal(signal.SIGHUP)
        writer.wait_for_line('not reloaded.*message_ttl')
        writer.wait_for_line('accepts reports')
        self.assertEqual(COUNT, self.check('an invalid configuration'))

    def test_a_worker_is_killed_and_replaced(self):
        self.report()
        [worker] = servers.descendants(self.writers[0].popen.pid)
        os.kill(worker, signal.SIGKILL)
        self.writers[0].wait_for_line('accepts reports')
        self.assertEqual(COUNT, self.check('a worker killed'))

    def test_the_reporter_is_killed(self):
        self.report(2 * COUNT)
        self.reporter.kill()
        self.check('the reporter killed', self.deployment.start_reporter(
            1, '--name', 'next'))

    def test_the_broker_is_killed(self):
        self.report()
        self.broker.kill()
        time.sleep(OUTAGE)
        self.broker.start()
        self.assertEqual(COUNT, self.check('the broker killed'))

    def test_the_network_is_cut(self):
        self.report()
        self.network.cut()
        time.sleep(OUTAGE)
        self.network.mend()
        self.assertEqual(COUNT, self.check('the network cut'))


class TestFaultsOnPostgreSQL(Faults, FaultCase):
    backend = 'postgresql'
