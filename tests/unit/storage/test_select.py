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

"""The SQL of a shape on each database."""

from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
import testtools

from cinder_messages.storage import query
from cinder_messages.storage import select

DIALECTS = {'mysql': mysql.dialect(paramstyle='named'),
            'postgresql': postgresql.dialect(paramstyle='named'),
            'sqlite': sqlite.dialect(paramstyle='named')}


def compiled(clause, dialect='sqlite'):
    """The SQL of a clause in one line, with short names of parameters."""
    text = str(clause.compile(dialect=DIALECTS[dialect]))
    for cast in ('::VARCHAR', '::TIMESTAMP WITHOUT TIME ZONE'):
        text = text.replace(cast, '')
    return ' '.join(text.replace('user_messages.', '').replace(
        ':marker_', ':').split())


class TestOrderBy(testtools.TestCase):

    def terms(self, dialect, *sort):
        text = compiled(select.page_statement(
            select.Shape(dialect, False, sort)), dialect)
        return text.partition(' ORDER BY ')[2].partition(
            ' LIMIT ')[0].split(', ')

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


class TestAfterMarker(testtools.TestCase):

    def after(self, *sort, dialect='sqlite', in_project=False, nulls=()):
        return compiled(select.after_marker(select.Shape(
            dialect, in_project, sort,
            marker=tuple(name not in nulls for name, _ in sort))), dialect)

    def test_a_bound_stands_in_front_of_the_exact_condition(self):
        for dialect in ('sqlite', 'postgresql'):
            self.assertEqual(
                "created_at <= :created_at AND "
                "(created_at < :created_at OR id < :id)",
                self.after(('created_at', 'desc'), ('id', 'desc'),
                           dialect=dialect))
            self.assertEqual(
                "created_at >= :created_at AND "
                "(created_at > :created_at OR id < :id)",
                self.after(('created_at', 'asc'), ('id', 'desc'),
                           dialect=dialect))

    def test_mysql_is_told_each_range(self):
        self.assertEqual(
            "created_at < :created_at OR created_at = :created_at AND "
            "id < :id",
            self.after(('created_at', 'desc'), ('id', 'desc'),
                       dialect='mysql'))
        self.assertEqual(
            "resource_uuid < :resource_uuid OR resource_uuid IS NULL OR "
            "resource_uuid = :resource_uuid AND id < :id",
            self.after(('resource_uuid', 'desc'), ('id', 'desc'),
                       dialect='mysql'))

    def test_postgresql_compares_rows_that_are_sorted_by_more(self):
        for direction, sign in (('asc', '>'), ('desc', '<')):
            sort = [(name, direction)
                    for name in ('event_id', 'created_at', 'id')]

            self.assertEqual(
                f"(event_id, created_at, id) {sign} "
                "(:event_id, :created_at, :id)",
                self.after(*sort, dialect='postgresql'))
            self.assertEqual(
                '(project_id, deleted, event_id, created_at, id) '
                f"{sign} (:project, false, :event_id, :created_at, :id)",
                self.after(*sort, dialect='postgresql', in_project=True))

    def test_postgresql_compares_no_rows_that_may_have_no_value(self):
        for direction, nulls, is_compared in (
                ('asc', (), True), ('asc', ('resource_uuid',), False),
                ('desc', (), False), ('desc', ('resource_uuid',), False)):
            condition = self.after(
                *((name, direction)
                  for name in ('resource_uuid', 'created_at', 'id')),
                dialect='postgresql', nulls=nulls)

            self.assertEqual(is_compared, condition.startswith('('), nulls)

    def test_postgresql_compares_no_rows_that_go_both_ways(self):
        self.assertStartsWith("event_id >= :event_id AND", self.after(
            ('event_id', 'asc'), ('created_at', 'desc'), ('id', 'desc'),
            dialect='postgresql'))

    def assertStartsWith(self, start, text):
        self.assertEqual(start, text[:len(start)])

    def test_behind_no_value_comes_every_value(self):
        self.assertEqual(
            "resource_uuid IS NOT NULL OR "
            "resource_uuid IS NULL AND id > :id",
            self.after(('resource_uuid', 'asc'), ('id', 'asc'),
                       nulls=('resource_uuid',)))

    def test_behind_no_value_nothing_is_lower(self):
        self.assertEqual(
            "resource_uuid IS NULL AND id < :id",
            self.after(('resource_uuid', 'desc'), ('id', 'desc'),
                       nulls=('resource_uuid',)))

    def test_behind_a_value_comes_no_value(self):
        self.assertEqual(
            "resource_uuid < :resource_uuid OR resource_uuid IS NULL OR "
            "resource_uuid = :resource_uuid AND id < :id",
            self.after(('resource_uuid', 'desc'), ('id', 'desc')))


class TestConditions(testtools.TestCase):

    def where(self, dialect, column, op):
        text = compiled(select.count_statement(select.Shape(
            dialect, False, filters=((column, op),))), dialect)
        return text.rpartition(' AND ')[2]

    def test_comparisons(self):
        for op, sign in (('eq', '='), ('neq', '!='), ('gt', '>'),
                         ('gte', '>='), ('lt', '<'), ('lte', '<=')):
            self.assertEqual(f'event_id {sign} :filter_0',
                             self.where('sqlite', 'event_id', op))

    def test_one_of_two_values(self):
        self.assertEqual('event_id IN (:filter_0, :filter_0_or)',
                         self.where('sqlite', 'event_id', 'either'))
        either = query.Query(limit=1, filters=(
            query.Filter('event_id', 'either', ('a', 'b')),))
        self.assertEqual({'filter_0': 'a', 'filter_0_or': 'b'},
                         select.filter_values(either, 'sqlite'))

    def test_a_substring_has_no_wildcards(self):
        self.assertEqual('(instr(event_id, :filter_0)) > :instr_1',
                         self.where('sqlite', 'event_id', 'like').replace(
                             'instr(event_id, :filter_0) >',
                             '(instr(event_id, :filter_0)) >'))
        like = query.Query(limit=1, filters=(
            query.Filter('event_id', 'like', '5%_/'),))
        self.assertEqual({'filter_0': '5%_/'},
                         select.filter_values(like, 'sqlite'))
        for dialect in ('mysql', 'postgresql'):
            self.assertEqual({'filter_0': '5/%/_//'},
                             select.filter_values(like, dialect))

    def test_times_are_compared_with_the_clock_of_the_database(self):
        for dialect, now in (
                ('mysql', 'UTC_TIMESTAMP(6)'),
                ('postgresql', "timezone('UTC', statement_timestamp())"),
                ('sqlite', 'cinder_messages_utc_now()')):
            for build in (select.get_statement, select.page_statement,
                          select.count_statement):
                self.assertIn(f'expires_at > {now}', compiled(
                    build(select.Shape(dialect, True, (('id', 'asc'),))),
                    dialect))
