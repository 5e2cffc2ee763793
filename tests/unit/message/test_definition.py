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
    '999', 'A text.', exceptions=('SomethingFailed',))


class TestDefinition(base.TestCase):

    def assertSame(self, other):
        self.assertEqual('999', other)
        self.assertEqual('A text.', other.text)
        self.assertEqual(('SomethingFailed',), other.exceptions)

    def test_is_its_id(self):
        self.assertEqual('999', DEFINITION)
        self.assertEqual('VOLUME_999', f'VOLUME_{DEFINITION}')
        self.assertEqual({'999': 1}, {DEFINITION: 1})

    def test_can_be_copied(self):
        self.assertSame(copy.copy(DEFINITION))
        self.assertSame(copy.deepcopy({'event': DEFINITION})['event'])

    def test_can_be_pickled(self):
        self.assertSame(pickle.loads(pickle.dumps(DEFINITION)))

    def test_collect_finds_definitions_only(self):
        self.assertEqual(
            (DEFINITION,), definition.collect({'A': DEFINITION, 'B': '998'}))
