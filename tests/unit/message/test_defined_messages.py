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

from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from tests import base

# What is promised for ever, written down a second time.
EVENTS = {
    'UNKNOWN_ERROR': '000001',
    'UNABLE_TO_ALLOCATE': '000002',
    'ATTACH_READONLY_VOLUME': '000003',
    'IMAGE_FROM_VOLUME_OVER_QUOTA': '000004',
    'UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED': '000005',
}
OF_THE_EMITTER = {'SUPPRESSED': '000006'}


class TestDefinedMessages(base.TestCase):

    def test_ids_stay_what_they_were(self):
        self.assertEqual({**EVENTS, **OF_THE_EMITTER}, {
            name: str(value) for name, value in vars(defined_messages).items()
            if isinstance(value, definition.Definition)})

    def test_each_is_collected(self):
        self.assertEqual(tuple(EVENTS.values()), defined_messages.DEFINITIONS)

    def test_text_of_the_first_example_stays(self):
        self.assertEqual(
            'No storage could be allocated for this volume request.',
            defined_messages.UNABLE_TO_ALLOCATE.text)
