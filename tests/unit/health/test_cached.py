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

"""A check that costs little and never takes long."""

import threading

from cinder_messages.health import cached
from tests import base


class TestCachedCheck(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 100.0
        self.asked = 0
        self.error = None
        self.hang = None
        self.check = cached.CachedCheck(
            'The thing', self.ask, timeout=10, clock=lambda: self.now)

    def ask(self):
        self.asked += 1
        if self.hang:
            self.hang.wait(60)
        if self.error:
            raise self.error

    def test_what_is_there(self):
        result = self.check.result()
        self.assertTrue(result.available)
        self.assertEqual('The thing answers.', result.reason)

    def test_what_is_wrong_is_a_detail(self):
        self.error = ValueError('10.0.0.1 is down')
        result = self.check.result()
        self.assertFalse(result.available)
        self.assertEqual('The thing does not answer.', result.reason)
        self.assertEqual('10.0.0.1 is down', result.details)

    def test_an_error_without_a_text_is_one(self):
        self.error = ValueError()
        self.assertFalse(self.check.result().available)

    def test_a_result_holds_for_a_while(self):
        self.check.result()
        self.error = ValueError()
        self.assertTrue(self.check.result().available)
        self.assertEqual(1, self.asked)

        self.now += cached.CachedCheck.TTL

        self.assertFalse(self.check.result().available)
        self.assertEqual(2, self.asked)

    def test_one_that_hangs_is_waited_for_once(self):
        self.check = cached.CachedCheck('The thing', self.ask, timeout=0.01)
        self.hang = threading.Event()
        self.addCleanup(self.hang.set)

        self.assertIn('No answer', self.check.result().details)
        self.assertIn('not ended', self.check.result().details)
        self.assertEqual(1, self.asked)
