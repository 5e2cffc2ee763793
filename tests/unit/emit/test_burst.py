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

import fixtures

from cinder_messages.emit import burst
from tests import base


class TestBursts(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = self.useFixture(fixtures.MockPatchObject(
            burst.time, 'monotonic', return_value=1000.0)).mock
        self.bursts = burst.Bursts()

    def test_projects_are_numbered_each_for_itself(self):
        numbers = [self.bursts.next(project_id).number
                   for project_id in 'ppqp']
        self.assertEqual([1, 2, 1, 3], numbers)

    def test_after_a_minute_it_begins_again(self):
        first, same = self.bursts.next('p'), self.bursts.next('p')
        self.now.return_value += burst.LENGTH
        later = self.bursts.next('p')
        self.assertEqual((first.burst, 2), same)
        self.assertEqual(1, later.number)
        self.assertNotEqual(first.burst, later.burst)

    def test_two_processes_have_bursts_of_their_own(self):
        self.assertNotEqual(self.bursts.next('p').burst,
                            burst.Bursts().next('p').burst)
