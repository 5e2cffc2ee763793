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

from cinder_messages.emit import spool
from tests import base


class TestSpool(base.TestCase):

    def test_keeps_the_order(self):
        waiting = spool.Spool(10)
        for number in 'abc':
            waiting.put({'id': number})

        self.assertEqual([{'id': 'a'}, {'id': 'b'}], waiting.peek(2))

    def test_an_entry_stays_until_it_is_forgotten(self):
        waiting = spool.Spool(10)
        waiting.put({'id': 'a'})
        waiting.put({'id': 'b'})

        self.assertEqual(waiting.peek(1), waiting.peek(1))
        waiting.forget(1)
        self.assertEqual([{'id': 'b'}], waiting.peek(5))

    def test_full_refuses_the_newest(self):
        waiting = spool.Spool(1)

        self.assertTrue(waiting.put({'id': 'a'}))
        self.assertFalse(waiting.put({'id': 'b'}))
        self.assertEqual([{'id': 'a'}], waiting.peek(5))

    def test_wait_empty(self):
        waiting = spool.Spool(1)
        self.assertTrue(waiting.wait_empty(0))
        waiting.put({'id': 'a'})
        self.assertFalse(waiting.wait_empty(0))
        waiting.forget(1)
        self.assertTrue(waiting.wait_empty(0))
