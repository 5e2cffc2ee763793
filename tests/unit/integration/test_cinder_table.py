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

"""What a row of Cinder's says, and what our table does not take."""

import collections
import datetime

from cinder_messages import exception
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base
from tests import cinder

CREATED_AT = datetime.datetime(2026, 11, 24, 0, 29, 10)
TTL = datetime.timedelta(seconds=1000)


class TestToMessage(base.TestCase):

    def convert(self, **values):
        values = cinder.make_row(**{'created_at': CREATED_AT, **values})
        row = collections.namedtuple('Row', values)(**values)
        return cinder_table.to_message(row, catalog.Catalog.builtin(), TTL)

    def test_empty_fields_are_none(self):
        message = self.convert(request_id='', resource_type='',
                               resource_uuid=None)

        self.assertEqual((None, None, None), (
            message.request_id, message.resource_type,
            message.resource_uuid))

    def test_levels_are_read_in_any_case(self):
        self.assertEqual(model.WARNING,
                         self.convert(message_level='warning').message_level)

    def test_without_expiry_it_lives_from_its_creation(self):
        self.assertEqual(CREATED_AT + TTL,
                         self.convert(expires_at=None).expires_at)

    def test_times_may_be_text(self):
        message = self.convert(created_at='2026-11-24 00:29:10.000000',
                               expires_at='2026-12-24 00:29:10')

        self.assertEqual(
            (CREATED_AT, datetime.datetime(2026, 12, 24, 0, 29, 10)),
            (message.created_at, message.expires_at))

    def test_flat_events_are_known_in_the_form_of_older_cinders(self):
        message = self.convert(event_id='VOLUME_000002', action_id='',
                               detail_id='9')

        self.assertEqual(
            ('VOLUME_000002', None, None),
            (message.event_id, message.action_id, message.detail_id))
        self.assertIn('No storage could be allocated',
                      catalog.Catalog.builtin().text(message.event_id))

    def test_an_event_has_its_action_and_detail(self):
        message = self.convert(action_id=None, detail_id=None)

        self.assertEqual(('001', '003'),
                         (message.action_id, message.detail_id))

    def test_an_unknown_event_keeps_what_it_has(self):
        message = self.convert(event_id='VOLUME_VOLUME_001_999',
                               detail_id='999')

        self.assertEqual(
            ('VOLUME_VOLUME_001_999', '001', '999'),
            (message.event_id, message.action_id, message.detail_id))

    def test_an_event_is_composed_where_it_is_missing(self):
        self.assertEqual('VOLUME_VOLUME_001_003',
                         self.convert(event_id='').event_id)
        for name in ('resource_type', 'action_id', 'detail_id'):
            self.assertRefused('event_id', event_id='', **{name: ''})

    def assertRefused(self, column, **values):
        refused = self.assertRaises(
            cinder_table.UnusableRow, self.convert, **values)
        self.assertEqual(column, str(refused))

    def test_what_is_no_id_is_refused(self):
        for name, length in (
                ('id', 36), ('project_id', 255), ('event_id', 255),
                ('action_id', 10), ('detail_id', 10), ('resource_type', 36),
                ('resource_uuid', 255), ('request_id', 255)):
            self.convert(**{'event_id': 'X', name: 'x' * length})
            for value in ('x' * (length + 1), 'two words', '\xe9', 'a\0',
                          b'bytes', 7):
                self.assertRefused(name, **{'event_id': 'X', name: value})

    def test_what_is_needed_and_empty_is_refused(self):
        for name in ('id', 'project_id'):
            for value in ('', None):
                self.assertRefused(name, **{name: value})

    def test_other_levels_are_refused(self):
        for value in ('LOUD', '', None, 3):
            self.assertRefused('message_level', message_level=value)

    def test_what_is_no_time_is_refused(self):
        for name in ('created_at', 'expires_at'):
            for value in ('soon', '', 7, datetime.datetime(1969, 1, 1),
                          '0000-00-00 00:00:00',
                          datetime.datetime(2026, 1, 1,
                                            tzinfo=datetime.UTC)):
                self.assertRefused(name, **{name: value})
        self.assertRefused('created_at', created_at=None)

    def test_a_time_too_far_away_is_refused(self):
        self.assertRefused('created_at', expires_at=None,
                           created_at=datetime.datetime.max)


class TestCinderTable(base.TestCase):

    def refused(self, connection, error=exception.InvalidConfiguration):
        def check():
            cinder_table.CinderTable(connection, 'here').check()

        refused = str(self.assertRaises(error, check))
        self.assertIn('here', refused)
        self.assertNotIn('secret', refused)
        return refused

    def test_a_url_that_is_none_is_refused(self):
        for connection in ('', 'secret', 'mysql+pymysql://u:secret@h:port/x',
                           'pigeon://u:secret@h/cinder'):
            self.assertIn('is not the URL', self.refused(connection))

    def test_a_driver_that_is_not_here_is_named(self):
        self.assertIn('cymysql',
                      self.refused('mysql+cymysql://u:secret@h/cinder'))

    def test_a_file_that_is_not_there_is_not_made(self):
        for connection in ('sqlite:////nowhere/cinder.sqlite', 'sqlite://'):
            self.assertIn('there is no file', self.refused(connection))

    def test_a_server_that_is_not_there_is_said_to_be_away(self):
        for driver in ('mysql+pymysql', 'postgresql+psycopg'):
            self.refused(f'{driver}://u:secret@127.0.0.1:1/cinder',
                         exception.DatabaseUnavailable)

    def test_a_plugin_of_cinder_is_not_needed(self):
        self.assertIn('there is no file', self.refused(
            'sqlite:////nowhere/cinder.sqlite?plugin=dbcounter'))
