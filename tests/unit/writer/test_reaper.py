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

import threading

import fixtures

from cinder_messages.writer import reaper
from tests import base


class FakeStore:
    """Holds a number of expired messages."""

    def __init__(self, expired):
        self.expired = expired
        self.limits = []

    def delete_expired(self, limit):
        self.limits.append(limit)
        removed = min(limit, self.expired)
        self.expired -= removed
        return removed


class TestReaper(base.TestCase):

    def test_removes_batch_by_batch_until_nothing_is_left(self):
        store = FakeStore(expired=25)
        totals = []

        removed = reaper.Reaper(store, 60, 10).reap(totals.append)

        self.assertEqual(25, removed)
        self.assertEqual(0, store.expired)
        self.assertEqual([10, 10, 10], store.limits)
        self.assertEqual([10, 20, 25], totals)

    def test_stops_between_two_batches(self):
        store = FakeStore(expired=25)
        reaping = reaper.Reaper(store, 60, 10)

        removed = reaping.reap(lambda total: reaping.stop())

        self.assertEqual(10, removed)

    def test_reaps_in_the_background_and_survives_a_failure(self):
        class FailsOnce(FakeStore):
            def delete_expired(self, limit):
                if not self.limits:
                    self.limits.append(limit)
                    raise OSError('database away')
                removed = super().delete_expired(limit)
                reaping._stopping.set()
                return removed

        store = FailsOnce(expired=5)
        reaping = reaper.Reaper(store, 0.01, 10)
        reaping.start()
        reaping._thread.join(60)

        self.assertFalse(reaping._thread.is_alive())
        self.assertEqual(0, store.expired)
        reaping.stop()

    def test_a_transaction_that_does_not_end_is_abandoned(self):
        self.useFixture(fixtures.MockPatchObject(
            reaper, 'STOP_TIMEOUT', 0.1))
        began, may_end = threading.Event(), threading.Event()
        self.addCleanup(may_end.set)

        class Frozen(FakeStore):
            def delete_expired(self, limit):
                began.set()
                may_end.wait(60)
                return 0

        reaping = reaper.Reaper(Frozen(0), 0.01, 10)
        reaping.start()
        self.assertTrue(began.wait(60))
        reaping.stop()
        self.assertTrue(reaping._thread.is_alive())
