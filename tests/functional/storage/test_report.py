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

"""The most frequent failures of a period, on each database."""

import datetime

from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages.storage import report
from tests import base
from tests import database
from tests.functional.storage import fixtures

HOUR = datetime.timedelta(hours=1)


class ReportMixin:

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        made = self.useFixture(fixtures.StoreFixture(self.backend))
        self.store = made.store
        self.engine = sa.create_engine(made.url)
        self.addCleanup(self.engine.dispose)
        self.now = timeutils.utcnow()

    def fill(self):
        """Messages of the last hours: three of one event, and a summary."""
        self.store.create([
            fixtures.make_message(host='one', resource_type='VOLUME'),
            fixtures.make_message(host='one'),
            fixtures.make_message(host='two', project_id=fixtures.OTHER),
            fixtures.make_message(event_id='000001', count=7),
            fixtures.make_message(event_id='000003',
                                  created_at=self.now - 3 * HOUR)])

    def count(self, *columns, since=None, limit=10, max_rows=100):
        return report.count_by(self.engine, columns,
                               since or self.now - HOUR, limit, max_rows)

    def test_events_by_failures(self):
        self.fill()
        found = self.count('event_id')
        self.assertEqual(
            [('000001', 7, 1, 1), ('000002', 3, 3, 2)],
            [(group.values['event_id'], group.failures, group.messages,
              group.projects) for group in found.groups])
        self.assertEqual((4, True), (found.rows, found.is_complete))
        for group in found.groups:
            self.assertLess(abs(group.latest - self.now), HOUR)

    def test_several_columns(self):
        self.fill()
        found = self.count('host', 'project_id')
        self.assertEqual(
            [((None, fixtures.OWN), 7), (('one', fixtures.OWN), 2),
             (('two', fixtures.OTHER), 1)],
            [(tuple(group.values.values()), group.failures)
             for group in found.groups])

    def test_the_period_and_the_number_of_groups_are_bounded(self):
        self.fill()
        found = self.count('event_id', since=self.now - 4 * HOUR, limit=1)
        self.assertEqual([{'event_id': '000001'}],
                         [group.values for group in found.groups])
        self.assertEqual(5, found.rows)

    def test_the_rows_are_bounded(self):
        self.fill()
        found = self.count('event_id', since=self.now - 4 * HOUR, max_rows=4)
        self.assertEqual((4, False), (found.rows, found.is_complete))
        self.assertNotIn({'event_id': '000003'},
                         [group.values for group in found.groups])
        self.assertLess(abs(found.since - self.now), HOUR)

    def test_no_messages(self):
        found = self.count('event_id')
        self.assertEqual(([], 0, True),
                         (found.groups, found.rows, found.is_complete))

    def test_deleted_messages_count(self):
        message = fixtures.make_message()
        self.store.create([message])
        self.store.delete(message.id, fixtures.OWN)
        self.assertEqual(1, self.count('event_id').rows)

    def test_the_period_is_read_over_an_index(self):
        self.store.create([
            fixtures.make_message(created_at=self.now - number * HOUR)
            for number in range(2000)])
        plans = []

        def explain(connection, cursor, statement, parameters, *_):
            if 'GROUP BY' in statement and 'EXPLAIN' not in statement:
                prefix = ('EXPLAIN QUERY PLAN ' if self.backend == 'sqlite'
                          else 'EXPLAIN ')
                plans.append(str(connection.exec_driver_sql(
                    prefix + statement, parameters).all()))

        with self.engine.begin() as connection:
            if self.backend == 'postgresql':
                connection.exec_driver_sql('ANALYZE user_messages')
            elif self.backend == 'mysql':
                connection.exec_driver_sql('ANALYZE TABLE user_messages')
        sa.event.listen(self.engine, 'before_cursor_execute', explain)
        self.count('event_id')
        [plan] = plans
        self.assertIn('user_messages_created_idx', plan)


class TestSQLite(ReportMixin, base.TestCase):
    backend = 'sqlite'


class TestMySQL(ReportMixin, base.TestCase):
    backend = 'mysql'


class TestPostgreSQL(ReportMixin, base.TestCase):
    backend = 'postgresql'
