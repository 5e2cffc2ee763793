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

import datetime
import uuid

from cinder_messages.message import catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.writer import limiter
from tests import base

NOW = datetime.datetime(2026, 11, 24)
EXPIRY = datetime.datetime(2026, 12, 24)


def messages(count, project_id='p'):
    return [model.Message(
        id=str(uuid.uuid4()), project_id=project_id, event_id='000002',
        created_at=NOW, expires_at=EXPIRY, request_id='req-1',
        resource_uuid='v') for _ in range(count)]


class TestProjectLimiter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0
        self.limiter = limiter.ProjectLimiter(5, lambda: self.now)

    def plan(self, batch):
        return self.limiter.plan(batch, NOW)

    def store(self, batch):
        plan = self.plan(batch)
        self.limiter.done(plan)
        return plan

    def test_up_to_the_rate_all_are_kept(self):
        batch = messages(5)
        plan = self.plan(batch)
        self.assertEqual((batch, {}), (plan.kept, plan.summaries))

    def test_over_the_rate_they_are_counted_in_one(self):
        batch = messages(8)
        plan = self.plan(batch)

        self.assertEqual(batch[:5], plan.kept)
        [summary] = plan.summaries.values()
        self.assertEqual(
            model.Message(
                id=summary.id, project_id='p', created_at=NOW,
                expires_at=EXPIRY, message_level='WARNING',
                event_id=defined_messages.SUPPRESSED), summary)
        self.assertEqual({summary.id: 3}, plan.counts)

    def test_a_project_has_one_summary_a_minute(self):
        first, second = self.store(messages(8)), self.store(messages(8))
        self.assertEqual([], second.kept)
        self.assertEqual([*first.summaries], [*second.summaries])

        self.now = limiter.WINDOW
        third = self.store(messages(8))
        self.assertEqual(5, len(third.kept))
        self.assertNotEqual([*first.summaries], [*third.summaries])

    def test_projects_do_not_count_for_each_other(self):
        self.store(messages(100, 'loud'))
        batch = messages(5, 'quiet')
        self.assertEqual(batch, self.store(batch).kept)

    def test_a_batch_that_was_not_stored_counts_when_it_comes_again(self):
        batch = messages(5)
        self.limiter.undo(self.plan(batch))
        self.assertEqual(batch, self.store(batch).kept)
        self.assertEqual([], self.store(messages(1)).kept)

    def test_a_batch_that_is_sent_again_does_not_count_again(self):
        batch = messages(8)
        self.store(batch)
        again = self.store(batch)
        self.assertEqual((batch[:5], {}), (again.kept, again.counts))

    def test_an_id_twice_in_a_batch_counts_once(self):
        plan = self.store(messages(1) * 7)
        self.assertEqual((7, {}), (len(plan.kept), plan.counts))
        self.assertEqual(4, len(self.store(messages(9)).kept))

    def test_what_is_remembered_has_a_bound(self):
        self.patch(limiter, '_PROJECTS', 10)
        self.patch(limiter, '_REPORTS', 10)
        for number in range(100):
            self.store(messages(1, f'project-{number}'))
        self.assertLessEqual(len(self.limiter._windows), 10)
        self.assertLessEqual(len(self.limiter._seen), 10)


class TestText(base.TestCase):

    def test_it_says_how_many_there_were_in_each_language(self):
        builtin = catalog.Catalog.builtin()
        for locale in None, 'de', 'ja':
            text = builtin.text('000006', locale, '137')
            self.assertIn('137', text)
            self.assertNotIn('%', text)

    def test_no_service_may_report_it(self):
        self.assertIsNone(catalog.Catalog.builtin().find('000006'))
