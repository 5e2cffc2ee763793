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


"""What hostile queries leave in the caches of a process."""

import functools
import gc

import fixtures

from benchmarks import hostile_queries
from tests import base
from tests.functional import fixtures as api_fixtures

# Entries of all caches together, each a statement or a short header.
MOST = 5000


def find_caches():
    """The functions of ours that remember their results."""
    return {f'{found.__module__}.{found.__qualname__}': found
            for found in gc.get_objects()
            if isinstance(found, functools._lru_cache_wrapper)
            and str(found.__module__).startswith('cinder_messages')}


class TestCaches(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        served = api_fixtures.AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)

    def ask(self, count, seed):
        statuses = {
            hostile_queries.ask(api_fixtures.AppFixture.application,
                                query, headers)
            for query, headers in hostile_queries.make_queries(
                count, api_fixtures.MESSAGES[0].id, seed)}
        self.assertIn('200', statuses)
        self.assertLessEqual(statuses, {'200', '400', '404'})

    def test_each_is_bounded_and_holds_no_long_key(self):
        self.ask(600, 1)
        caches = find_caches()
        self.assertGreater(len(caches), 2)
        for name, cache in caches.items():
            size = cache.cache_info()
            self.assertLessEqual(size.currsize, size.maxsize or 100, name)
            for key in gc.get_referents(cache):
                if isinstance(key, dict):
                    longest = max(map(len, map(repr, key)), default=0)
                    self.assertLess(longest, 5000, name)
        self.assertLess(sum(cache.cache_info().currsize
                            for cache in caches.values()), MOST)
