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
import datetime

import fixtures
from oslo_log import log
import oslo_messaging as messaging

from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.writer import endpoint
from tests import base

NOW = datetime.datetime(2026, 11, 24, 0, 29, 10, 180000)
TTL = 3600
IDS = [f'5429fffa-5c76-4d68-a671-37a8e24f37c{digit}' for digit in range(10)]

Stored = collections.namedtuple('Stored', 'stored duplicates')


class FakeStore:
    """Keeps messages by id; fails where ``trouble`` says so."""

    def __init__(self, trouble=lambda messages: None):
        self.messages = {}
        self.trouble = trouble

    def raise_summaries(self, counts):
        for summary, count in counts:
            error = self.trouble([summary])
            if error:
                raise error
            known = self.messages.get(summary.id, summary)
            number = max(int(known.detail_id or 0), count)
            self.messages[summary.id] = summary._replace(
                detail_id=str(number))

    def create(self, messages):
        error = self.trouble(messages)
        if error:
            raise error
        new = {message.id: message for message in messages
               if message.id not in self.messages}
        self.messages.update(new)
        return Stored(len(new), len(messages) - len(new))


def report(number, **changes):
    return {'id': IDS[number], 'project_id': 'p', 'event_id': '000002',
            'created_at': '2026-11-24T00:00:00', **changes}


class TestMessagesEndpoint(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.WARNING, name='cinder_messages.writer.endpoint'))

    def call(self, messages, store=None):
        self.store = store or FakeStore()
        return endpoint.MessagesEndpoint(
            self.store, catalog.Catalog.builtin(), TTL, lambda: NOW,
        ).create_messages({}, messages)

    def test_stamps_the_expiry(self):
        self.call([report(0)])

        message = self.store.messages[IDS[0]]
        self.assertEqual(NOW + datetime.timedelta(seconds=TTL),
                         message.expires_at)
        self.assertEqual(datetime.datetime(2026, 11, 24), message.created_at)

    def test_a_clock_that_runs_ahead_is_put_right(self):
        self.call([report(0, created_at='2030-01-01T00:00:00')])

        self.assertEqual(NOW, self.store.messages[IDS[0]].created_at)

    def test_a_pair_is_stored_with_its_parts(self):
        self.call([report(0, event_id='VOLUME_VOLUME_BACKUP_013_018')])

        message = self.store.messages[IDS[0]]
        self.assertEqual('013', message.action_id)
        self.assertEqual('018', message.detail_id)
        self.assertEqual('VOLUME_BACKUP', message.resource_type)

    def test_a_flat_event_has_no_parts(self):
        self.call([report(0)])

        message = self.store.messages[IDS[0]]
        self.assertIsNone(message.action_id)
        self.assertIsNone(message.detail_id)
        self.assertIsNone(message.resource_type)

    def test_the_rest_of_a_batch_is_stored(self):
        answer = self.call([
            report(0), report(1, event_id='000099'),
            report(2, message_level='FATAL'),
            report(3, resource_type='SHARE'), 'nonsense', report(4)])

        self.assertEqual({IDS[0], IDS[4]}, set(self.store.messages))
        self.assertEqual((2, 0), (answer['stored'], answer['duplicates']))
        self.assertEqual([IDS[1], IDS[2], IDS[3], None],
                         [one['id'] for one in answer['rejected']])
        self.assertEqual(4, self.logged.output.count('Refused'))

    def test_a_resource_type_that_contradicts_its_event_is_refused(self):
        answer = self.call([report(0, event_id='VOLUME_VOLUME_001_003',
                                   resource_type='VOLUME_BACKUP')])

        self.assertEqual(1, len(answer['rejected']))
        self.assertEqual({}, self.store.messages)

    def test_a_batch_sent_again_is_known(self):
        store = FakeStore()
        self.call([report(0), report(1)], store)

        answer = self.call([report(0), report(1), report(2)], store)

        self.assertEqual((1, 2), (answer['stored'], answer['duplicates']))

    def test_what_is_no_batch_is_refused_as_a_whole(self):
        for batch in (None, {}, 'all', 7, [report(0)] * 1001):
            answer = self.call(batch)
            self.assertEqual(0, answer['stored'])
            [rejected] = answer['rejected']
            self.assertIsNone(rejected['id'])
            self.assertIn('batch', rejected['reason'])

    def test_an_empty_batch_is_answered(self):
        self.assertEqual({'stored': 0, 'duplicates': 0, 'suppressed': 0,
                          'rejected': []},
                         self.call([]))

    def test_an_id_is_not_repeated_if_it_is_none(self):
        answer = self.call([report(0, id='x' * 1000), report(0, id={})])

        self.assertEqual([None, None],
                         [one['id'] for one in answer['rejected']])
        self.assertNotIn('xxx', self.logged.output)

    def test_a_database_that_is_away_is_the_caller_s_to_retry(self):
        away = exception.DatabaseUnavailable(reason='refused')

        # oslo.messaging wraps what it is told to expect.
        error = self.assertRaises(
            messaging.ExpectedException, self.call, [report(0)],
            FakeStore(lambda messages: away))

        self.assertIs(away, error.exc_info[1])

    def test_one_message_that_cannot_be_stored_does_not_hold_up_the_rest(self):
        def trouble(messages):
            if any(message.id == IDS[1] for message in messages):
                return exception.InvalidMessage(reason='too strange')

        answer = self.call([report(0), report(1), report(2)],
                           FakeStore(trouble))

        self.assertEqual({IDS[0], IDS[2]}, set(self.store.messages))
        self.assertEqual(2, answer['stored'])
        [rejected] = answer['rejected']
        self.assertEqual(IDS[1], rejected['id'])
        self.assertEqual('too strange', rejected['reason'])

    def test_a_bug_rejects_nothing(self):
        self.assertRaises(TypeError, self.call, [report(0)],
                          FakeStore(lambda messages: TypeError('a bug')))


class TestLimited(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.store = FakeStore()
        self.endpoint = endpoint.MessagesEndpoint(
            self.store, catalog.Catalog.builtin(), TTL, lambda: NOW,
            rate=2)

    def call(self, *numbers, **changes):
        return self.endpoint.create_messages({}, [report(
            number, **{'burst': 'b', 'nth': str(number + 1), **changes})
            for number in numbers])

    def summaries(self):
        return [(message.project_id, message.detail_id)
                for message in self.store.messages.values()
                if message.event_id == '000006']

    def test_what_is_over_the_rate_is_counted_and_answered(self):
        answer = self.call(*range(5))
        self.assertEqual(
            {'stored': 2, 'duplicates': 0, 'suppressed': 3, 'rejected': []},
            answer)
        self.assertEqual([('p', '3')], self.summaries())

        self.call(5, 6)
        self.call(7, project_id='quiet', nth='1')
        self.assertEqual([('p', '5')], self.summaries())
        self.assertIn(IDS[7], self.store.messages)

    def test_a_batch_sent_again_is_counted_once(self):
        for _ in range(2):
            answer = self.call(*range(5))
            self.assertEqual(3, answer['suppressed'])
        self.assertEqual((0, 2), (answer['stored'], answer['duplicates']))
        self.assertEqual([('p', '3')], self.summaries())

    def test_a_batch_that_could_not_be_stored_is_sent_again(self):
        self.store.trouble = lambda messages: (
            exception.DatabaseUnavailable(reason='gone')
            if messages[0].event_id == '000006' else None)
        self.assertRaises(messaging.ExpectedException, self.call, *range(5))
        self.store.trouble = lambda messages: None
        answer = self.call(*range(5))
        self.assertEqual((0, 2, 3), (
            answer['stored'], answer['duplicates'], answer['suppressed']))
        self.assertEqual([('p', '3')], self.summaries())

    def test_a_report_of_an_emitter_that_does_not_count_is_stored(self):
        answer = self.endpoint.create_messages(
            {}, [report(number) for number in range(5)])
        self.assertEqual((5, 0), (answer['stored'], answer['suppressed']))
