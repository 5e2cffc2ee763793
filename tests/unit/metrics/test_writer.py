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

"""What a writer counts, told by the endpoint itself."""

import collections
import uuid

import fixtures
import oslo_messaging as messaging
import prometheus_client

from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.metrics import loader
from cinder_messages.metrics import writer
from cinder_messages.writer import endpoint
from cinder_messages.writer import reaper
from tests import base
from tests import process
from tests.unit.metrics import test_exporter
from tests.unit.metrics import test_multiprocess


Stored = collections.namedtuple('Stored', 'stored duplicates foreign')


class FakeStore:
    """Stores nothing: the first of a batch is always there already."""

    unavailable = False

    def create(self, messages, ttl):
        if self.unavailable:
            raise exception.DatabaseUnavailable(reason='test')
        return Stored(len(messages) - 1, 1, [
            message.id for message in messages[:1]
            if message.project_id == 'other'])

    def delete_expired(self, limit):
        return 7


def report(event_id='000002', **values):
    return {'id': str(uuid.uuid4()), 'project_id': 'p', 'event_id': event_id,
            'created_at': '2026-01-01T00:00:00', **values}


class TestWriterMetrics(base.TestCase):

    def setUp(self):
        super().setUp()
        self.registry = prometheus_client.CollectorRegistry()
        self.metrics = writer.WriterMetrics(self.registry)
        self.store = FakeStore()

    def send(self, *reports):
        endpoint.MessagesEndpoint(
            self.store, catalog.Catalog.builtin(), 60,
            metrics=self.metrics).create_messages({}, list(reports))

    def value(self, name, **labels):
        return self.registry.get_sample_value(
            f'cinder_messages_writer_{name}', labels)

    def messages(self, event_id, outcome):
        return self.value('messages_total', event_id=event_id,
                          outcome=outcome)

    def test_what_is_stored(self):
        self.send(report(), report(), report('000001'))

        self.assertEqual(2, self.messages('000002', 'accepted'))
        self.assertEqual(1, self.messages('000001', 'accepted'))
        self.assertEqual(1, self.value('duplicates_total'))
        self.assertEqual(1, self.value('batch_messages_count'))
        self.assertEqual(3, self.value('batch_messages_sum'))
        self.assertEqual(1, self.value('store_seconds_count'))

    def test_reasons_have_names(self):
        self.send(report('000002'), report('VOLUME_VOLUME_001_003'),
                  report('VOLUME_VOLUME_003_003'))
        self.metrics.batch_stored(['999001'], 0, 0, 0.1)

        for reason, count in (
                ('UNABLE_TO_ALLOCATE', 1), ('NO_BACKEND_AVAILABLE', 2),
                (writer.OTHER, 1)):
            self.assertEqual(count, self.value('reasons_total',
                                               reason=reason), reason)

    def test_what_is_refused_counts_by_its_event_if_that_is_known(self):
        self.send(report('made up by a caller'), report(id='no uuid'), None)

        self.assertEqual(2, self.messages(writer.UNKNOWN, 'rejected'))
        self.assertEqual(1, self.messages('000002', 'rejected'))

    def test_ids_of_messages_of_other_projects(self):
        self.send(report(project_id='other'), report())

        self.assertEqual(1, self.value('foreign_ids_total'))
        self.assertEqual(0, self.value('duplicates_total'))
        self.assertEqual(1, self.messages('000002', 'accepted'))

    def test_a_database_that_is_away(self):
        self.store.unavailable = True
        self.assertRaises(
            messaging.ExpectedException, self.send, report())

        self.assertEqual(1, self.value('store_failures_total'))
        self.assertIsNone(self.messages('000002', 'accepted'))

    def test_the_clock(self):
        self.metrics.clock_skew_measured(-61.5)
        self.assertEqual(-61.5, self.value('clock_skew_seconds'))

    def test_what_is_removed(self):
        reaper.Reaper(self.store, 0, 10, self.metrics.messages_reaped).reap()
        self.assertEqual(7, self.value('reaped_total'))


class TestExport(base.TestCase):

    def test_a_worker_answers_until_it_stops(self):
        self.useFixture(test_multiprocess.MultiprocessFixture())
        port = process.free_port()
        for name, value in {
            'writer_port': port,
            'directory': self.useFixture(fixtures.TempDir()).path,
        }.items():
            self.conf.set_override(name, value, 'metrics')
        metrics = writer.prepare(self.conf, single_process=False)()
        self.addCleanup(metrics.stop)

        metrics.messages_reaped(3)

        self.assertIn('cinder_messages_writer_reaped_total 3.0',
                      test_exporter.scrape(port))


class TestLoader(base.TestCase):

    def test_what_is_not_installed_is_told(self):
        error = self.assertRaises(exception.InvalidConfiguration,
                                  loader.load, 'nothing', 'writer_port')
        self.assertIn("pip install 'cinder-messages[metrics]'", str(error))
        self.assertIn('[metrics] writer_port', str(error))
