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

import datetime

from cinder_messages import exception
from cinder_messages.message import model
from cinder_messages.rpc import contract
from tests import base

ID = '5429fffa-5c76-4d68-a671-37a8e24f37cf'


def primitive(**changes):
    """A minimal message as it travels, with some keys changed or dropped."""
    result = {'id': ID, 'project_id': 'p', 'event_id': '000002',
              'created_at': '2026-11-24T00:29:10.180000', **changes}
    return {key: value for key, value in result.items() if value is not ...}


class TestContract(base.TestCase):

    def test_a_message_survives_the_way(self):
        message = model.Message(
            id=ID, project_id='p', event_id='000002', message_level='INFO',
            resource_type='VOLUME', resource_uuid='v', request_id='req-1',
            user_id='u',
            created_at=datetime.datetime(2026, 11, 24, 0, 29, 10, 180000))

        self.assertEqual(
            message, contract.from_primitive(contract.to_primitive(message)))

    def test_empty_fields_do_not_travel(self):
        message = contract.from_primitive(primitive(message_level=...))

        self.assertEqual(primitive(message_level='ERROR'),
                         contract.to_primitive(message))

    def test_a_newer_emitter_may_send_more_keys(self):
        contract.from_primitive(primitive(colour={'of': ['the', 'sky']}))

    def test_what_the_writer_decides_cannot_be_sent(self):
        message = contract.from_primitive(primitive(
            expires_at='9999-01-01T00:00:00', action_id='001',
            detail_id='001', deleted=True))

        self.assertIsNone(message.expires_at)
        self.assertIsNone(message.action_id)
        self.assertIsNone(message.detail_id)

    def test_times_are_taken_to_utc(self):
        message = contract.from_primitive(
            primitive(created_at='2026-11-24T01:00:00+02:00'))

        self.assertEqual(datetime.datetime(2026, 11, 23, 23),
                         message.created_at)

    def test_what_has_not_the_form_is_refused(self):
        hostile = {
            'not an object': [],
            'nothing': None,
            'no id': primitive(id=...),
            'null id': primitive(id=None),
            'id no uuid': primitive(id='x' * 36),
            'id in capitals': primitive(id=ID.upper()),
            'id in braces': primitive(id='{%s}' % ID),
            'no project': primitive(project_id=...),
            'empty project': primitive(project_id=''),
            'project a list': primitive(project_id=['p']),
            'project with a blank behind': primitive(project_id='p '),
            'project with NUL': primitive(project_id='p\0'),
            'project half a surrogate pair': primitive(project_id='\ud800'),
            'no event': primitive(event_id=...),
            'huge request id': primitive(request_id='r' * 256),
            'huge type': primitive(resource_type='t' * 37),
            'a sentence': primitive(resource_uuid='disk full on host7'),
            'level a number': primitive(message_level=3),
            'no time': primitive(created_at=...),
            'time a number': primitive(created_at=1),
            'time no time': primitive(created_at='yesterday'),
            'time before 1970': primitive(created_at='0001-01-01T00:00:00'),
            'time outside of UTC': primitive(
                created_at='0001-01-01T00:00:00+14:00'),
        }
        for name, value in hostile.items():
            with self.subTest(name):
                self.assertRaises(exception.InvalidMessage,
                                  contract.from_primitive, value)

    def test_a_refusal_repeats_nothing(self):
        error = self.assertRaises(
            exception.InvalidMessage, contract.from_primitive,
            primitive(resource_uuid='secret sentence'))

        self.assertNotIn('secret', str(error))

    def test_an_answer_is_taken_as_it_is(self):
        answer = {'stored': 1, 'duplicates': 0, 'suppressed': 2,
                  'rejected': [{'id': ID, 'reason': 'no'}]}

        self.assertEqual(answer, contract.parse_answer(
            {**answer, 'of a newer writer': True}))

    def test_an_answer_that_is_none_is_no_answer(self):
        for reply in (None, [], 'ok', {}, {'stored': 2},
                      {'stored': 'x', 'duplicates': 0, 'rejected': []},
                      {'stored': 1, 'duplicates': 0, 'rejected': ['a']},
                      {'stored': 1, 'duplicates': 0, 'rejected': 1}):
            with self.subTest(reply=reply):
                self.assertRaises(
                    ValueError, contract.parse_answer, reply)


class TestTurn(base.TestCase):

    def test_it_travels_from_the_second_on(self):
        self.assertEqual({}, contract.Turn('b', 1).to_primitive())
        for turn in contract.Turn(), contract.Turn('b', 2):
            self.assertEqual(
                turn, contract.Turn.from_primitive(turn.to_primitive()))

    def test_what_has_not_the_form_is_refused(self):
        for odd in ({'burst': 'b'}, {'nth': '2'}, {'burst': 'b', 'nth': 2},
                    {'burst': '', 'nth': '2'}, {'burst': 'x' * 37, 'nth': '2'},
                    {'burst': 'b', 'nth': '-2'}, {'burst': [], 'nth': {}},
                    {'burst': 'b', 'nth': '1' * 10},
                    {'burst': 'b', 'nth': '\u0662'}):
            self.assertRaises(exception.InvalidMessage,
                              contract.Turn.from_primitive, odd)
