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

"""What a service that reports can have counted."""

import fixtures
from oslo_config import cfg
from oslo_config import fixture as config_fixture
import oslo_messaging as messaging
import prometheus_client

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import emitter as emit_emitter
from cinder_messages.message import api as message_api
from cinder_messages.metrics import emitter
from tests import base


class TestCollector(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = cfg.CONF
        emitter_conf.register_opts(self.conf)
        messaging.TransportURL.parse(self.conf)
        config = self.useFixture(config_fixture.Config(self.conf)).config
        self.conf([], project='test', default_config_files=[],
                  default_config_dirs=[])
        config(transport_url='fake:///')
        config(spool_dir=self.useFixture(fixtures.TempDir()).join('spool'),
               exit_timeout=0, call_timeout=1, group=emitter_conf.GROUP)
        self.addCleanup(emit_emitter.forget, self.conf)
        self.registry = prometheus_client.CollectorRegistry()
        self.registry.register(emitter.EmitterCollector(self.conf))

    def value(self, name, **labels):
        return self.registry.get_sample_value(
            f'cinder_messages_emitter_{name}', labels)

    def test_registering_it_makes_no_emitter(self):
        self.assertNotIn(id(self.conf), emit_emitter._EMITTERS)

    def test_nothing_waits(self):
        self.assertEqual(0, self.value('waiting'))
        self.assertEqual(0, self.value('oldest_seconds'))
        for outcome in emitter._OUTCOMES:
            self.assertEqual(0, self.value('reports_total', outcome=outcome))

    def test_a_report_waits_for_a_writer_that_is_not_there(self):
        message_api.API(self.conf).create(None, '000002', 'p')

        self.assertEqual(1, self.value('reports_total', outcome='reported'))
        self.assertEqual(0, self.value('reports_total', outcome='stored'))
        self.assertEqual(1, self.value('waiting'))
        self.assertGreater(self.value('oldest_seconds'), 0)
