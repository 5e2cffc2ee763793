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

"""What a query comes to in the words of each database."""

import collections

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
import testtools

from cinder_messages.storage import models
from cinder_messages.storage import query

DIALECTS = {'mysql': mysql.dialect(), 'postgresql': postgresql.dialect(),
            'sqlite': sqlite.dialect()}

Marker = collections.namedtuple(
    'Marker', 'id created_at resource_uuid event_id')


def compiled(clause, dialect='sqlite'):
    """The SQL of a clause, values in place, in one line."""
    text = str(clause.compile(dialect=DIALECTS[dialect],
                              compile_kwargs={'literal_binds': True}))
    return ' '.join(text.replace('user_messages.', '').split())


class TestComplete(testtools.TestCase):

    def test_time_and_id_come_last_in_the_direction_of_the_first_key(self):
        self.assertEqual(
            (('event_id', 'desc'), ('request_id', 'asc'),
             ('created_at', 'desc'), ('id', 'desc')),
            query.complete((('event_id', 'desc'), ('request_id', 'asc'))))

    def test_what_has_a_time_needs_no_other(self):
        for name in ('created_at', 'expires_at'):
            self.assertEqual(
                ((name, 'desc'), ('event_id', 'asc'), ('id', 'desc')),
                query.complete(((name, 'desc'), ('event_id', 'asc'))))

    def test_an_id_among_the_keys_is_the_last_that_counts(self):
        self.assertEqual(
            (('id', 'asc'),),
            query.complete((('id', 'asc'), ('created_at', 'desc'))))

    def test_an_id_is_a_key_whatever_the_filters(self):
        for sort in ((), (('id', 'asc'),), (('event_id', 'asc'),)):
            self.assertEqual('id', query.complete(sort, tuple(
                query.Filter(name, 'eq', 'x')
                for name in ('id', 'event_id', 'created_at')))[-1][0])

    def test_without_keys_it_is_newest_first(self):
        self.assertEqual((('created_at', 'desc'), ('id', 'desc')),
                         query.complete(()))


class TestOrderBy(testtools.TestCase):

    def terms(self, dialect, *sort):
        return [compiled(term, dialect)
                for term in query.order_by(sort, dialect)]

    def test_no_value_is_lowest(self):
        self.assertEqual(
            ['request_id ASC NULLS FIRST', 'resource_uuid DESC NULLS LAST',
             'id DESC'],
            self.terms('postgresql', ('request_id', 'asc'),
                       ('resource_uuid', 'desc'), ('id', 'desc')))

    def test_mysql_has_no_words_for_it(self):
        self.assertEqual(
            ['request_id ASC', 'id ASC'],
            self.terms('mysql', ('request_id', 'asc'), ('id', 'asc')))


class TestBehind(testtools.TestCase):

    def behind(self, *sort, dialect='sqlite', project_id=None, **values):
        # NOTE: text for a time, which not every dialect writes in place.
        return compiled(query.behind(sort, Marker(
            **{'id': 'abc', 'created_at': sa.literal_column('T'),
               'resource_uuid': None, 'event_id': 'e', **values}),
            project_id, dialect), dialect)

    def test_a_bound_stands_in_front_of_the_exact_condition(self):
        for dialect in ('sqlite', 'postgresql'):
            self.assertEqual(
                "created_at <= T AND (created_at < T OR id < 'abc')",
                self.behind(('created_at', 'desc'), ('id', 'desc'),
                            dialect=dialect))
            self.assertEqual(
                "created_at >= T AND (created_at > T OR id < 'abc')",
                self.behind(('created_at', 'asc'), ('id', 'desc'),
                            dialect=dialect))

    def test_mysql_is_told_each_range(self):
        self.assertEqual(
            "created_at < T OR created_at = T AND id < 'abc'",
            self.behind(('created_at', 'desc'), ('id', 'desc'),
                        dialect='mysql'))
        self.assertEqual(
            "resource_uuid < 'v' OR resource_uuid IS NULL OR "
            "resource_uuid = 'v' AND id < 'abc'",
            self.behind(('resource_uuid', 'desc'), ('id', 'desc'),
                        dialect='mysql', resource_uuid='v'))

    def test_postgresql_compares_rows_that_are_sorted_by_more(self):
        for direction, sign in (('asc', '>'), ('desc', '<')):
            sort = [(name, direction)
                    for name in ('event_id', 'created_at', 'id')]

            self.assertEqual(
                f"(event_id, created_at, id) {sign} ('e', T, 'abc')",
                self.behind(*sort, dialect='postgresql'))
            self.assertEqual(
                '(project_id, deleted, event_id, created_at, id) '
                f"{sign} ('p', false, 'e', T, 'abc')",
                self.behind(*sort, dialect='postgresql', project_id='p'))

    def test_postgresql_compares_no_rows_that_may_have_no_value(self):
        for direction, value, is_compared in (
                ('asc', 'v', True), ('asc', None, False),
                ('desc', 'v', False), ('desc', None, False)):
            condition = self.behind(
                *((name, direction)
                  for name in ('resource_uuid', 'created_at', 'id')),
                dialect='postgresql', resource_uuid=value)

            self.assertEqual(is_compared, condition.startswith('('), value)

    def test_postgresql_compares_no_rows_that_go_both_ways(self):
        self.assertStartsWith("event_id >= 'e' AND", self.behind(
            ('event_id', 'asc'), ('created_at', 'desc'), ('id', 'desc'),
            dialect='postgresql'))

    def assertStartsWith(self, start, text):
        self.assertEqual(start, text[:len(start)])

    def test_behind_no_value_comes_every_value(self):
        self.assertEqual(
            "resource_uuid IS NOT NULL OR "
            "resource_uuid IS NULL AND id > 'abc'",
            self.behind(('resource_uuid', 'asc'), ('id', 'asc')))

    def test_behind_no_value_nothing_is_lower(self):
        self.assertEqual(
            "resource_uuid IS NULL AND id < 'abc'",
            self.behind(('resource_uuid', 'desc'), ('id', 'desc')))

    def test_behind_a_value_comes_no_value(self):
        self.assertEqual(
            "resource_uuid < 'v' OR resource_uuid IS NULL OR "
            "resource_uuid = 'v' AND id < 'abc'",
            self.behind(('resource_uuid', 'desc'), ('id', 'desc'),
                        resource_uuid='v'))


class TestConditions(testtools.TestCase):

    def condition(self, dialect, *args):
        column, op, _ = args
        value = query.value_of(query.Filter(*args), dialect)
        [condition] = query.conditions(
            (query.Filter(column, op, value),), dialect)
        return compiled(condition, dialect)

    def test_comparisons(self):
        for op, sign in (('eq', '='), ('neq', '!='), ('gt', '>'),
                         ('gte', '>='), ('lt', '<'), ('lte', '<=')):
            self.assertEqual(f"event_id {sign} 'x'", self.condition(
                'sqlite', 'event_id', op, 'x'))

    def test_a_part_has_no_patterns(self):
        self.assertEqual(
            "instr(event_id, '5%') > 0",
            self.condition('sqlite', 'event_id', 'like', '5%'))
        for dialect in ('mysql', 'postgresql'):
            self.assertIn(
                "/_", self.condition(dialect, 'event_id', 'like', '_'))


class TestChooseIndex(testtools.TestCase):

    def chosen(self, project_id='p', dialect='mysql', **asked):
        statement = query.choose_index(
            sa.select(models.MESSAGES.c.id),
            query.Query(limit=1, **asked), project_id, dialect)
        return compiled(statement, dialect).partition('FORCE INDEX ')[2]

    def equal(self, *columns):
        return tuple(query.Filter(column, 'eq', 'x') for column in columns)

    def test_lists_in_the_order_of_time(self):
        for direction in ('asc', 'desc'):
            sort = (('created_at', direction),)

            self.assertEqual('(user_messages_project_idx)',
                             self.chosen(sort=sort))
            self.assertEqual('(user_messages_created_idx)',
                             self.chosen(None, sort=sort))

    def test_filters_that_name_few_rows(self):
        for column, index in (
                ('resource_uuid', 'user_messages_resource_idx'),
                ('request_id', 'user_messages_request_idx')):
            self.assertEqual(
                f'({index}, user_messages_project_event_idx)',
                self.chosen(filters=self.equal('event_id', column)))
            for sort in ((('message_level', 'desc'),),
                         (('created_at', 'desc'), ('id', 'asc'))):
                self.assertEqual(f'({index})', self.chosen(
                    sort=sort, filters=self.equal('event_id', column)))

    def test_filters_that_may_name_many(self):
        self.assertEqual('(user_messages_project_event_idx)', self.chosen(
            filters=self.equal('event_id')))
        self.assertEqual('(user_messages_event_idx)', self.chosen(
            None, filters=self.equal('event_id')))
        self.assertEqual(
            '(user_messages_project_event_idx, '
            'user_messages_project_level_idx)',
            self.chosen(filters=self.equal('message_level', 'event_id')))

    def test_filters_that_are_not_for_equality(self):
        for filters in ((query.Filter('request_id', 'neq', 'x'),),
                        (query.Filter('resource_uuid', 'like', 'x'),)):
            self.assertEqual('(user_messages_project_idx)',
                             self.chosen(filters=filters))

    def test_other_keys_with_an_index(self):
        for project_id, name, index in (
                ('p', 'event_id', 'project_event_idx'),
                ('p', 'resource_type', 'project_type_idx'),
                (None, 'message_level', 'level_idx'),
                (None, 'request_id', 'request_idx'),
                (None, 'expires_at', 'expires_idx')):
            self.assertEqual(f'(user_messages_{index})', self.chosen(
                project_id, sort=((name, 'asc'),)))
        self.assertEqual('(PRIMARY)', self.chosen(
            None, sort=(('id', 'desc'),)))

    def test_a_key_that_is_one_value_does_not_count(self):
        for second in ((), (('created_at', 'asc'),)):
            self.assertEqual('(user_messages_project_event_idx)', self.chosen(
                sort=(('event_id', 'desc'), *second),
                filters=self.equal('event_id')))

    def test_one_id_is_found_by_the_primary_key(self):
        for sort in ((), (('id', 'asc'),), (('event_id', 'asc'),)):
            self.assertEqual('', self.chosen(
                sort=sort, filters=self.equal('id', 'request_id')))

    def test_other_orders_are_left_to_the_planner(self):
        for sort in ((('id', 'asc'),), (('expires_at', 'desc'),),
                     (('event_id', 'asc'), ('created_at', 'desc')),
                     (('event_id', 'asc'), ('message_level', 'asc')),
                     (('created_at', 'asc'), ('event_id', 'asc'))):
            self.assertEqual('', self.chosen(sort=sort))

    def test_other_databases_choose_well(self):
        for dialect in ('postgresql', 'sqlite'):
            self.assertEqual('', self.chosen(dialect=dialect))

    def test_the_indexes_exist(self):
        existing = {f'({index.name})' for index in models.MESSAGES.indexes}

        for project_id in ('p', None):
            for column in ('event_id', 'message_level', 'resource_type',
                           'resource_uuid', 'request_id'):
                self.assertIn(self.chosen(
                    project_id, filters=self.equal(column)), existing)
