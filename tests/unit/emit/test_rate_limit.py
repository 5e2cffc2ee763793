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

import collections

import fixtures

from cinder_messages.emit import rate_limit
from tests import base


class TestRateLimit(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 1000.0

    def make_limit(self, rate):
        return rate_limit.RateLimit(rate, lambda: self.now)

    def test_zero_is_no_limit(self):
        limit = self.make_limit(0)
        self.assertTrue(all(limit.admit('p') for _ in range(2000)))
        self.assertEqual([], limit.summaries(is_end=True))

    def test_each_project_has_its_rate_a_minute(self):
        limit = self.make_limit(3)
        admitted = collections.Counter(
            project for _ in range(2000) for project in 'pq'
            if limit.admit(project))
        self.assertEqual({'p': 3, 'q': 3}, admitted)

    def test_one_summary_a_minute_counts_the_rest(self):
        limit = self.make_limit(3)
        for _ in range(2000):
            limit.admit('loud')
        limit.admit('quiet')
        self.now += rate_limit.WINDOW - 1
        self.assertEqual([], limit.summaries())
        self.now += 1
        self.assertEqual([('loud', 1997)], limit.summaries())
        self.assertEqual([], limit.summaries())
        self.assertTrue(limit.admit('loud'))

    def test_a_report_ends_the_minute_too(self):
        limit = self.make_limit(1)
        for _ in range(3):
            limit.admit('p')
        self.now += rate_limit.WINDOW
        self.assertTrue(limit.admit('p'))
        self.assertEqual([('p', 2)], limit.summaries())

    def test_the_end_of_the_process_ends_the_minute(self):
        limit = self.make_limit(1)
        for _ in range(3):
            limit.admit('p')
        self.assertEqual([('p', 2)], limit.summaries(is_end=True))
        self.assertTrue(limit.admit('p'))

    def test_memory_is_bounded_and_no_report_uncounted(self):
        self.useFixture(fixtures.MockPatchObject(
            rate_limit, 'MAX_PROJECTS', 10))
        limit = self.make_limit(1)
        for number in range(1000):
            for _ in range(2):
                limit.admit(str(number))
        self.assertEqual(10, len(limit._counts))
        self.assertEqual([(str(number), 1) for number in range(1000)],
                         limit.summaries(is_end=True))
