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


from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages.conf import emitter
from cinder_messages.rpc import bus
from tests import base

URL = 'rabbit://u:p%40ss@one:5671,u:p%40ss@two/vhost'


class TestURL(base.TestCase):

    def setUp(self):
        super().setUp()
        emitter.register_opts(self.conf)
        bus.register_options(self.conf)

    def url(self, url=URL, quorum=True, is_emitter=True):
        return bus.Bus(self.conf, url, quorum, '[x] y',
                       is_emitter).transport_url()

    def driver_options(self, url):
        """Return the driver options that a transport of a URL has."""
        driver = messaging.get_rpc_transport(self.conf, url=url)._driver
        return driver._connection_pool.conf.oslo_messaging_rabbit

    def test_hosts_and_virtual_host_stay(self):
        url = self.url()
        self.assertEqual('vhost', url.virtual_host)
        self.assertEqual(
            [('one', 5671, 'u', 'p@ss'), ('two', None, 'u', 'p@ss')],
            [(host.hostname, host.port, host.username, host.password)
             for host in url.hosts])

    def test_the_options_of_the_host_service_do_not_matter(self):
        for name, value in {
            'rabbit_quorum_queue': False, 'amqp_auto_delete': True,
            'rabbit_ha_queues': True, 'rabbit_quorum_delivery_limit': 7,
            'rabbit_transient_quorum_queue': False,
            'heartbeat_timeout_threshold': 600, 'use_queue_manager': True,
        }.items():
            self.conf.set_override(name, value, 'oslo_messaging_rabbit')

        options = self.driver_options(self.url())

        self.assertEqual((True, True, False, False, 0, 15, False), (
            options.rabbit_quorum_queue,
            options.rabbit_transient_quorum_queue,
            options.amqp_auto_delete, options.rabbit_ha_queues,
            options.rabbit_quorum_delivery_limit,
            options.heartbeat_timeout_threshold, options.use_queue_manager))

    def test_a_query_decides_about_recovery_only(self):
        options = self.driver_options(self.url(
            URL + '?heartbeat_timeout_threshold=7&rabbit_quorum_queue=false'
            '&ssl=true&rpc_conn_pool_size=3'))
        self.assertEqual((7, True, True, 3), (
            options.heartbeat_timeout_threshold, options.rabbit_quorum_queue,
            options.ssl, options.rpc_conn_pool_size))

    def test_classic_queues_are_durable(self):
        options = self.driver_options(self.url(quorum=False))
        self.assertEqual((False, False, True), (
            options.rabbit_quorum_queue,
            options.rabbit_transient_quorum_queue,
            options.amqp_durable_queues))

    def test_writer_and_emitter_declare_alike(self):
        for quorum in True, False:
            sides = [self.url(quorum=quorum, is_emitter=is_emitter).query
                     for is_emitter in (True, False)]
            for name in ('rabbit_quorum_queue', 'amqp_durable_queues',
                         'amqp_auto_delete', *bus._ALIKE):
                self.assertEqual(*(side[name] for side in sides))

    def test_a_writer_keeps_its_queue_names(self):
        self.conf.set_override('use_queue_manager', True,
                               'oslo_messaging_rabbit')
        self.assertNotIn('use_queue_manager',
                         self.url(is_emitter=False).query)

    def test_other_drivers_get_no_options(self):
        for url in 'fake://', 'kafka://host/':
            self.assertEqual({}, self.url(url).query)
            self.assertIsNone(bus.Bus(self.conf, url, True, '[x] y',
                                      True).topology(1))

    def test_the_options_of_each_side(self):
        conf = cfg.ConfigOpts()
        self.assertEqual(
            ('[cinder_messages] rabbit_quorum_queue', True, True),
            (lambda made: (made.option, made.quorum, made.is_emitter))(
                bus.Bus.for_emitter(conf)))
        self.assertEqual(
            ('[writer] rabbit_quorum_queue', True, False),
            (lambda made: (made.option, made.quorum, made.is_emitter))(
                bus.Bus.for_writer(conf)))


class TestOptions(base.TestCase):

    def test_a_transport_works_on_a_configuration_of_its_own(self):
        conf = cfg.ConfigOpts()
        conf([])
        transport = bus.Bus(conf, 'fake://', True, '[x] y',
                            True).get_transport()
        self.addCleanup(transport.cleanup)
        messaging.get_rpc_client(
            transport, messaging.Target(topic='t')).cast({}, 'method')
