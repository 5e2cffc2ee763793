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

    def test_every_field_is_carried(self):
        message = model.Message(
            id=ID, project_id='p', event_id='000002', message_level='INFO',
            resource_type='VOLUME', resource_uuid='v', request_id='req-1',
            user_id='u', count=7, global_request_id='req-2', host='h@b#p',
            created_at=datetime.datetime(2026, 11, 24, 0, 29, 10, 180000))

        sent = contract.to_primitive(message)

        self.assertEqual({str}, set(map(type, sent.values())))
        self.assertEqual(message, contract.from_primitive(sent))

    def test_empty_fields_are_left_out(self):
        message = contract.from_primitive(primitive(message_level=...))

        self.assertEqual(primitive(message_level='ERROR'),
                         contract.to_primitive(message))

    def test_unknown_keys_of_a_newer_emitter_are_ignored(self):
        contract.from_primitive(primitive(colour={'of': ['the', 'sky']}))

    def test_keys_of_an_older_emitter_are_ignored(self):
        self.assertEqual(
            contract.from_primitive(primitive()),
            contract.from_primitive(primitive(burst=[], nth='-7')))

    def test_what_the_writer_decides_cannot_be_sent(self):
        message = contract.from_primitive(primitive(
            expires_at='9999-01-01T00:00:00', action_id='001',
            detail_id='001', deleted=True))

        self.assertIsNone(message.expires_at)
        self.assertIsNone(message.action_id)
        self.assertIsNone(message.detail_id)

    def test_times_are_converted_to_utc(self):
        message = contract.from_primitive(
            primitive(created_at='2026-11-24T01:00:00+02:00'))

        self.assertEqual(datetime.datetime(2026, 11, 23, 23),
                         message.created_at)

    def test_absurd_times_are_accepted(self):
        for value in ('0001-01-01T00:00:00', '0001-01-01T00:00:00+14:00',
                      '9999-12-31T23:59:59-14:00', '0000-01-01T00:00:00',
                      '10000-01-01T00:00:00', '-0044-03-15T12:00:00Z',
                      '+1000000-01-01T00:00:00.5', '1969-12-31T23:59:59'):
            with self.subTest(value):
                self.assertLess(contract.from_primitive(
                    primitive(created_at=value)).created_at, model.EPOCH)

    def test_malformed_reports_are_refused(self):
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
            'project with a trailing blank': primitive(project_id='p '),
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
            'time no date': primitive(created_at='2026-02-30T00:00:00'),
            'count a number': primitive(count=3),
            'count zero': primitive(count='0'),
            'count negative': primitive(count='-1'),
            'count padded': primitive(count='01'),
            'count too large': primitive(count='1000000001'),
            'count huge': primitive(count='9' * 11),
            'count of other digits': primitive(count='\u0663'),
            'count in words': primitive(count='many'),
            'host a list': primitive(host=['h']),
            'host with a line feed': primitive(host='h\n'),
            'huge host': primitive(host='h' * 256),
            'huge global request id': primitive(global_request_id='r' * 256),
        }
        for name, value in hostile.items():
            with self.subTest(name):
                self.assertRaises(exception.InvalidMessage,
                                  contract.from_primitive, value)

    def test_count_has_bounds(self):
        for count in 1, 10 ** 9:
            self.assertEqual(count, contract.from_primitive(
                primitive(count=str(count))).count)

    def test_a_refusal_repeats_nothing(self):
        error = self.assertRaises(
            exception.InvalidMessage, contract.from_primitive,
            primitive(resource_uuid='secret sentence'))

        self.assertNotIn('secret', str(error))

    def test_a_malformed_traceparent_is_ignored(self):
        good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        self.assertEqual(good, contract.get_traceparent(
            primitive(traceparent=good)))
        for bad in (None, 7, '', good + '0', good.upper(), 'x' * 10 ** 6,
                    f'00-{"0" * 32}-b7ad6b7169203331-01', 'ff' + good[2:],
                    ['a']):
            self.assertIsNone(contract.get_traceparent(
                primitive(traceparent=bad)))
            contract.from_primitive(primitive(traceparent=bad))
