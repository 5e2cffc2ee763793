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
from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import contract
from cinder_messages.storage import query
from cinder_messages.writer import endpoint
from tests import base
from tests import examples
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

ids = (strategies.sampled_from([str(uuid.UUID(int=n)) for n in range(9)]) |
       strategies.uuids().map(str))
texts = strategies.text(string.printable, max_size=300) | strategies.text()


def often(good):
    """Return a strategy of good values mostly, and of odd ones."""
    # NOTE: one_of() counts a branch that is repeated once.
    return strategies.integers(0, 19).flatmap(
        lambda number: good if number else texts | junk)


# Reports that are nearly right.
reports = strategies.fixed_dictionaries({
    'id': often(ids),
    'project_id': often(strategies.sampled_from(['p', 'q'])),
    'event_id': often(strategies.sampled_from(
        ['000001', '000006', 'VOLUME_VOLUME_001_003', '000099'])),
    'created_at': often(strategies.datetimes(
        datetime.datetime(1960, 1, 1)).map(datetime.datetime.isoformat)),
}, optional={
    'message_level': often(strategies.sampled_from(['ERROR', 'INFO'])),
    'resource_type': often(strategies.just('VOLUME')),
    'resource_uuid': often(strategies.just('v')),
    'request_id': often(strategies.just('req-1')),
    'user_id': often(strategies.just('u')),
    'action_id': texts, 'detail_id': texts, 'expires_at': texts,
    'count': often(strategies.sampled_from(['1', '9', '1000000000', '0'])),
    'global_request_id': often(strategies.just('req-2')),
    'host': often(strategies.just('h')),
    'traceparent': texts | junk,
    'burst': texts | junk, 'nth': texts | junk,
    'deleted': junk, 'user_message': texts})

batches = strategies.lists(often(reports), max_size=12)


class TestHostileBatches(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.store = self.useFixture(
            storage_fixtures.StoreFixture('sqlite')).store

    def _check(self):
        writer = endpoint.MessagesEndpoint(
            self.store, catalog.Catalog.builtin(), TTL, lambda: NOW)

        @examples.settings(500)
        @hypothesis.given(batches, strategies.randoms())
        def call(batch, random):
            good = {'id': str(uuid.uuid4()), 'project_id': str(uuid.uuid4()),
                    'event_id': '000002', 'created_at': NOW.isoformat()}
            batch.insert(random.randint(0, len(batch)), good)
            answer = writer.create_messages({}, batch)
            self.assertEqual(len(batch), sum(
                answer[key] for key in ('stored', 'duplicates')
            ) + len(answer['rejected']))
            rpc_answer.parse_answer(answer)
            for rejected in answer['rejected']:
                self.assertTrue(rejected['reason'].isprintable())
                self.assertLess(len(rejected['reason']), 500)
            [stored] = self.store.list(
                query.Query(limit=10, sort=(('created_at', 'desc'),)),
                good['project_id']).messages
            self.assertEqual(good['id'], stored.id)
        call()

    def test_each_batch_is_answered_and_its_good_report_stored(self):
        self._check()

        known = catalog.Catalog.builtin()
        earliest = NOW + datetime.timedelta(seconds=TTL)
        latest = timeutils.utcnow() + datetime.timedelta(seconds=TTL)
        listed = self.store.list(
            query.Query(limit=10000, sort=(('created_at', 'desc'),)), None)
        self.assertGreater(len(listed.messages), 550, 'none nearly right')
        summaries = 0
        for message in listed.messages:
            event = known.find(message.event_id)
            if event.id == '000006':
                summaries += 1
                self.assertEqual('000006', message.event_id)
                self.assertTrue(1 <= message.count <= contract.MAX_COUNT)
            else:
                self.assertEqual((event.action_id, event.detail_id),
                                 (message.action_id, message.detail_id))
            self.assertTrue(earliest <= message.expires_at <= latest)
            self.assertLessEqual(message.created_at, NOW)
            self.assertGreaterEqual(message.created_at, endpoint.EARLIEST)
            for value in (message.id, message.project_id, message.user_id,
                          message.request_id, message.resource_uuid,
                          message.global_request_id, message.host):
                self.assertTrue(value is None or model.is_id(value))
        self.assertGreater(summaries, 0)
