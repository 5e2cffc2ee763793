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

"""The indexes that a list names on MariaDB."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
import testtools

from cinder_messages.storage import models
from cinder_messages.storage import mysql_hints
from cinder_messages.storage import query
from cinder_messages.storage import select

DIALECTS = {'mysql': mysql.dialect(), 'postgresql': postgresql.dialect(),
            'sqlite': sqlite.dialect()}


class TestForceIndex(testtools.TestCase):

    def chosen(self, project_id='p', dialect='mysql', **asked):
        shape = select.page_shape(query.Query(limit=1, **asked),
                                  project_id is not None, None, dialect)
        statement = mysql_hints.force_index(
            sa.select(models.MESSAGES.c.id), dialect, shape.in_project,
            shape.sort, shape.filters)
        return str(statement.compile(dialect=DIALECTS[dialect])).partition(
            'FORCE INDEX ')[2]

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

    def test_an_index_that_is_missing_is_not_named(self):
        statement = sa.select(models.MESSAGES.c.id)
        sort = (('created_at', 'desc'), ('id', 'desc'))
        for missing, chosen in (
                (set(), '(user_messages_request_idx, '
                        'user_messages_project_event_idx)'),
                ({'user_messages_request_idx'},
                 '(user_messages_project_event_idx)'),
                ({'user_messages_request_idx',
                  'user_messages_project_event_idx'}, '')):
            found = mysql_hints.force_index(
                statement, 'mysql', True, sort,
                (('event_id', 'eq'), ('request_id', 'eq')),
                frozenset(missing))
            self.assertEqual(chosen, str(found.compile(
                dialect=DIALECTS['mysql'])).partition('FORCE INDEX ')[2])

    def test_the_error_of_a_missing_index_names_it(self):
        text = "Key 'user_messages_type_idx' doesn't exist in table 'x'"
        self.assertEqual('user_messages_type_idx', mysql_hints.missing_index(
            ValueError(1176, text)))
        for error in (None, ValueError(), ValueError(text),
                      ValueError(1064, text), ValueError(1176, 'a key')):
            self.assertIsNone(mysql_hints.missing_index(error))

    def test_a_filter_for_one_of_two_values_leaves_the_choice(self):
        self.assertEqual(
            '(user_messages_project_idx, user_messages_project_event_idx)',
            self.chosen(filters=(
                query.Filter('event_id', 'either', ('a', 'b')),)))

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
            for column in ('event_id', 'detail_id', 'action_id',
                           'message_level', 'resource_type', 'resource_uuid',
                           'request_id', 'global_request_id'):
                self.assertIn(self.chosen(
                    project_id, filters=self.equal(column)), existing)
