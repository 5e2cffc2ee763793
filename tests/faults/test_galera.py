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

"""A Galera cluster: a node is killed, and two nodes are written to at once."""

from concurrent import futures

import sqlalchemy as sa

from cinder_messages.storage import engine
from cinder_messages.storage import store
from tests import documents
from tests.faults import galera
from tests.faults import network
from tests.faults import test_processes
from tests.functional.storage import fixtures as storage_fixtures
from tests.services import fixtures


class TestGalera(test_processes.FaultCase):
    backend = 'mysql'

    def setUp(self):
        super().setUp()
        # NOTE: with more than half of the votes it goes on alone, so that two
        # nodes are enough for a test.
        self.second = galera.Node(2)
        self.useFixture(self.second)
        self.first = self.useFixture(galera.Node(1, self.second))
        self.network = self.useFixture(network.Network(self.first.port))
        self.start(
            self.first.url.replace(str(self.first.port),
                                   str(self.network.port)),
            fixtures.TRANSPORT_URL, fixtures.TRANSPORT_URL)

    def test_the_node_in_use_is_killed(self):
        self.report()
        self.first.kill()
        self.network.mend(self.second.port)
        self.assertEqual(test_processes.COUNT, self.check('the node killed'))

    def store_on(self, node):
        self.conf.set_override('connection', node.url, 'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)
        return store.MessageStore(bind)

    def test_two_nodes_are_written_to_at_once(self):
        with open(self.deployment.config_file, 'w') as config:
            config.write(documents.block_named('galera-options').text)
        self.conf(['--config-file', self.deployment.config_file],
                  project='cinder-messages')
        stores = [self.store_on(self.first), self.store_on(self.second)]
        self.check_that_one_lists_what_the_other_stored(*stores)
        self.check_that_conflicts_are_tried_again(stores)

    def check_that_one_lists_what_the_other_stored(self, first, second):
        for _ in range(100):
            message = storage_fixtures.make_message(event_id='000001')
            first.create([message])
            self.assertEqual(message, second.get(
                message.id, message.project_id))

    def check_that_conflicts_are_tried_again(self, stores):
        batches = [[storage_fixtures.make_message() for _ in range(20)]
                   for _ in range(100)]

        def save(messages, batch):
            return messages.create(batch).stored

        with futures.ThreadPoolExecutor(8) as pool:
            stored = [done.result() for done in [
                pool.submit(save, messages, batch)
                for batch in batches for messages in stores * 2]]

        self.assertEqual(2000, sum(stored))
        found = sa.create_engine(
            self.second.url, poolclass=sa.pool.NullPool)
        with found.connect() as connection:
            conflicts = sum(int(connection.exec_driver_sql(
                f"SHOW STATUS LIKE '{name}'").one()[1]) for name in (
                    'wsrep_local_cert_failures', 'wsrep_local_bf_aborts'))
            rows = dict(connection.exec_driver_sql(
                'SELECT id, detail_id FROM user_messages '
                "WHERE event_id <> '000001'").all())
        print(f'two nodes written to at once: {conflicts} conflicts')
        self.assertEqual(2000, len(rows))
