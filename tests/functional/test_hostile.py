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

"""A compromised service on the bus: batches that no emitter would send.

Each is answered, spoils nothing for the good report beside it, and leaves
nothing in the table that the contract does not permit.
"""

import datetime
import string
import uuid

import fixtures
import hypothesis
from hypothesis import strategies
from oslo_utils import timeutils

from cinder_messages.message import catalog
from cinder_messages.message import model
from cinder_messages.rpc import contract
from cinder_messages.storage import query
from cinder_messages.writer import endpoint
from tests import base
from tests.functional.storage import fixtures as storage_fixtures

NOW = timeutils.utcnow()
TTL = 3600

# What JSON can hold, and pickle cannot smuggle.
junk = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() |
    strategies.floats() | strategies.text(max_size=50),
    lambda children: strategies.lists(children, max_size=4) |
    strategies.dictionaries(strategies.text(max_size=8), children,
                            max_size=4),
    max_leaves=8)

ids = strategies.sampled_from([str(uuid.UUID(int=n)) for n in range(9)])
texts = strategies.text(string.printable, max_size=300) | strategies.text()


def often(good):
    """Good values mostly, and odd ones."""
    return good | good | good | texts | junk


# Reports that are nearly right.
reports = strategies.fixed_dictionaries({
    'id': often(ids),
    'project_id': often(strategies.sampled_from(['p', 'q'])),
    'event_id': often(strategies.sampled_from(
        ['000001', '000006', 'VOLUME_VOLUME_001_003', '000099'])),
    'created_at': often(strategies.datetimes(
        datetime.datetime(1960, 1, 1)).map(datetime.datetime.isoformat)),
}, optional={
    'message_level': strategies.sampled_from(['ERROR', 'INFO']) | junk,
    'resource_type': strategies.sampled_from(['VOLUME', 'SHARE']) | junk,
    'resource_uuid': texts | junk,
    'request_id': texts | junk,
    'user_id': texts | junk,
    'action_id': texts, 'detail_id': texts, 'expires_at': texts,
    'burst': often(strategies.just('a')),
    'nth': often(strategies.sampled_from(['2', '9', '999999999'])),
    'deleted': junk, 'user_message': texts})

batches = strategies.lists(reports | junk, max_size=12)


class TestHostileBatches(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.store = self.useFixture(
            storage_fixtures.StoreFixture('sqlite')).store

    def _check(self, rate):
        writer = endpoint.MessagesEndpoint(
            self.store, catalog.Catalog.builtin(), TTL, lambda: NOW,
            rate)

        @hypothesis.settings(max_examples=500, deadline=None, database=None,
                             derandomize=True, suppress_health_check=list(
                                 hypothesis.HealthCheck))
        @hypothesis.given(batches, strategies.randoms())
        def call(batch, random):
            good = {'id': str(uuid.uuid4()), 'project_id': str(uuid.uuid4()),
                    'event_id': '000002', 'created_at': NOW.isoformat()}
            over = {**good, 'id': str(uuid.uuid4()), 'project_id': 'p',
                    'burst': 'b', 'nth': '9'}
            for one in good, over:
                batch.insert(random.randint(0, len(batch)), one)
            answer = writer.create_messages({}, batch)
            self.assertEqual(len(batch), sum(
                answer[key] for key in ('stored', 'duplicates', 'suppressed')
            ) + len(answer['rejected']))
            contract.parse_answer(answer)
            for rejected in answer['rejected']:
                self.assertTrue(rejected['reason'].isprintable())
                self.assertLess(len(rejected['reason']), 500)
            [stored] = self.store.list(
                query.Query(limit=10, sort=(('created_at', 'desc'),)),
                good['project_id']).messages
            self.assertEqual(good['id'], stored.id)
        call()

    def test_each_batch_is_answered_and_its_good_report_stored(self):
        self._check(0)
        self._check(3)

        known = catalog.Catalog.builtin()
        expiry = NOW + datetime.timedelta(seconds=TTL)
        listed = self.store.list(
            query.Query(limit=10000, sort=(('created_at', 'desc'),)), None)
        self.assertGreater(len(listed.messages), 1000, 'none nearly right')
        summaries = set()
        for message in listed.messages:
            event = known.find(message.event_id)
            if event is None:
                # Made by the writer of what was over the rate.
                summaries.add(message.project_id)
                self.assertEqual('000006', message.event_id)
                self.assertTrue(message.detail_id.isdigit())
            else:
                self.assertEqual((event.action_id, event.detail_id),
                                 (message.action_id, message.detail_id))
            self.assertEqual(expiry, message.expires_at)
            self.assertLessEqual(message.created_at, NOW)
            for value in (message.id, message.project_id, message.user_id,
                          message.request_id, message.resource_uuid):
                self.assertTrue(value is None or model.is_id(value))
        self.assertIn('p', summaries)
