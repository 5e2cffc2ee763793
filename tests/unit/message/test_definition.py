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

import copy
import pickle

from cinder_messages.message import definition
from tests import base

DEFINITION = definition.Definition(
    '999', 'A text.', exceptions=('SomethingFailed',), reason='A_REASON',
    remedy='A remedy.', retry=definition.NEVER)
ACTION = definition.Action('998', 'Doing it', name='DO_IT')


class TestDefinition(base.TestCase):

    def assertSame(self, other):
        self.assertEqual('999', other)
        self.assertEqual('A text.', other.text)
        self.assertEqual(('SomethingFailed',), other.exceptions)
        self.assertEqual('A_REASON', other.reason)
        self.assertEqual('A_REASON', other.name)
        self.assertEqual('A remedy.', other.remedy)
        self.assertEqual('never', other.retry)

    def test_is_its_id(self):
        self.assertEqual('999', DEFINITION)
        self.assertEqual('VOLUME_999', f'VOLUME_{DEFINITION}')
        self.assertEqual({'999': 1}, {DEFINITION: 1})

    def test_can_be_copied(self):
        self.assertSame(copy.copy(DEFINITION))
        self.assertSame(copy.deepcopy({'event': DEFINITION})['event'])

    def test_can_be_pickled(self):
        self.assertSame(pickle.loads(pickle.dumps(DEFINITION)))

    def test_an_action_can_be_copied(self):
        for other in (copy.deepcopy(ACTION), copy.copy(ACTION),
                      pickle.loads(pickle.dumps(ACTION))):
            self.assertEqual('998', other)
            self.assertEqual('Doing it', other.text)
            self.assertEqual('DO_IT', other.name)
            self.assertIsInstance(other, definition.Action)

    def test_all_but_id_and_text_may_be_left_out(self):
        one = definition.Definition('999', 'A text.')
        self.assertEqual(('', '', 'later', ()), (
            one.reason, one.remedy, one.retry, one.exceptions))

    def test_collect_finds_definitions_only(self):
        self.assertEqual(
            (DEFINITION,), definition.collect({'A': DEFINITION, 'B': '998'}))
