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

"""Clusters as sites run them, while a node fails.

Each case prints its figures; to see them::

    .tox/faults/bin/python -m testtools.run tests.faults.test_clusters
"""

import contextlib
import time

import sqlalchemy as sa

from cinder_messages.rpc import contract
from tests.faults import clusters
from tests.faults import galera
from tests.faults import network
from tests.faults import test_processes
from tests.services import fixtures
from tests.services import servers

# Seconds within which reports must be stored again; most take a few.
LIMIT = 120


class ClusterCase(test_processes.FaultCase):
    """Measures how long nothing is stored after a fault."""

    def wait_until_stored(self, url, name):
        """Return when a report of after the fault is stored.

        Prints the seconds, with those that its process takes to start.

        :param url: of a database server that works
        :param name: of the fault
        """
        began = time.monotonic()
        self.deployment.start_reporter(1, '--name', f'after-{name}')
        while time.monotonic() - began < LIMIT:
            if self.is_stored(url, f'after-{name}-0'):
                print(f'{self.backend}, {name}: stored again after '
                      f'{time.monotonic() - began:.1f} s')
                return
            time.sleep(0.1)
        self.fail(f'{name}: nothing is stored {LIMIT} s after the fault')

    def is_stored(self, url, resource):
        """Return False also for a server that is not ready."""
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with contextlib.suppress(sa.exc.DBAPIError):
            with engine.connect() as connection:
                return bool(connection.exec_driver_sql(
                    'SELECT count(*) FROM user_messages '
                    f"WHERE resource_uuid = '{resource}'").scalar())
        return False


class TestRabbitMQ(ClusterCase):
    backend = 'mysql'

    def test_the_leader_is_killed_and_then_another_is_isolated(self):
        cluster = self.useFixture(clusters.RabbitMQCluster())
        self.start(None, cluster.url, cluster.nodes[0].url)
        url = self.deployment.connection

        leader = cluster.leader(contract.TOPIC)
        self.report(name='killed')
        leader.kill()
        self.wait_until_stored(url, 'killed')
        self.check('the leader killed')
        leader.start()

        # NOTE: the commands of the broker take seconds.
        leader = cluster.leader(contract.TOPIC)
        self.report(name='isolated', pace=0.002)
        cluster.isolate(leader)
        self.wait_until_stored(url, 'isolated')
        cluster.heal(leader)
        self.check('the leader isolated')


class TestPostgreSQL(ClusterCase):
    backend = 'postgresql'

    def test_the_standby_is_promoted_and_the_old_primary_returns(self):
        primary = self.useFixture(servers.PostgreSQL())
        standby = self.useFixture(clusters.Standby(primary))
        primary.kill()
        # NOTE: so that no commit is lost with the primary.
        primary.options = {'synchronous_standby_names': '*'}
        primary.start()
        proxy = self.useFixture(clusters.HAProxy(primary.port, standby.port))
        self.start(
            primary.url.replace(str(primary.port), str(proxy.port)),
            fixtures.TRANSPORT_URL, fixtures.TRANSPORT_URL)

        self.report(name='promoted')
        primary.kill()
        standby.promote()
        proxy.primaries = {standby.port}
        self.wait_until_stored(standby.url, 'promoted')
        self.check('the standby promoted')

        # NOTE: the proxy uses the old primary until it learns better; the
        # writer keeps the connections of that time.
        primary.options = {'default_transaction_read_only': 'on'}
        primary.start()
        self.report(name='returned')
        proxy.primaries = {primary.port}
        self.disconnect(standby.url)
        time.sleep(3)
        proxy.primaries = {standby.port}
        self.wait_until_stored(standby.url, 'returned')
        self.check('the old primary read-only')

    def disconnect(self, url):
        """End the connections of a server."""
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(
                'SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
                "WHERE pid <> pg_backend_pid() AND backend_type = "
                "'client backend'")


class TestGalera(ClusterCase):
    backend = 'mysql'

    def test_a_node_is_killed_and_the_next_one_refuses_statements(self):
        first = self.useFixture(galera.Node(1))
        second = self.useFixture(galera.Node(1, first))
        third = self.useFixture(galera.Node(1, first, second))
        ways = self.useFixture(network.Network(first.port))
        self.start(first.url.replace(str(first.port), str(ways.port)),
                   fixtures.TRANSPORT_URL, fixtures.TRANSPORT_URL)

        self.report(name='killed')
        first.kill()
        ways.mend(second.port)
        self.wait_until_stored(second.url, 'killed')
        self.check('the node in use killed')

        self.report(name='desynced')
        self.refuse_statements(second.url)
        ways.redirect(third.port)
        self.wait_until_stored(third.url, 'desynced')
        self.check('the node in use refuses (1047)')

    def refuse_statements(self, url):
        """Let a node answer every statement with error 1047."""
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with contextlib.suppress(sa.exc.OperationalError):
            with engine.connect() as connection:
                connection.exec_driver_sql(
                    "SET GLOBAL wsrep_reject_queries = 'ALL'")
        error = self.assertRaises(
            sa.exc.OperationalError, self.count_messages, engine)
        self.assertEqual(1047, error.orig.args[0])

    def count_messages(self, engine):
        with engine.connect() as connection:
            return connection.exec_driver_sql(
                'SELECT count(*) FROM user_messages').scalar()
