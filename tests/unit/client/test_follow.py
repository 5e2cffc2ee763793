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

"""Following prints each new message once and leaves none out."""

import datetime

from keystoneauth1 import exceptions as auth_exceptions

from cinder_messages.client import follow
from cinder_messages.client import selection
from cinder_messages.client import service
from tests import base
from tests.unit.client import fakes

MINUTE = datetime.timedelta(minutes=1)


class FollowTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.adapter = fakes.Adapter()
        self.follower = self.make()

    def make(self, **values):
        return follow.Follower(service.MessageService(self.adapter),
                               selection.Selection(**values))

    def add(self, *numbers, **values):
        self.adapter.bodies.extend(
            fakes.body(number, **values) for number in numbers)

    def poll(self):
        return [int(each.id[-3:]) for each in self.follower.poll()]


class TestFollower(FollowTestCase):

    def test_what_comes_is_returned_once_and_oldest_first(self):
        self.add(1, 2)
        self.assertEqual([], self.follower.start())
        self.assertEqual([], self.poll())
        self.add(4, 3)
        self.assertEqual([3, 4], self.poll())
        self.assertEqual([], self.poll())
        self.add(5)
        self.assertEqual([5], self.poll())

    def test_an_empty_project(self):
        self.assertEqual([], self.follower.start())
        self.add(1)
        self.assertEqual([1], self.poll())
        self.assertEqual([], self.poll())

    def test_since(self):
        self.add(1, 2, 3)
        started = self.follower.start(fakes.START + 2 * MINUTE)
        self.assertEqual(['message-002', 'message-003'],
                         [each.id for each in started])
        self.add(4)
        self.assertEqual([4], self.poll())

    def test_a_report_that_is_stored_late(self):
        """The broker was down for days when it was made."""
        self.add(*range(5000, 5200))
        self.follower.start()
        self.add(1, stored_at=fakes.START + 5200 * MINUTE)
        self.assertEqual([1], self.poll())
        self.assertEqual([], self.poll())

    def test_a_shorter_time_of_keeping(self):
        self.add(*range(1, 10))
        self.follower.start()
        self.add(20, stored_at=fakes.START - 1000 * MINUTE)
        self.assertEqual([20], self.poll())
        self.assertEqual([], self.poll())

    def test_a_transaction_that_commits_late(self):
        self.add(1)
        self.follower.start()
        self.add(*range(100, 400), created_at=fakes.START + 10 * MINUTE)
        self.assertEqual(list(range(100, 400)), self.poll())
        self.add(50, created_at=fakes.START + 9.5 * MINUTE)
        self.assertEqual([50], self.poll())

    def test_a_deletion_returns_nothing_old(self):
        self.add(*range(1, 200))
        self.follower.start()
        del self.adapter.bodies[100:]
        self.assertEqual([], self.poll())

    def test_memory_is_bounded(self):
        self.follower.start()
        for number in range(1, 60):
            self.add(number)
            self.assertEqual([number], self.poll())
        self.assertLess(len(self.follower._seen), 5)

    def test_a_service_that_cannot_sort_by_expiry(self):
        self.adapter.extended = False
        original = self.adapter._list
        self.adapter._list = lambda params: (
            fakes.fault(400, 'no such key')
            if params.get('sort', '').startswith('expires_at')
            else original(params))
        self.follower = self.make()
        self.add(1)
        self.follower.start()
        self.add(2)
        self.assertEqual([2], self.poll())

    def test_other_errors_end_it(self):
        self.adapter.errors = [fakes.fault(403, 'no')]
        self.assertRaises(service.ServiceError, self.make)

    def test_only_the_selection_is_followed(self):
        self.follower = self.make(resource_uuid='volume-2')
        self.add(1, resource_uuid='volume-2')
        self.follower.start()
        self.add(2)
        self.add(3, resource_uuid='volume-2')
        self.assertEqual([3], self.poll())


class TestFollow(FollowTestCase):

    def setUp(self):
        super().setUp()
        self.pauses = []
        self.warnings = []
        self.batches = follow.follow(
            self.follower, None, self.pauses.append, self.warnings.append)
        self.assertEqual([], next(self.batches))

    def test_an_outage_is_reported_once_and_waited_for(self):
        away = [auth_exceptions.ConnectFailure('It is away'),
                fakes.fault(503, 'Not yet')]
        self.adapter.errors = away * 3
        self.add(1)
        self.assertEqual(['message-001'],
                         [each.id for each in next(self.batches)])
        self.assertEqual(['It is away. Trying again.'], self.warnings)
        self.assertEqual([5, 10, 20, 40, 60, 60, 60], self.pauses)
        next(self.batches)
        self.assertEqual(5, self.pauses[-1])

    def test_a_refusal_ends_it(self):
        self.adapter.errors = [fakes.fault(403, 'No longer')]
        self.assertRaises(service.ServiceError, next, self.batches)
