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

"""One trace from the caller of a request to the commit of its message."""

import fixtures

from tests import base
from tests import database
from tests import process
from tests.services import collector
from tests.services import fixtures as services
from tests.services import traced

TRACING = """
[oslo_messaging_tracing]
tracing_enabled = true
tracing_service_name = {name}
otel_exporter_otlp_endpoint = {url}
"""


class TestTrace(base.TestCase):

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, 'postgresql')
        # NOTE: milliseconds between two exports.
        self.useFixture(fixtures.EnvironmentVariable(
            'OTEL_BSP_SCHEDULE_DELAY', '50'))
        self.collector = self.useFixture(collector.Collector())
        self.deployment = self.useFixture(services.Deployment('postgresql'))
        self.deployment.sync()
        self.service = self.useFixture(fixtures.TempDir()).join('service')
        with open(self.deployment.config_file) as config:
            text = config.read()
        with open(self.service, 'w') as config:
            config.write(text + TRACING.format(
                name='cinder-volume', url=self.collector.url))
        with open(self.deployment.config_file, 'a') as config:
            config.write(TRACING.format(
                name='messages', url=self.collector.url))

    def test_a_trace_goes_through_the_journal_to_the_commit(self):
        host = self.useFixture(process.Process(process.python(
            '-m', 'tests.services.traced', self.service)))
        message_id = host.wait_for_line('^reported (.*)')[1]
        self.assertEqual(0, host.wait())
        failed = self.collector.wait_for('cinder-volume', 'extend receive')

        self.deployment.start_writer()
        sent = self.deployment.run('cinder-messages-manage', 'spool', 'send')
        self.assertEqual(0, sent.returncode, sent.stderr)

        stored = self.collector.wait_for('messages', 'cinder-messages store')
        self.assertEqual(failed.trace_id, stored.trace_id)
        self.assertEqual(failed.span_id, stored.parent_span_id)
        caller = self.collector.wait_for(
            'cinder-volume', f'{traced.TOPIC}.extend')
        self.assertEqual((failed.trace_id, failed.parent_span_id),
                         (caller.trace_id, caller.span_id))
        batch = self.collector.wait_for('messages', 'create_messages receive')
        self.assertNotEqual(failed.trace_id, batch.trace_id)
        self.assertEqual([(failed.trace_id, failed.span_id)],
                         [(link.trace_id, link.span_id)
                          for link in batch.links])
        self.assertEqual([(batch.trace_id, batch.span_id)],
                         [(link.trace_id, link.span_id)
                          for link in stored.links])
        status, body = self.deployment.start_api().request(
            'GET', f'/messages/{message_id}', traced.PROJECT)
        self.assertEqual((200, 'traced'),
                         (status, body['message']['resource_uuid']))
