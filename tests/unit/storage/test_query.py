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

"""The order of a list, and the bounds of a query."""

import testtools

from cinder_messages import exception
from cinder_messages.storage import query


class TestWithTiebreakers(testtools.TestCase):

    def test_time_and_id_come_last_in_the_direction_of_the_first_key(self):
        self.assertEqual(
            (('event_id', 'desc'), ('request_id', 'asc'),
             ('created_at', 'desc'), ('id', 'desc')),
            query.with_tiebreakers((('event_id', 'desc'),
                                    ('request_id', 'asc'))))

    def test_what_has_a_time_needs_no_other(self):
        for name in ('created_at', 'expires_at'):
            self.assertEqual(
                ((name, 'desc'), ('event_id', 'asc'), ('id', 'desc')),
                query.with_tiebreakers(((name, 'desc'), ('event_id', 'asc'))))

    def test_an_id_among_the_keys_is_the_last_that_counts(self):
        self.assertEqual(
            (('id', 'asc'),),
            query.with_tiebreakers((('id', 'asc'), ('created_at', 'desc'))))

    def test_an_id_is_a_key_whatever_the_filters(self):
        for sort in ((), (('id', 'asc'),), (('event_id', 'asc'),)):
            self.assertEqual('id', query.with_tiebreakers(sort, tuple(
                query.Filter(name, 'eq', 'x')
                for name in ('id', 'event_id', 'created_at')))[-1][0])

    def test_without_keys_it_is_newest_first(self):
        self.assertEqual((('created_at', 'desc'), ('id', 'desc')),
                         query.with_tiebreakers(()))

    def test_a_repeated_key_has_no_effect(self):
        self.assertEqual(
            (('event_id', 'asc'), ('created_at', 'asc'), ('id', 'asc')),
            query.with_tiebreakers((('event_id', 'asc'),
                                    ('event_id', 'desc'))))

    def test_a_key_with_an_equality_filter_is_removed(self):
        self.assertEqual(
            (('created_at', 'asc'), ('id', 'asc')),
            query.with_tiebreakers(
                (('event_id', 'asc'),), (query.Filter('event_id', 'eq', 'x'),
                                         query.Filter('id', 'neq', 'x'))))


class TestQuery(testtools.TestCase):

    def test_the_number_of_filters_is_bounded(self):
        filters = (query.Filter('event_id', 'neq', 'x'),) * query.MAX_FILTERS

        query.Query(limit=1, filters=filters)
        self.assertRaises(exception.InvalidParameter, query.Query, limit=1,
                          filters=(*filters, filters[0]))
