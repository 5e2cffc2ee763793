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

"""Messages of both kinds of services, and folding."""

import datetime

from cinder_messages.client import message
from tests import base
from tests.unit.client import fakes


def parse(number, **values):
    return message.parse(fakes.body(number, **values))


class TestParse(base.TestCase):

    def test_fields_of_the_opt_in_item(self):
        parsed = message.parse(fakes.extended_body(1, count='7'))
        self.assertEqual(
            ('Allocating storage', 'No room.', 'Ask for less.', 7),
            (parsed.what, parsed.why, parsed.remedy, parsed.count))
        self.assertIn('only after a change', parsed.try_again)

    def test_words_of_a_cinder_are_split(self):
        for event_id, text, what, why in (
                ('VOLUME_VOLUME_001_003',
                 'schedule allocate volume:Could not find: it.',
                 'schedule allocate volume', 'Could not find: it.'),
                ('VOLUME_VOLUME_BACKUP_013_024', 'create backup:No service.',
                 'create backup', 'No service.'),
                ('000002', 'No storage: none.', '', 'No storage: none.'),
                ('VOLUME_000002', 'No storage: none.', '',
                 'No storage: none.'),
                ('VOLUME_VOLUME_001_003', 'unknown', '', 'unknown')):
            with self.subTest(event_id):
                parsed = parse(1, event_id=event_id, user_message=text)
                self.assertEqual((what, why, '', ''), (
                    parsed.what, parsed.why, parsed.remedy,
                    parsed.try_again))

    def test_ids_of_a_pair(self):
        parsed = parse(1, event_id='VOLUME_VOLUME_GROUP_SNAPSHOT_101_003')
        self.assertEqual(('101', '003'), (parsed.action_id, parsed.detail_id))
        parsed = parse(1, event_id='000002')
        self.assertEqual(('', ''), (parsed.action_id, parsed.detail_id))

    def test_odd_answers_are_shown_all_the_same(self):
        for values in ({'created_at': None, 'user_message': None},
                       {'created_at': 'never', 'event_id': None},
                       {'count': 'many'}, {'count': 0}):
            with self.subTest(values):
                body = {'id': 'x', **values}
                parsed = message.parse(body)
                self.assertIsNone(parsed.created_at)
                self.assertEqual(('x', '', 1),
                                 (parsed.id, parsed.why, parsed.count))

    def test_a_retry_of_a_newer_service_is_shown_as_it_is(self):
        self.assertEqual('maybe', parse(1, retry='maybe').try_again)

    def test_text_is_safe_for_a_terminal(self):
        parsed = parse(1, user_message='a:\x1b]0;x\x07', request_id='\x1bc')
        self.assertEqual(r'\x1b]0;x\x07', parsed.why)
        self.assertEqual(r'\x1bc', parsed.get('request_id'))


class TestFold(base.TestCase):

    def test_equal_ones_become_one_entry(self):
        entries = message.fold([
            parse(5), parse(4, resource_uuid='volume-2'), parse(3), parse(1)])
        self.assertEqual(
            [('message-005', 3), ('message-004', 1)],
            [(entry.newest.id, entry.count) for entry in entries])
        self.assertEqual(fakes.START + datetime.timedelta(minutes=1),
                         entries[0].first_at)
        self.assertEqual(('message-005', 'message-003', 'message-001'),
                         entries[0].ids)

    def test_a_summary_counts_what_it_stands_for(self):
        [entry] = message.fold([parse(2, count=40), parse(1)])
        self.assertEqual(41, entry.count)

    def test_different_ones_are_kept_apart(self):
        for name, value in (('event_id', '000002'),
                            ('message_level', 'WARNING'),
                            ('user_message', 'other'),
                            ('resource_type', 'VOLUME_BACKUP'),
                            ('host', 'a@b')):
            with self.subTest(name):
                self.assertEqual(2, len(message.fold(
                    [parse(2), parse(1, **{name: value})])))

    def test_a_failure_comes_before_newer_warnings(self):
        entries = message.failures_first(message.fold([
            parse(4, message_level='INFO'), parse(3, message_level='WARNING'),
            parse(2), parse(1, event_id='000002')]))
        self.assertEqual(
            ['message-002', 'message-004', 'message-003', 'message-001'],
            [entry.newest.id for entry in entries])
        self.assertEqual([], message.failures_first([]))
