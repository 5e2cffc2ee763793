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

"""What is Cinder's table of messages, and what is not."""

import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.integration import cinder_table
from tests import base
from tests import cinder
from tests import database


class CinderTableTests:
    """The tests, for each database."""

    backend: str

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        self.cinder = self.useFixture(cinder.CinderFixture(self.backend))

    def connect(self, url):
        table = cinder_table.CinderTable(url, '--connection')
        self.addCleanup(table.close)
        return table

    def refused(self, url):
        return str(self.assertRaises(exception.InvalidConfiguration,
                                     self.connect(url).check))

    def test_rows_are_counted(self):
        self.cinder.insert(*(cinder.make_row(deleted=deleted)
                             for deleted in (True, False, None)))

        table = self.connect(self.cinder.url)
        table.check()

        self.assertEqual(3, table.count())

    def test_what_is_not_cinders_is_refused(self):
        # NOTE: what Manila has under this name has neither.
        for column in ('event_id', 'resource_uuid'):
            self.cinder.execute(f'ALTER TABLE messages DROP COLUMN {column}')
        self.assertIn('its table messages has no event_id, resource_uuid',
                      self.refused(self.cinder.url))

        self.cinder.execute('DROP TABLE messages')
        self.assertIn('it has no table messages',
                      self.refused(self.cinder.url))

        self.cinder.execute('CREATE TABLE user_messages (id INTEGER)')
        self.assertIn('it is our own', self.refused(self.cinder.url))


class TestCinderTableSQLite(CinderTableTests, base.TestCase):
    backend = 'sqlite'

    def test_a_file_that_is_no_database_is_refused(self):
        path = self.cinder.url.removeprefix('sqlite:///')
        with open(path, 'w') as file:
            file.write('What I did last summer. ' * 100)

        self.assertIn('--connection', str(self.assertRaises(
            exception.DatabaseUnavailable,
            self.connect(self.cinder.url).check)))


class TestCinderTableMySQL(CinderTableTests, base.TestCase):
    backend = 'mysql'

    def test_the_rows_of_a_batch_are_found_by_their_key(self):
        self.cinder.insert(*(cinder.make_row() for _ in range(200)))
        with self.cinder.engine.connect() as connection:
            plan = connection.execute(
                sa.text('EXPLAIN SELECT * FROM messages WHERE id > :id '
                        'ORDER BY id LIMIT 10'), {'id': '8'}).one()

        self.assertEqual('PRIMARY', plan.key)
        self.assertNotIn('filesort', plan.Extra)


class TestCinderTablePostgreSQL(CinderTableTests, base.TestCase):
    backend = 'postgresql'
