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

from cinder_messages import exception
from cinder_messages.rpc import transport
from tests import base


class TestCheckURL(base.TestCase):

    def refused(self, url):
        return str(self.assertRaises(
            exception.InvalidConfiguration, transport.check_url, self.conf,
            url, '[x] transport_url'))

    def test_what_can_work(self):
        for url in (None, 'rabbit://guest:guest@127.0.0.1:5672/', 'fake://'):
            transport.check_url(self.conf, url, 'x')

    def test_what_is_no_url(self):
        refused = self.refused('secret')

        self.assertIn('[x] transport_url is not', refused)
        self.assertNotIn('secret', refused)

    def test_a_driver_that_is_not_there(self):
        refused = self.refused('pigeon://user:secret@host/')

        self.assertIn("'pigeon'", refused)
        self.assertIn('rabbit', refused)
        self.assertNotIn('secret', refused)
