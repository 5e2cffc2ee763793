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
import contextlib
import datetime

import fixtures
from oslo_log import log
import oslo_messaging as messaging

from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.rpc import contract
from cinder_messages.writer import endpoint
from tests import base

NOW = datetime.datetime(2026, 11, 24, 0, 29, 10, 180000)
TTL = 3600
IDS = [f'5429fffa-5c76-4d68-a671-37a8e24f37c{digit}' for digit in range(10)]

Stored = collections.namedtuple('Stored', 'stored duplicates foreign')


class FakeStore:
    """Keeps messages by id; raises what ``find_error`` returns."""

    def __init__(self, find_error=lambda messages: None):
        self.messages = {}
        self.find_error = find_error

    def create(self, messages, ttl):
        self.ttl = ttl
        error = self.find_error(messages)
        if error:
            raise error
        new = {message.id: message for message in messages
               if message.id not in self.messages}
        self.messages.update(new)
        foreign = [message.id for message in messages
                   if self.messages[message.id].project_id !=
                   message.project_id]
        return Stored(len(new), len(messages) - len(new), foreign)


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

    def test_leaves_the_expiry_to_the_database(self):
        self.call([report(0)])

        message = self.store.messages[IDS[0]]
        self.assertIsNone(message.expires_at)
        self.assertEqual(TTL, self.store.ttl)
        self.assertEqual(datetime.datetime(2026, 11, 24), message.created_at)

    def test_the_accepted_reports_are_traced_while_they_are_stored(self):
        seen = []

        @contextlib.contextmanager
        def trace_batch(reports, accepted):
            before = len(self.store.messages)
            yield
            seen.append((reports, [message.id for message in accepted],
                         before, len(self.store.messages)))

        reports = [report(0), report(1, event_id='000099')]
        with fixtures.MockPatchObject(
                endpoint.tracing, 'trace_batch', trace_batch):
            self.call(reports)
        self.assertEqual([(reports, IDS[:1], 0, 1)], seen)

    def test_times_that_cannot_be_true_become_now(self):
        for value in ('2030-01-01T00:00:00', '1969-12-31T23:59:59',
                      '2009-12-31T23:59:59.999999', '0001-01-01T00:00:00',
                      '9999-12-31T23:59:59-14:00', '12026-01-01T00:00:00'):
            answer = self.call([report(0, created_at=value)])

            self.assertEqual([], answer['rejected'])
            self.assertEqual(NOW, self.store.messages[IDS[0]].created_at)

    def test_the_earliest_time_is_kept(self):
        self.call([report(0, created_at='2010-01-01T00:00:00')])

        self.assertEqual(datetime.datetime(2010, 1, 1),
                         self.store.messages[IDS[0]].created_at)

    def test_a_summary_is_stored_with_its_count(self):
        self.call([report(0, event_id='000006', count='12',
                          message_level='WARNING')])

        message = self.store.messages[IDS[0]]
        self.assertEqual((12, None, 'WARNING'), (
            message.count, message.detail_id, message.message_level))

    def test_a_malformed_summary_is_refused(self):
        answer = self.call([
            report(0, event_id='000006'),
            report(1, event_id='000006', count='3', message_level='BAD'),
            report(2, event_id='000006', count='3', resource_type='X')])

        self.assertEqual(['INVALID_REPORT'] * 3,
                         [one['code'] for one in answer['rejected']])
        self.assertEqual({}, self.store.messages)

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
        self.assertEqual([(IDS[1], 'UNKNOWN_EVENT'),
                          (IDS[2], 'INVALID_REPORT'),
                          (IDS[3], 'INVALID_REPORT'),
                          (None, 'INVALID_REPORT')],
                         [(one['id'], one['code'])
                          for one in answer['rejected']])

    def test_a_batch_of_invalid_reports_is_one_log_line(self):
        answer = self.call([report(0, event_id='0' * 200 + str(number))
                            for number in range(1000)])

        self.assertEqual(1000, len(answer['rejected']))
        [line] = self.logged.output.splitlines()
        self.assertIn('Rejected 1000 of 1000 reports (UNKNOWN_EVENT: 1000)',
                      line)
        self.assertEqual(3, line.count(IDS[0]))
        self.assertLess(len(line), 1000)

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

    def test_the_id_of_a_message_of_another_project_is_refused(self):
        store = FakeStore()
        self.call([report(0), report(1)], store)

        answer = self.call([report(0, project_id='q'), report(1), report(2)],
                           store)

        self.assertEqual((1, 1), (answer['stored'], answer['duplicates']))
        [rejected] = answer['rejected']
        self.assertEqual((IDS[0], 'FOREIGN_ID'),
                         (rejected['id'], rejected['code']))
        self.assertEqual('p', store.messages[IDS[0]].project_id)
        self.assertIn('FOREIGN_ID', self.logged.output)

    def test_a_malformed_batch_is_refused_as_a_whole(self):
        for batch in (None, {}, 'all', 7, [report(0)] * 1001):
            answer = self.call(batch)
            self.assertEqual(0, answer['stored'])
            [rejected] = answer['rejected']
            self.assertEqual((None, 'INVALID_BATCH'),
                             (rejected['id'], rejected['code']))
            self.assertIn('batch', rejected['reason'])

    def test_an_empty_batch_is_answered(self):
        self.assertEqual({'stored': 0, 'duplicates': 0, 'rejected': []},
                         self.call([]))

    def test_a_malformed_id_is_not_repeated(self):
        answer = self.call([report(0, id='x' * 1000), report(0, id={})])

        self.assertEqual([None, None],
                         [one['id'] for one in answer['rejected']])
        self.assertNotIn('xxx', self.logged.output)

    def test_an_outage_of_the_database_is_raised_to_the_caller(self):
        away = exception.DatabaseUnavailable(reason='refused')

        # oslo.messaging wraps what it is told to expect.
        error = self.assertRaises(
            messaging.ExpectedException, self.call, [report(0)],
            FakeStore(lambda messages: away))

        self.assertIs(away, error.exc_info[1])

    def test_a_message_that_fails_alone_does_not_block_the_rest(self):
        def find_error(messages):
            if any(message.id == IDS[1] for message in messages):
                return TypeError('a bug')

        answer = self.call([report(0), report(1), report(2)],
                           FakeStore(find_error))

        self.assertEqual({IDS[0], IDS[2]}, set(self.store.messages))
        self.assertEqual(2, answer['stored'])
        [rejected] = answer['rejected']
        self.assertEqual((IDS[1], 'WRITER_ERROR'),
                         (rejected['id'], rejected['code']))
        self.assertIn(rejected['code'], contract.RETRYABLE)

    def test_an_error_of_every_message_rejects_nothing(self):
        for number in 1, 2, 500:
            calls = []
            error = self.assertRaises(
                messaging.ExpectedException, self.call,
                [report(number % 10) for number in range(number)],
                FakeStore(lambda messages: calls.append(1) or
                          TypeError('a bug')))
            self.assertIsInstance(error.exc_info[1],
                                  exception.DatabaseUnavailable)
            self.assertLess(len(calls), 20)

    def test_an_outage_between_single_messages_defers_the_batch(self):
        def find_error(messages):
            if len(messages) > 1:
                return TypeError('a bug')
            if messages[0].id == IDS[1]:
                return exception.DatabaseUnavailable(reason='gone')

        self.assertRaises(messaging.ExpectedException, self.call,
                          [report(0), report(1)], FakeStore(find_error))

    def test_an_unexpected_error_of_one_report_rejects_that_one(self):
        class Strange(str):
            def __len__(self):
                raise OSError('a bug')

        answer = self.call([report(0), report(1, host=Strange())])

        self.assertEqual(1, answer['stored'])
        self.assertEqual([(IDS[1], 'WRITER_ERROR')], [
            (one['id'], one['code']) for one in answer['rejected']])
