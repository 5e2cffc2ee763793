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

"""Lists are found by an index that has them in their order.

Asked of the planners of the servers; each class fills its table once a test,
so there are few tests.
"""

import datetime

import sqlalchemy as sa

from cinder_messages.storage import query
from tests import base
from tests import database
from tests.functional.storage import fixtures

MOMENT = datetime.datetime(2026, 11, 24)
LATER = datetime.datetime(2126, 1, 1)
ROWS = 10000


class PlanTests:
    """The tests, for each server."""

    backend: str
    analyze: str

    def setUp(self):
        super().setUp()
        database.skip_unless_named(self, self.backend)
        self.fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        self.store = self.fixture.store
        self.fill()
        self.statements = []
        sa.event.listen(
            self.fixture.engine, 'before_cursor_execute',
            lambda _connection, _cursor, statement, parameters, *_args:
                self.statements.append((statement, parameters)))

    def fill(self):
        """A fifth is OWN's; a resource has 2,000 messages, others three."""
        for first in range(0, ROWS, 1000):
            self.store.create([
                fixtures.make_message(
                    project_id=fixtures.OTHER if number % 5 else fixtures.OWN,
                    created_at=MOMENT + datetime.timedelta(seconds=number),
                    expires_at=LATER,
                    resource_uuid=f'volume-{number // 3 if number % 5 else 0}',
                    request_id=f'req-{number // 2}')
                for number in range(first, first + 1000)])
        with self.fixture.engine.connect() as connection:
            connection.exec_driver_sql(self.analyze)
            connection.commit()

    def explain(self, project_id=fixtures.OWN, **asked):
        """How the statement that lists is carried out."""
        self.store.list(query.Query(limit=50, **asked), project_id)
        statement, parameters = self.statements[-1]
        with self.fixture.engine.connect() as connection:
            return connection.exec_driver_sql(
                f'EXPLAIN {statement}', parameters).all()

    def find_marker(self, offset, project_id=fixtures.OWN):
        return self.store.list(query.Query(limit=1, offset=offset),
                               project_id).messages[0].id

    def test_lists_are_found_by_an_index_in_its_order(self):
        middle = self.find_marker(ROWS // 10)
        oldest = (('created_at', 'asc'),)
        for index, asked in (
                ('project', {}),
                ('project', {'marker': middle}),
                ('project', {'sort': oldest, 'marker': middle}),
                ('created', {'project_id': None}),
                ('created', {'project_id': None, 'marker': middle})):
            plan = self.explain(**asked)
            self.assert_found_by(f'user_messages_{index}_idx', plan)
            self.assert_unsorted(plan)

    def test_filters_that_name_few_rows_find_them(self):
        for index, column, value in (
                ('resource', 'resource_uuid', 'volume-77'),
                ('request', 'request_id', 'req-77')):
            self.assert_found_by(
                f'user_messages_{index}_idx', self.explain(
                    filters=(query.Filter(column, 'eq', value),)))

    def test_a_filter_that_names_many_rows_needs_no_sort(self):
        self.assert_unsorted(self.explain(filters=(query.Filter(
            'resource_uuid', 'eq', 'volume-0'),)))


class TestPlanMySQL(PlanTests, base.TestCase):
    backend = 'mysql'
    analyze = 'ANALYZE TABLE user_messages'

    def assert_unsorted(self, plan):
        [step] = plan
        self.assertNotIn('filesort', step.Extra)

    def assert_found_by(self, index, plan):
        [step] = plan
        self.assertEqual(index, step.key)

    def test_a_page_behind_a_marker_begins_at_the_marker(self):
        # NOTE: "ref" would be all of the project's rows, up to the marker and
        # beyond.
        for offset in (10, ROWS // 20, ROWS // 10, ROWS // 6):
            [step] = self.explain(marker=self.find_marker(offset))
            self.assertEqual('range', step.type, offset)


class TestPlanPostgreSQL(PlanTests, base.TestCase):
    backend = 'postgresql'
    analyze = 'ANALYZE user_messages'

    def assert_unsorted(self, plan):
        text = '\n'.join(line for line, in plan)
        self.assertNotIn('Sort', text)
        self.assertNotIn('Seq Scan', text)

    def assert_found_by(self, index, plan):
        # NOTE: "Index Scan using" it, or for few rows "Bitmap Index Scan on".
        text = '\n'.join(line for line, in plan)
        self.assertRegex(text, f' (using|on) {index} ')

    def test_a_page_behind_a_marker_begins_at_the_marker(self):
        for offset in (10, ROWS // 20, ROWS // 10, ROWS // 6):
            plan = self.explain(marker=self.find_marker(offset))
            [condition] = [line for line, in plan if 'Index Cond' in line]
            self.assertIn('created_at <=', condition, offset)
