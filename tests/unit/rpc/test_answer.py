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

"""The emitter's side of an answer."""

from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import contract
from tests import base
from tests.unit.rpc.test_contract import primitive

ID = '5429fffa-5c76-4d68-a671-37a8e24f37cf'
OTHER = '6429fffa-5c76-4d68-a671-37a8e24f37cf'


def answer(stored=0, duplicates=0, rejected=(), **more):
    return {'stored': stored, 'duplicates': duplicates,
            'rejected': list(rejected), **more}


def rejection(message_id=ID, code='INVALID_REPORT', reason='no', **more):
    return {'id': message_id, 'code': code, 'reason': reason, **more}


class TestAnswer(base.TestCase):

    def parse(self, reply, *batch):
        return rpc_answer.parse_answer(reply, batch)

    def test_unknown_keys_of_a_newer_writer_are_ignored(self):
        self.assertEqual(
            answer(1, 0, [rejection()], suppressed=0),
            self.parse(answer(1, 0, [rejection(key=1)], key=[]),
                       primitive(), primitive(id=OTHER)))

    def test_the_answer_of_a_writer_of_version_1_0(self):
        unknown = "Event '000099' is not permitted. Permitted are: 000001"
        reply = answer(1, 1, [{'id': ID, 'reason': unknown},
                              {'id': OTHER, 'reason': 'no'}], suppressed=2)

        parsed = self.parse(reply, primitive(), primitive(id=OTHER),
                            *[primitive(id='x')] * 4)

        self.assertEqual(2, parsed['suppressed'])
        self.assertEqual([contract.UNKNOWN_EVENT, contract.INVALID_REPORT],
                         [one['code'] for one in parsed['rejected']])

    def test_an_answer_must_add_up(self):
        for reply in (answer(), answer(1), answer(2, 1), answer(0, 1),
                      answer(1, 0, suppressed=2)):
            self.assertRaises(ValueError, self.parse, reply,
                              primitive(), primitive(id=OTHER))

    def test_only_reports_that_were_sent_can_be_rejected(self):
        for rejected in ([rejection(OTHER)], [rejection(None)]):
            self.assertRaises(ValueError, self.parse,
                              answer(0, 0, rejected), primitive())
        self.assertRaises(ValueError, self.parse, answer(
            0, 0, [rejection(), rejection()]), primitive(),
            primitive(id=OTHER))

    def test_a_malformed_id_is_rejected_without_it(self):
        self.parse(answer(0, 0, [rejection(None)]), primitive(id='x y'))

    def test_malformed_answers_are_refused(self):
        for reply in (None, [], 'ok', {}, {'stored': 2},
                      answer('1'), answer(True), answer(-1), answer(1.0),
                      answer(1001), answer(10 ** 30), answer(None),
                      answer(suppressed='1'), answer(suppressed=None),
                      {**answer(), 'rejected': 1}, answer(rejected=['a']),
                      answer(rejected=[{}]), answer(rejected=[[]]),
                      answer(rejected=[rejection('a\nb')]),
                      answer(rejected=[rejection('x' * 37)]),
                      answer(rejected=[rejection(7)]),
                      answer(rejected=[rejection(code='a b')]),
                      answer(rejected=[rejection(code='X' * 40)]),
                      answer(rejected=[rejection(code=1)]),
                      answer(rejected=[rejection(reason=None)]),
                      answer(rejected=[rejection()] * 1001)):
            with self.subTest(reply=repr(reply)[:80]):
                self.assertRaises(
                    ValueError, rpc_answer.parse_answer, reply)

    def test_a_long_reason_is_cut(self):
        parsed = rpc_answer.parse_answer(
            answer(rejected=[rejection(reason='x' * 10 ** 6)]))
        self.assertEqual(contract.MAX_REASON,
                         len(parsed['rejected'][0]['reason']))

    def test_a_code_of_a_newer_writer_is_kept(self):
        parsed = rpc_answer.parse_answer(
            answer(rejected=[rejection(code='TOO_PINK')]))
        self.assertEqual('TOO_PINK', parsed['rejected'][0]['code'])
