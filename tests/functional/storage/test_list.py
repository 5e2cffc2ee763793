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

"""Lists come in one order, in pages, and hold what was asked for only."""

import datetime
import itertools

from cinder_messages.api import params
from cinder_messages import exception
from cinder_messages.message import model
from cinder_messages.storage import query
from cinder_messages.storage import store as message_store
from tests import base
from tests import database
from tests.functional.storage import fixtures

MOMENT = datetime.datetime(2026, 11, 24, 0, 29, 10, 180000)
LATER = datetime.datetime(2126, 1, 1)

# Equal times, times a microsecond apart, no value, and values whose order or
# equality is a matter of collation.
TEXTS = (None, 'a', 'A', 'b', 'B', 'a ', '\xe4', '_', 'ab', '')


def at(microseconds):
    return MOMENT + datetime.timedelta(microseconds=microseconds)


def make_messages(project_id=fixtures.OWN):
    return [
        fixtures.make_message(
            project_id=project_id,
            created_at=at(number % 5),
            expires_at=LATER + datetime.timedelta(microseconds=number),
            resource_uuid=TEXTS[number % len(TEXTS)],
            request_id=TEXTS[number // 4 % len(TEXTS)],
            resource_type=(None, 'VOLUME', 'VOLUME_BACKUP')[number % 3],
            message_level=model.LEVELS[number % 7 % 3],
            event_id=f'00000{number % 2}')
        for number in range(40)]


def sort_messages(messages, sort):
    """What a list should be: NULL lowest, text by code point, then times."""
    def value(message, name):
        found = getattr(message, name)
        return (0,) if found is None else (1, found)

    messages = list(messages)
    names, first = {name for name, _ in sort}, sort[0][1]
    ties = [('id', first)]
    if not names & {'created_at', 'expires_at', 'id'}:
        ties.insert(0, ('created_at', first))
    for name, direction in reversed((*sort, *ties)):
        messages.sort(key=lambda message: value(message, name),
                      reverse=direction == query.DESC)
    return messages


class ListTests:
    """The tests, for each database."""

    backend: str

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        self.store = self.useFixture(
            fixtures.StoreFixture(self.backend)).store
        self.messages = make_messages()
        self.others = make_messages(fixtures.OTHER)
        self.store.create([*self.others, *self.messages])

    def list(self, project_id=fixtures.OWN, limit=1000, **asked):
        return self.store.list(query.Query(limit=limit, **asked), project_id)

    def pages(self, limit, project_id=fixtures.OWN, **asked):
        """All pages of the project's list, one behind the other."""
        marker = None
        while True:
            page = self.list(project_id, limit, marker=marker, **asked)
            yield page.messages
            if not page.has_more:
                return
            marker = page.messages[-1].id

    def filtered(self, *conditions, project_id=fixtures.OWN):
        filters = tuple(itertools.starmap(query.Filter, conditions))
        page = self.list(project_id, filters=filters)
        self.assertEqual(len(page.messages), self.store.count(
            query.Query(limit=1, filters=filters), project_id))
        return page.messages

    def expect(self, holds):
        return sort_messages(
            filter(holds, self.messages), (('created_at', 'desc'),))

    def test_list_is_newest_first_and_ends(self):
        page = self.list()

        self.assertEqual(
            sort_messages(self.messages, (('created_at', 'desc'),)),
            page.messages)
        self.assertFalse(page.has_more)

    def test_list_hides_other_projects(self):
        self.assertEqual({fixtures.OWN}, {
            message.project_id for message in self.list().messages})
        self.assertEqual([], self.list('project-none').messages)
        self.assertEqual(
            sort_messages(self.messages + self.others,
                          (('created_at', 'desc'),)),
            self.list(None).messages)

    def test_count_hides_other_projects(self):
        everything = query.Query(limit=1)

        self.assertEqual(40, self.store.count(everything, fixtures.OWN))
        self.assertEqual(80, self.store.count(everything, None))
        self.assertEqual(0, self.store.count(everything, 'project-none'))

    def test_list_hides_deleted_and_expired(self):
        gone = self.messages[7]
        self.store.delete(gone.id, fixtures.OWN)
        self.store.create([fixtures.make_expired()])

        listed = self.list().messages

        self.assertEqual(39, len(listed))
        self.assertNotIn(gone, listed)
        self.assertEqual(39, self.store.count(
            query.Query(limit=1), fixtures.OWN))

    def test_pages_add_up_in_every_order(self):
        columns = ('created_at', 'resource_uuid', 'request_id')
        sorts = [tuple(zip(names, directions))
                 for number in (1, 2, 3)
                 for names in itertools.permutations(columns, number)
                 for directions in itertools.product(
                     (query.ASC, query.DESC), repeat=number)]
        sorts += [(('expires_at', 'asc'),), (('id', 'desc'),),
                  (('event_id', 'desc'), ('resource_uuid', 'asc'))]
        for sort in sorts:
            expected = [message.id for message in
                        sort_messages(self.messages, sort)]

            self.assertEqual(expected, [
                message.id for message in self.list(sort=sort).messages],
                sort)
            self.assertEqual(expected, [
                message.id for page in self.pages(7, sort=sort)
                for message in page], sort)

    def test_pages_by_each_key_add_up(self):
        for name in params.SORT_KEYS.values():
            for direction in (query.ASC, query.DESC):
                sort = ((name, direction),)
                for project_id, messages in (
                        (fixtures.OWN, self.messages),
                        (None, self.messages + self.others)):
                    self.assertEqual(
                        [message.id
                         for message in sort_messages(messages, sort)],
                        [message.id
                         for page in self.pages(13, project_id, sort=sort)
                         for message in page], sort)

    def test_one_id_in_every_order(self):
        wanted = self.messages[3]
        filters = (query.Filter('id', 'eq', wanted.id),)
        for name in params.SORT_KEYS.values():
            for more in ((), (query.Filter('event_id', 'eq',
                                           wanted.event_id),)):
                values = {'sort': ((name, 'asc'),), 'filters': filters + more}
                self.assertEqual([wanted.id], [
                    message.id for message in self.list(**values).messages])
                self.assertEqual([], self.list(
                    marker=wanted.id, **values).messages)
                self.store.list(query.Query(
                    limit=1, marker=self.messages[5].id, **values),
                    fixtures.OWN)

    def test_keys_behind_the_id_change_nothing(self):
        sort = (('id', 'asc'), ('created_at', 'desc'))

        self.assertEqual(
            sorted(self.messages, key=lambda message: message.id),
            [message for page in self.pages(7, sort=sort)
             for message in page])

    def test_no_sort_key_is_newest_first(self):
        self.assertEqual(self.list().messages, self.list(sort=()).messages)

    def test_the_last_page_knows_that_it_is(self):
        self.assertEqual([10] * 4, list(map(len, self.pages(10))))
        self.assertEqual([30, 10], list(map(len, self.pages(30))))
        self.assertFalse(self.list(limit=40).has_more)
        self.assertTrue(self.list(limit=39).has_more)

    def test_rows_that_come_in_while_paging_move_nothing(self):
        expected = self.list().messages
        listed = []
        for page in self.pages(7):
            listed.extend(page)
            self.store.create([
                fixtures.make_message(created_at=at(10), expires_at=LATER)])

        self.assertEqual(expected, listed)

    def test_a_marker_outlives_its_message(self):
        whole = self.list().messages
        marker = whole[9]
        self.store.delete(marker.id, fixtures.OWN)

        self.assertEqual(whole[10:], self.list(marker=marker.id).messages)

    def test_a_marker_may_have_expired(self):
        expired = fixtures.make_expired(created_at=at(20))
        self.store.create([expired])

        self.assertEqual(self.list().messages,
                         self.list(marker=expired.id).messages)

    def test_a_marker_that_the_filters_leave_out_is_one(self):
        whole = self.list().messages
        filters = (query.Filter('event_id', 'neq', whole[9].event_id),)

        self.assertEqual(
            [message for message in whole[10:]
             if message.event_id != whole[9].event_id],
            self.list(marker=whole[9].id, filters=filters).messages)

    def test_a_marker_of_another_project_is_none(self):
        for limit in (10, 0):
            for marker in (self.others[0].id, 'unknown', 'a\0b', ''):
                self.assertRaises(exception.MarkerNotFound, self.list,
                                  limit=limit, marker=marker)
        whole = self.list(None).messages
        self.assertEqual(whole[10:],
                         self.list(None, marker=whole[9].id).messages)

    def test_limit_0_is_an_empty_page(self):
        for marker in (None, self.messages[0].id):
            self.assertEqual(message_store.Page((), False),
                             self.list(limit=0, marker=marker))

    def test_offset_counts_from_the_marker(self):
        whole = self.list().messages

        self.assertEqual(whole[5:], self.list(offset=5).messages)
        self.assertEqual(whole[10:12], self.list(
            limit=2, offset=5, marker=whole[4].id).messages)
        self.assertEqual(
            message_store.Page([], False), self.list(offset=2 ** 31 - 1))

    def test_equal_is_exactly_equal(self):
        for text in filter(None, TEXTS):
            self.assertEqual(
                self.expect(lambda one: one.resource_uuid == text),
                self.filtered(('resource_uuid', 'eq', text)), text)
        self.assertEqual([], self.filtered(('resource_uuid', 'eq', 'b ')))

    def test_not_equal_leaves_out_what_has_no_value(self):
        self.assertEqual(
            self.expect(lambda one: one.resource_uuid not in (None, 'a')),
            self.filtered(('resource_uuid', 'neq', 'a')))

    def test_all_filters_must_hold(self):
        self.assertEqual(
            self.expect(lambda one: one.resource_uuid == 'a' and
                        one.created_at == at(1)),
            self.filtered(('resource_uuid', 'eq', 'a'),
                          ('created_at', 'eq', at(1))))

    def test_filters_hide_other_projects(self):
        condition = ('resource_uuid', 'eq', 'a')

        self.assertEqual({fixtures.OWN}, {
            one.project_id for one in self.filtered(condition)})
        self.assertEqual({fixtures.OWN, fixtures.OTHER}, {
            one.project_id
            for one in self.filtered(condition, project_id=None)})

    def test_times_compare_by_the_microsecond(self):
        for op, holds in (('gt', lambda one: one.created_at > at(2)),
                          ('gte', lambda one: one.created_at >= at(2)),
                          ('lt', lambda one: one.created_at < at(2)),
                          ('lte', lambda one: one.created_at <= at(2)),
                          ('eq', lambda one: one.created_at == at(2)),
                          ('neq', lambda one: one.created_at != at(2))):
            self.assertEqual(self.expect(holds),
                             self.filtered(('created_at', op, at(2))), op)

    def test_like_matches_a_part_and_no_patterns(self):
        named = [fixtures.make_message(resource_uuid=text, expires_at=LATER)
                 for text in ('100%', '100_1', '100x1', 'a/b', 'a\\b', 'a%b',
                              'x%Yz', "it's", '\U0001f600')]
        self.store.create(named)

        for part in ('%', '_', '/', '\\', '100', '0_', '%Y', '%y', "'",
                     'a/', '/%', '\\_', '\U0001f600', 'A'):
            self.assertEqual(
                {one.id for one in named + self.messages
                 if part in (one.resource_uuid or '')},
                {one.id for one in
                 self.filtered(('resource_uuid', 'like', part))}, part)


class TestListSQLite(ListTests, base.TestCase):
    backend = 'sqlite'


class TestListMySQL(ListTests, base.TestCase):
    backend = 'mysql'


class TestListPostgreSQL(ListTests, base.TestCase):
    backend = 'postgresql'
