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

"""Filters of the service where it has them, and of the client elsewhere."""

import datetime

from cinder_messages.client import selection
from cinder_messages.client import service
from tests import base
from tests.unit.client import fakes

BODIES = (
    fakes.extended_body(1),
    fakes.extended_body(2, resource_uuid='volume-2', message_level='WARNING'),
    fakes.extended_body(3, action='EXTEND_VOLUME', reason='DRIVER_FAILED',
                        event_id='VOLUME_VOLUME_007_010'),
    fakes.extended_body(4, request_id='req-x', global_request_id='req-g'),
    fakes.extended_body(5, request_id='req-g'),
)


class SelectionTestCase(base.TestCase):

    extended = True

    def setUp(self):
        super().setUp()
        self.adapter = fakes.Adapter(BODIES, self.extended)
        self.service = service.MessageService(self.adapter)

    def select(self, size=200, marker=None, **values):
        return [each.id[-1] for each in selection.select(
            self.service, selection.Selection(**values), size, marker)]


class TestSelect(SelectionTestCase):

    def test_filters(self):
        for values, expected in (
                ({}, '54321'),
                ({'resource_uuid': 'volume-2'}, '2'),
                ({'resource_type': 'VOLUME_BACKUP'}, ''),
                ({'level': 'WARNING'}, '2'),
                ({'action': 'EXTEND_VOLUME'}, '3'),
                ({'reason': 'DRIVER_FAILED'}, '3'),
                ({'reason': '010'}, '3'),
                ({'reason': '10', 'action': '7'}, '3'),
                ({'reason': '10', 'action': '8'}, ''),
                ({'request_id': 'req-x'}, '4'),
                ({'request_id': 'req-none'}, ''),
                ({'since': fakes.START + datetime.timedelta(minutes=4)},
                 '54')):
            with self.subTest(values):
                self.assertEqual(expected, ''.join(self.select(**values)))

    def test_since_ends_the_list_early(self):
        self.select(size=1, since=fakes.START + datetime.timedelta(minutes=5))
        lists = [each for each in self.adapter.requests if each['limit']]
        self.assertEqual(2, len(lists))

    def test_since_in_another_order(self):
        self.assertEqual(list('45'), self.select(
            since=fakes.START + datetime.timedelta(minutes=4),
            sort=(('created_at', False),)))

    def test_both_ids_of_a_request_are_merged_in_order(self):
        self.assertEqual(list('54'), self.select(request_id='req-g'))
        self.assertEqual(list('45'), self.select(
            request_id='req-g', sort=(('created_at', False),)))
        self.adapter.bodies.append(fakes.extended_body(
            6, request_id='req-g', global_request_id='req-g'))
        self.assertEqual(list('654'), self.select(request_id='req-g'))

    def test_projects(self):
        for values, expected in (
                ({}, {}),
                ({'all_projects': True}, {'all_tenants': '1'}),
                ({'project_id': 'p'},
                 {'all_tenants': '1', 'project_id': 'p'}),
                ({'own_project_id': 'o'}, {})):
            with self.subTest(values):
                self.select(**values)
                self.assertEqual(
                    {'limit': 200, 'sort': 'created_at:desc', **expected},
                    self.adapter.requests[-1])


class TestSelectFromCinder(SelectionTestCase):

    extended = False

    def test_numbers_select_without_the_service(self):
        self.assertEqual(['3'], self.select(reason='010'))
        self.assertEqual(['3'], self.select(action='7'))
        self.adapter.bodies.append(fakes.body(6, event_id='000010'))
        self.assertEqual(['3'], self.select(reason='010'))

    def test_names_cannot_select(self):
        for name in 'action', 'reason':
            error = self.assertRaises(
                selection.InvalidFilter, self.select, **{name: 'X'})
            self.assertIn(f'the {name} by name', str(error))

    def test_only_the_request_id_is_known(self):
        self.assertEqual(['5'], self.select(request_id='req-g'))

    def test_lists_are_confined_to_the_own_project(self):
        for values, expected in (
                ({'own_project_id': 'o'}, {'project_id': 'o'}),
                ({'own_project_id': 'o', 'all_projects': True}, {}),
                ({'own_project_id': 'o', 'project_id': 'p'},
                 {'project_id': 'p'}),
                ({}, {})):
            with self.subTest(values):
                self.select(**values)
                self.assertEqual(
                    {'limit': 200, 'sort': 'created_at:desc', **expected},
                    self.adapter.requests[-1])


class TestType(SelectionTestCase):

    def check(self, type_, **values):
        selection.check_type(self.service, selection.Selection(
            resource_type=type_, **values))

    def test_known_types_need_no_request(self):
        for type_ in (None, 'VOLUME', 'VOLUME_GROUP_SNAPSHOT'):
            self.check(type_)
        self.assertEqual([], self.adapter.requests)

    def test_types_of_extensions_are_known_by_their_messages(self):
        self.adapter.bodies.append(
            fakes.extended_body(6, resource_type='SHARE'))
        # An old message is enough.
        self.check('SHARE', since=fakes.START + datetime.timedelta(days=1))

        error = self.assertRaises(
            selection.InvalidFilter, self.check, 'NOPE')
        self.assertEqual(
            "'nope' is no type of resource; the types are volume, snapshot, "
            'backup, group, group_snapshot.', str(error))


class TestNormalize(base.TestCase):

    def test_types(self):
        for text, expected in (
                ('volume', 'VOLUME'), ('snapshot', 'VOLUME_SNAPSHOT'),
                ('Backup', 'VOLUME_BACKUP'), ('group', 'VOLUME_GROUP'),
                ('group-snapshot', 'VOLUME_GROUP_SNAPSHOT'),
                ('volume_snapshot', 'VOLUME_SNAPSHOT'),
                ('share', 'SHARE')):
            with self.subTest(text):
                self.assertEqual(expected, selection.normalize_type(text))

    def test_levels(self):
        self.assertEqual('ERROR', selection.normalize_level('error'))
        error = self.assertRaises(
            selection.InvalidFilter, selection.normalize_level, 'fatal')
        self.assertIn('ERROR, WARNING, INFO', str(error))

    def test_names(self):
        self.assertEqual('EXTEND_VOLUME',
                         selection.normalize_name('extend-volume'))

    def test_sort(self):
        self.assertEqual(
            (('created_at', False), ('event_id', True), ('id', True)),
            selection.parse_sort('created_at:asc, event_id:desc,id'))
        for text in ('', ',', 'a:b', ':asc', 'created_at:asc,'):
            self.assertRaises(selection.InvalidFilter, selection.parse_sort,
                              text)
