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

"""Every list that the API can be asked for is found by an index in its order.

Asked of the planners of the servers, for each filter of the API and each of
its sort keys, so that a new one without an index fails here. The few orders
that have none are named, too.
"""

import atexit
import datetime
import functools
import itertools
from unittest import mock

from cinder_messages.api import filters
from cinder_messages.api import params
from cinder_messages.storage import query
from tests import base
from tests import database
from tests.functional.storage import fixtures

MOMENT = datetime.datetime(2026, 11, 24)
LATER = datetime.datetime(2126, 1, 1)
ROWS = 10000

# What many of OWN's rows have, and what few have.
COMMON = {'event_id': 'common', 'detail_id': '003', 'action_id': '002',
          'message_level': 'ERROR',
          'resource_type': 'VOLUME', 'resource_uuid': 'common',
          'request_id': 'common', 'global_request_id': 'common'}
RARE = {'event_id': 'rare', 'detail_id': '515', 'action_id': '112',
        'message_level': 'INFO',
        'resource_type': 'VOLUME_BACKUP', 'resource_uuid': 'rare',
        'request_id': 'rare', 'global_request_id': 'rare'}
# What is compared for the filters, but for "id", which leaves one message and
# needs no order. The last three are for those of the opt-in item.
NAMES = [*(name for name in filters.FILTERS if name != 'id'),
         'detail_id', 'action_id', 'global_request_id']
TIMES = (
    (('gt', 3000),), (('gte', 3000), ('lt', 6000)), (('lte', 3000),),
    (('eq', 3000),), (('neq', 3000),))

# Sort keys of which each message has another value. An index in each project
# would cost every report more than all others together, for a list that says
# nothing to anybody: the messages of the project are sorted, or an index of
# all projects is walked until the page is full, whichever seems less.
SORTED = {'id', 'guaranteed_until', 'request_id', 'resource_uuid'}


def make_row(number):
    is_own = number % 5 == 0
    values = RARE if number % 500 == 0 else COMMON
    return fixtures.make_message(
        project_id=fixtures.OWN if is_own else fixtures.OTHER,
        created_at=MOMENT + datetime.timedelta(seconds=number),
        expires_at=LATER + datetime.timedelta(seconds=number), **{
            **values,
            # NOTE: also in other projects, and many other values.
            'event_id': values['event_id'] if number % 3 else str(number % 7),
            **({} if is_own and number % 2 else {
                'resource_uuid': f'volume-{number // 4}',
                'request_id': f'req-{number // 2}',
                'global_request_id': f'req-{number // 2}'}
               if values is COMMON else {})})


@functools.cache
def filled_store(backend, analyze):
    """Return a fixture of a store with ROWS messages, made once a process."""
    made = fixtures.StoreFixture(backend)
    made.setUp()
    atexit.register(made.cleanUp)
    for first in range(0, ROWS, 1000):
        made.store.create([make_row(number)
                           for number in range(first, first + 1000)])
    with made.engine.connect() as connection:
        connection.execution_options(isolation_level='AUTOCOMMIT')
        connection.exec_driver_sql(analyze)
    return made


class PlanTests:
    """The tests, for each server."""

    backend: str
    analyze: str
    # Sort keys without an index in their order in the list of all projects.
    sorted_in_all: set[str]

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        self.fixture = filled_store(self.backend, self.analyze)
        self.store = self.fixture.store
        dialect = self.fixture.engine.dialect
        executing = mock.patch.object(dialect, 'do_execute', autospec=True,
                                      side_effect=dialect.do_execute)
        self.executed = executing.start()
        self.addCleanup(executing.stop)

    def plan(self, settings=None):
        """Explain the last statement.

        :param settings: statements for the session; default: ``settings``
        """
        _cursor, statement, parameters, *_ = self.executed.call_args.args
        with self.fixture.engine.connect() as connection:
            for setting in self.settings if settings is None else settings:
                connection.exec_driver_sql(setting)
            return connection.exec_driver_sql(
                f'EXPLAIN {statement}', parameters).all()

    def explain(self, project_id=fixtures.OWN, **asked):
        """How the statement that lists is carried out."""
        self.store.list(query.Query(limit=50, **asked), project_id)
        return self.plan()

    def find_marker(self, offset, project_id=fixtures.OWN, **asked):
        return self.store.list(query.Query(
            limit=1, offset=offset, **asked), project_id).messages[0].id

    def assert_served(self, project_id=fixtures.OWN, **asked):
        plan = self.explain(project_id, **asked)
        self.assertTrue(self.is_indexed(plan), (asked, plan))
        self.assertFalse(self.is_sorted(plan), (asked, plan))
        return plan

    def test_every_filter_is_found_in_order(self):
        """Each, and two together, both ways, from the top and behind."""
        names = [(name,) for name in NAMES]
        names += itertools.combinations(NAMES, 2)
        for project_id, chosen, values, direction in itertools.product(
                (fixtures.OWN, None), names, (COMMON, RARE),
                (query.ASC, query.DESC)):
            asked = {'sort': (('created_at', direction),),
                     'filters': tuple(query.Filter(name, 'eq', values[name])
                                      for name in chosen)}
            self.assert_served(project_id, **asked)
            self.assert_served(project_id, **asked, marker=self.find_marker(
                1, project_id, **asked))

    def test_every_filter_has_an_index_of_its_own(self):
        for project_id, name in itertools.product(
                (fixtures.OWN, None), NAMES):
            plan = self.explain(project_id, filters=(
                query.Filter(name, 'eq', RARE[name]),))

            self.assertRegex(self.index(plan), {
                'event_id': 'event', 'detail_id': 'detail',
                'action_id': 'action', 'message_level': 'level',
                'resource_type': 'type', 'resource_uuid': 'resource',
                'request_id': '_request',
                'global_request_id': 'global_request'}[name])

    def test_one_of_two_events_is_found_by_an_index(self):
        """The reason of an event has an id with and without a prefix.

        Of the indexes for an event, the planner takes that of the order if
        many messages have it, and that of the event if few have it.
        """
        for project_id, scope in ((fixtures.OWN, 'user_messages_project'),
                                  (None, 'user_messages')):
            in_order = 'idx' if project_id else 'created_idx'
            for values, index in (COMMON, in_order), (RARE, 'event_idx'):
                event_id = values['event_id']
                self.store.list(query.Query(limit=50, filters=(query.Filter(
                    'event_id', 'either', (event_id, f'VOLUME_{event_id}')),
                )), project_id)
                plan = self.plan(settings=())
                self.assertTrue(self.is_indexed(plan), plan)
                found = (self.index(plan) if self.backend == 'mysql'
                         else str(plan))
                self.assertRegex(found, rf'\b{scope}_{index}\b')
                self.assertEqual(values is RARE, self.is_sorted(plan), plan)

    def test_times_are_found_in_order(self):
        for project_id, times, direction in itertools.product(
                (fixtures.OWN, None), TIMES, (query.ASC, query.DESC)):
            self.assert_served(
                project_id, sort=(('created_at', direction),),
                filters=tuple(query.Filter(
                    'created_at', op, MOMENT + datetime.timedelta(
                        seconds=second)) for op, second in times))

    def test_parts_are_looked_for_in_order(self):
        for project_id, name in itertools.product(
                (fixtures.OWN, None), NAMES):
            self.assert_served(project_id, filters=(
                query.Filter(name, 'like', COMMON[name][1:]),))

    def test_every_sort_key_has_an_index_or_is_named(self):
        for project_id, named in ((fixtures.OWN, SORTED),
                                  (None, self.sorted_in_all)):
            for name, direction in itertools.product(
                    params.SORT_KEYS, (query.ASC, query.DESC)):
                sort = ((params.SORT_KEYS[name], direction),)
                for marker in (None, self.find_marker(
                        1000, project_id, sort=sort)):
                    asked = {'sort': sort, 'marker': marker}
                    if name in named:
                        plan = self.explain(project_id, **asked)
                        self.assertTrue(self.is_indexed(plan), (asked, plan))
                    else:
                        self.assert_served(project_id, **asked)

    def test_a_value_that_is_filtered_by_needs_no_sort(self):
        for project_id in (fixtures.OWN, None):
            self.assert_served(
                project_id, sort=(('event_id', 'asc'),),
                filters=(query.Filter('event_id', 'eq', 'common'),))

    def test_a_page_behind_a_marker_begins_at_the_marker(self):
        for column, offset in itertools.product(
                ('created_at', 'event_id', 'message_level'),
                (10, ROWS // 20, ROWS // 10, ROWS // 6)):
            sort = ((column, 'desc'),)
            self.assert_begins_there(self.explain(
                sort=sort, marker=self.find_marker(offset, sort=sort)),
                column)

    def test_one_message_is_found_by_its_id(self):
        found = self.find_marker(1000)
        for project_id in (fixtures.OWN, None):
            self.store.get(found, project_id)
            self.assertRegex(self.index(self.plan()), self.primary)
            self.store.list(query.Query(limit=0, marker=found), project_id)
            self.assertRegex(self.index(self.plan()), self.primary)
            self.store.list(query.Query(limit=50, filters=(
                query.Filter('id', 'eq', found),
                query.Filter('message_level', 'eq', 'ERROR'))), project_id)
            self.assertRegex(self.index(self.plan(settings=())), self.primary)
        self.store.delete(found, fixtures.OWN)
        self.assertRegex(self.index(self.plan()), self.primary)


class TestPlanMySQL(PlanTests, base.TestCase):
    backend = 'mysql'
    analyze = 'ANALYZE TABLE user_messages'
    settings = ()
    primary = 'PRIMARY'
    sorted_in_all: set[str] = set()

    def is_sorted(self, plan):
        return any('filesort' in (step.Extra or '') for step in plan)

    def is_indexed(self, plan):
        return all(step.key and step.type != 'ALL' for step in plan)

    def index(self, plan):
        [step] = plan
        return step.key

    def assert_begins_there(self, plan, column):
        # NOTE: "ref" would be all of the project's rows, up to the marker and
        # beyond.
        [step] = plan
        self.assertEqual('range', step.type)


class TestPlanPostgreSQL(PlanTests, base.TestCase):
    backend = 'postgresql'
    analyze = 'VACUUM ANALYZE user_messages'
    # NOTE: it would rather sort a handful of rows; the question is whether it
    # can do without.
    settings = ('SET enable_bitmapscan = off', 'SET enable_sort = off',
                'SET enable_incremental_sort = off',
                'SET enable_seqscan = off')
    primary = 'user_messages_pkey'
    # The indexes of two have no value last; in that of the time to expire,
    # only what was stored together is sorted.
    sorted_in_all = {'guaranteed_until', 'request_id', 'resource_uuid'}

    def text(self, plan):
        return '\n'.join(line for line, in plan)

    def is_sorted(self, plan):
        return 'Sort' in self.text(plan)

    def is_indexed(self, plan):
        text = self.text(plan)
        return 'Index' in text and 'Seq Scan' not in text

    def index(self, plan):
        [line] = [line for line, in plan if ' using ' in line]
        return line.split(' using ')[1].split()[0]

    def assert_begins_there(self, plan, column):
        [condition] = [line for line, in plan if 'Index Cond' in line]
        self.assertIn('created_at', condition)
