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

Marker = collections.namedtuple('Marker', 'id created_at resource_uuid')


def compiled(clause, dialect='sqlite'):
    """The SQL of a clause, values in place, in one line."""
    text = str(clause.compile(dialect=DIALECTS[dialect],
                              compile_kwargs={'literal_binds': True}))
    return ' '.join(text.replace('user_messages.', '').split())


class TestComplete(testtools.TestCase):

    def test_the_id_comes_last_in_the_direction_of_the_last_key(self):
        self.assertEqual(
            (('created_at', 'desc'), ('request_id', 'asc'), ('id', 'asc')),
            query.complete((('created_at', 'desc'), ('request_id', 'asc'))))

    def test_an_id_among_the_keys_is_the_last_that_counts(self):
        self.assertEqual(
            (('id', 'asc'),),
            query.complete((('id', 'asc'), ('created_at', 'desc'))))

    def test_without_keys_the_id_decides(self):
        self.assertEqual((('id', 'desc'),), query.complete(()))


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

    def behind(self, *sort, resource_uuid=None):
        # NOTE: text for a time, which not every dialect writes in place.
        return compiled(query.behind(sort, Marker(
            'abc', sa.literal_column('T'), resource_uuid)))

    def test_a_bound_stands_in_front_of_the_exact_condition(self):
        self.assertEqual(
            "created_at <= T AND (created_at < T OR id < 'abc')",
            self.behind(('created_at', 'desc'), ('id', 'desc')))
        self.assertEqual(
            "created_at >= T AND (created_at > T OR id < 'abc')",
            self.behind(('created_at', 'asc'), ('id', 'desc')))

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
        [condition] = query.conditions((query.Filter(*args),), dialect)
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

    def test_lists_in_the_order_of_time(self):
        for direction in ('asc', 'desc'):
            sort = (('created_at', direction),)

            self.assertEqual('(user_messages_project_idx)',
                             self.chosen(sort=sort))
            self.assertEqual('(user_messages_created_idx)',
                             self.chosen(None, sort=sort))

    def test_filters_that_name_few_rows(self):
        for sort in ((('created_at', 'desc'),), (('event_id', 'asc'),)):
            for column, index in (
                    ('resource_uuid', '(user_messages_resource_idx)'),
                    ('request_id', '(user_messages_request_idx)')):
                self.assertEqual(index, self.chosen(sort=sort, filters=(
                    query.Filter('event_id', 'eq', 'x'),
                    query.Filter(column, 'eq', 'x'))))

    def test_filters_that_may_name_many(self):
        for filters in ((query.Filter('event_id', 'eq', 'x'),),
                        (query.Filter('request_id', 'neq', 'x'),),
                        (query.Filter('resource_uuid', 'like', 'x'),)):
            self.assertEqual('(user_messages_project_idx)',
                             self.chosen(filters=filters))

    def test_other_orders_are_left_to_the_planner(self):
        for sort in ((('event_id', 'asc'),), (('expires_at', 'desc'),)):
            self.assertEqual('', self.chosen(sort=sort))

    def test_other_databases_choose_well(self):
        for dialect in ('postgresql', 'sqlite'):
            self.assertEqual('', self.chosen(dialect=dialect))

    def test_the_indexes_exist(self):
        existing = {f'({index.name})' for index in models.MESSAGES.indexes}

        for project_id in ('p', None):
            for column in ('event_id', 'resource_uuid', 'request_id'):
                self.assertIn(self.chosen(project_id, filters=(
                    query.Filter(column, 'eq', 'x'),)), existing)
