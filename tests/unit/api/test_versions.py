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

"""The discovery document."""

from cinder_messages.api import versions
from tests import base


class TestDocument(base.TestCase):

    def test_self_link_is_below_the_base(self):
        version, = versions.document('https://x/api')['versions']
        self.assertEqual('https://x/api/v3/', version['links'][1]['href'])

    def test_range_is_the_one_that_is_served(self):
        version, = versions.document('')['versions']
        self.assertEqual(('3.0', '3.71'),
                         (version['min_version'], version['version']))
