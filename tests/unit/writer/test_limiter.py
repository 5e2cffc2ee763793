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

from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.rpc import contract
from cinder_messages.writer import limiter
from tests import base

NOW = datetime.datetime(2026, 11, 24)
EXPIRY = datetime.datetime(2026, 12, 24)


def burst(numbers, project_id='p', name='b'):
    return [(model.Message(
        id=str(uuid.uuid4()), project_id=project_id, event_id='000002',
        created_at=NOW, expires_at=EXPIRY, request_id='req-1',
        resource_uuid='v'), contract.Turn(name, number))
        for number in numbers]


def messages(batch):
    return [message for message, _ in batch]


class TestPlan(base.TestCase):

    def plan(self, batch):
        return limiter.plan(batch, 5, NOW)

    def test_up_to_the_rate_all_are_kept(self):
        batch = burst(range(1, 6))
        self.assertEqual(limiter.Plan(messages(batch)), self.plan(batch))

    def test_over_the_rate_they_are_counted_in_one(self):
        batch = burst(range(1, 9))
        plan = self.plan(batch)

        self.assertEqual(messages(batch[:5]), plan.kept)
        [summary] = plan.summaries.values()
        self.assertEqual(
            model.Message(
                id=summary.id, project_id='p', created_at=NOW,
                expires_at=EXPIRY, message_level='WARNING',
                event_id=defined_messages.SUPPRESSED), summary)
        self.assertEqual(({summary.id: 3}, 3), (plan.counts, plan.suppressed))

    def test_the_same_is_decided_whoever_is_asked_and_when(self):
        first, second = self.plan(burst([6, 7])), self.plan(burst([7, 8]))
        [summary_id] = first.summaries
        self.assertEqual(({summary_id: 2}, {summary_id: 3}),
                         (first.counts, second.counts))
        self.assertEqual({summary_id: 3}, self.plan(burst([8, 6])).counts)

    def test_each_project_and_burst_has_a_summary(self):
        plan = self.plan(burst([9], 'p') + burst([8], 'q') +
                         burst([7], 'p', 'of the next minute'))
        self.assertEqual([4, 3, 2], [*plan.counts.values()])
        self.assertEqual(['p', 'q', 'p'], [
            summary.project_id for summary in plan.summaries.values()])


class TestText(base.TestCase):

    def test_it_says_how_many_there_were_in_each_language(self):
        builtin = catalog.Catalog.builtin()
        for locale in None, 'de', 'ja':
            text = builtin.text('000006', locale, '137')
            self.assertIn('137', text)
            self.assertNotIn('%', text)

    def test_no_service_may_report_it(self):
        self.assertRaises(
            exception.EventNotPermitted, catalog.Catalog.builtin().require,
            '000006')
