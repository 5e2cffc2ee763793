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


import socket
import ssl

import amqp
import fixtures

from cinder_messages import exception
from cinder_messages.rpc import bus
from cinder_messages.rpc import topology
from tests import base

QUEUE = ("PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue "
         "'cinder-messages' in vhost 'v': received %s but current is %s")


class TopologyTestCase(base.TestCase):

    def make(self, url='rabbit://me:hush@127.0.0.1:1/v', quorum=True,
             timeout=2):
        return bus.Bus(self.conf, url, quorum, '[writer] rabbit_quorum_queue',
                       False).topology(timeout)


class TestErrors(TopologyTestCase):

    def mismatch(self, text, **kwargs):
        return str(self.make(**kwargs)._mismatch(
            amqp.PreconditionFailed(text)))

    def test_a_mismatch_names_option_values_and_remedy(self):
        said = self.mismatch(QUEUE % (
            "the value 'quorum' of type 'longstr'", 'none'))
        self.assertTrue(said.startswith(
            'The message bus cannot be used as configured: '))
        for part in ('queue cinder-messages in the virtual host v has '
                     'x-queue-type = classic',
                     '[writer] rabbit_quorum_queue = true, requires quorum',
                     topology.DELETE_COMMAND):
            self.assertIn(part, said)

        said = self.mismatch(QUEUE % (
            'none', "the value 'quorum' of type 'longstr'"), quorum=False)
        self.assertIn('x-queue-type = quorum', said)
        self.assertIn('rabbit_quorum_queue = false, requires classic', said)

    def test_a_mismatch_of_the_exchange(self):
        said = self.mismatch(
            "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange "
            "'cinder-messages' in vhost '/': received 'true' but current is "
            "'false'")
        self.assertIn('exchange cinder-messages', said)
        self.assertIn('durable = false', said)
        self.assertIn('requires true', said)

    def test_a_text_of_another_broker_is_escaped(self):
        self.assertIn(r'odd\n', self.mismatch('odd\ntext'))

    def test_a_broker_that_is_down(self):
        error = self.assertRaises(
            exception.BusUnavailable, self.make().check)
        self.assertIn('ConnectionRefusedError', str(error))
        self.assertNotIn('hush', str(error))

    def test_a_server_that_does_not_answer(self):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        made = self.make('rabbit://me:hush@127.0.0.1:%d/' %
                         listener.getsockname()[1], timeout=0.2)
        for operation in (made.check, made.check_emitter,
                          lambda: made.declare('host')):
            self.assertRaises(exception.BusUnavailable, operation)


class TestConnection(TopologyTestCase):

    def test_the_next_host_is_tried(self):
        tried = []

        class Connection:
            def __init__(self, host, **kwargs):
                tried.append(host)
                self.host = host

            def connect(self):
                if self.host.endswith(':1'):
                    raise ConnectionRefusedError

            def collect(self):
                pass

            close = collect

        self.useFixture(fixtures.MonkeyPatch('amqp.Connection', Connection))
        made = self.make('rabbit://u:p@one:1,u:p@two,u:p@[::1]:1/v')
        for _ in range(20):
            with made._connect() as connection:
                self.assertEqual('two:5672', connection.host)
        self.assertIn('[::1]:1', tried)

    def test_tls_is_that_of_the_driver(self):
        self.assertIs(False, self.make()._tls_parameters())
        query = '?ssl=true&ssl_ca_file=/ca&ssl_cert_file=/c&ssl_key_file=/k'
        self.assertEqual(
            {'ca_certs': '/ca', 'certfile': '/c', 'keyfile': '/k',
             'cert_reqs': ssl.CERT_REQUIRED, 'server_hostname': 'h'},
            self.make(f'rabbit://u:p@h/{query}')._tls_parameters())
        self.assertNotIn(
            'server_hostname',
            self.make(f'rabbit://u:p@h,u:p@i/{query}')._tls_parameters())
        bus.register_options(self.conf)
        self.conf.set_override('ssl', True, 'oslo_messaging_rabbit')
        self.assertIs(True, self.make()._tls_parameters())
