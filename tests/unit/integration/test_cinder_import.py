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

"""What an import keeps in mind of what it refuses."""

from cinder_messages.integration import cinder_import
from tests import base


class TestTally(base.TestCase):

    def test_it_counts_all_and_keeps_the_first_names(self):
        tally = cinder_import.Tally()
        for number in range(cinder_import.MAX_NAMES + 3):
            tally.add(f'name {number}')
        tally.add('name 0')

        self.assertEqual(cinder_import.MAX_NAMES, len(tally.names))
        self.assertEqual(cinder_import.MAX_NAMES + 4, tally.total)
        self.assertRegex(str(tally), r'^name 0 \(2\), name 1, .* and 3 more$')
