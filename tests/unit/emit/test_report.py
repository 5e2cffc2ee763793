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
import json

from cinder_messages.emit import report
from cinder_messages.message import model
from cinder_messages.rpc import contract
from tests import base

NOW = datetime.datetime(2026, 11, 24, 0, 29, 10, 180000)


class TestReport(base.TestCase):

    def encode(self, **fields):
        message = model.Message(**{
            'id': 'i', 'project_id': 'p', 'event_id': '000002',
            'created_at': NOW, **fields})
        return message, report.encode(message)

    def test_fields_travel_as_the_contract_has_them(self):
        fields = {name: name for name in model.Message._fields
                  if name not in ('created_at', 'expires_at', 'count')}
        message, text = self.encode(expires_at=NOW, **fields)
        expected = {name: value for name, value in fields.items()
                    if name not in ('action_id', 'detail_id')}
        self.assertEqual({**expected, 'created_at': NOW.isoformat()},
                         json.loads(text))

    def test_it_is_what_the_contract_makes_of_it(self):
        message, text = self.encode(resource_type='VOLUME', request_id='r"\\')
        self.assertEqual(contract.to_primitive(message), json.loads(text))

    def test_a_trace_travels_beside_the_fields(self):
        message, _ = self.encode()
        trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        found = json.loads(report.encode(message, trace))
        self.assertEqual(
            {**contract.to_primitive(message), 'traceparent': trace}, found)
        self.assertEqual(trace, contract.get_traceparent(found))

    def test_empty_fields_are_left_out_and_a_count_is_text(self):
        _, text = self.encode(host='', count=7)
        self.assertEqual(
            {'id': 'i', 'created_at': NOW.isoformat(), 'project_id': 'p',
             'event_id': '000002', 'message_level': 'ERROR', 'count': '7'},
            json.loads(text))

    def test_it_is_one_line_of_ascii(self):
        _, text = self.encode(host='\n\u20ac"')
        self.assertTrue(text.isascii())
        self.assertNotIn('\n', text)
        self.assertEqual('\n\u20ac"', json.loads(text)['host'])
