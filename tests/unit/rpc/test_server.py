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

from oslo_config import fixture as config_fixture

from cinder_messages.rpc import server
from tests import base


class TestDefaults(base.TestCase):

    def test_they_are_a_writer_s(self):
        self.assertEqual(8, server.set_defaults(self.conf))
        rabbit = self.conf.oslo_messaging_rabbit
        self.assertEqual(
            (8, 2), (rabbit.rabbit_qos_prefetch_count,
                     rabbit.kombu_missing_consumer_retry_timeout))

    def test_what_the_operator_has_set_stays(self):
        server.set_defaults(self.conf)
        self.useFixture(config_fixture.Config(self.conf)).config(
            executor_thread_pool_size=99)
        self.assertEqual(99, server.set_defaults(self.conf))
