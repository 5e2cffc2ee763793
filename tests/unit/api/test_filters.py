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

"""Which filters users may use."""

import json
import logging
import os

import fixtures

from cinder_messages.api import filters
from cinder_messages import exception
from tests import base


class TestNames(base.TestCase):

    def _file(self, text):
        path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'filters.json')
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write(text)
        return path

    def test_all_filters_by_default(self):
        names = filters.default_names()
        self.assertEqual(set(filters.FILTERS),
                         {name for name in names if not name.endswith('~')})
        self.assertIn('resource_uuid~', names)
        self.assertNotIn('message_level~', names)

    def test_file_permits_what_it_names(self):
        path = self._file(json.dumps(
            {'volume': ['name'], 'message': ['event_id', 'request_id~']}))
        self.assertEqual({'event_id', 'request_id', 'request_id~'},
                         filters.load_names(path))

    def test_file_without_messages_permits_nothing(self):
        self.assertEqual(
            set(), filters.load_names(self._file('{"volume": ["name"]}')))

    def test_unknown_filter_is_logged(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))
        filters.load_names(self._file('{"message": ["colour~"]}'))
        self.assertIn('colour', log.output)

    def test_file_that_cannot_be_understood_is_named(self):
        for text in ('', '[]', '{"message": 1}', '{"message": [1]}',
                     '{"message": "event_id"}', '\udce4'.encode(
                         'utf-8', 'surrogateescape').decode('latin-1')):
            with self.subTest(text=text):
                path = self._file(text)
                error = self.assertRaises(exception.InvalidConfiguration,
                                          filters.load_names, path)
                self.assertIn(path, str(error))

    def test_file_that_is_not_there_is_named(self):
        error = self.assertRaises(exception.InvalidConfiguration,
                                  filters.load_names, '/nowhere.json')
        self.assertIn('/nowhere.json', str(error))
