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

"""RabbitMQ as deployers run it: quorum queues, TLS, backlog, bad password."""

import re
import subprocess
import threading

import fixtures as python_fixtures
from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages.rpc import bus
from cinder_messages.rpc import contract
from cinder_messages.rpc import server
from tests import base
from tests import documents
from tests.services import fixtures
from tests.services import servers

PROJECT = 'a-project'


def recommended(ca, lock_path):
    """What the documentation tells a deployer to write, but for paths."""
    block = documents.block_named('rabbitmq-options')
    options = block.text.partition('[oslo_messaging_rabbit]')
    text = ''.join(options[1:])
    for name, value in ('ssl_ca_file', ca), ('lock_path', lock_path):
        text, found = re.subn(f'({name} = ).*', rf'\g<1>{value}', text)
        assert found == 1, block.text
    return '\n' + text


class BrokerTestCase(base.TestCase):

    def deploy(self, broker, extra='', url=None):
        deployment = self.useFixture(fixtures.Deployment(
            'mysql', transport_url=url or broker.url,
            management_url=broker.url))
        with open(deployment.config_file, 'a') as config:
            config.write(extra)
        deployment.sync()
        return deployment

    def report(self, deployment):
        """Report by hand; whether a writer has answered."""
        return deployment.run(
            'cinder-messages-manage', 'message', 'create', '--project-id',
            PROJECT, '--event-id', '000002')

    def check(self, deployment, count=1):
        done = self.report(deployment)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(count, len(
            deployment.start_api().list_all(PROJECT)))


class TestQuorumQueues(BrokerTestCase):

    def test_reports_are_stored_before_and_after_a_restart(self):
        broker = self.useFixture(servers.RabbitMQ())
        deployment = self.deploy(broker)
        deployment.start_writer()
        self.check(deployment)
        self.assertIn('cinder-messages', broker.queues('quorum'))

        reporting = deployment.start_reporter(2000)
        reporting.wait_for_line('^reported')
        broker.kill()
        broker.start()

        self.assertIn('"stored"', reporting.wait_for_line(
            '^answered (.*)', 120).group(1))
        self.check(deployment, 2)


class TestTLS(BrokerTestCase):

    def setUp(self):
        super().setUp()
        self.broker = self.useFixture(servers.RabbitMQ(tls=True))
        self.locks = self.useFixture(python_fixtures.TempDir()).path

    def test_reports_are_stored_with_what_is_recommended(self):
        deployment = self.deploy(
            self.broker, recommended(self.broker.ca, self.locks),
            self.broker.tls_url)
        deployment.start_writer()
        self.check(deployment)
        self.assertIn('cinder-messages', self.broker.queues('quorum'))

    def test_a_certificate_of_somebody_else_is_not_believed(self):
        other = self.broker.directory / 'other.pem'
        subprocess.run(
            servers.make_certificate(other, other.with_suffix('.key')),
            check=True, capture_output=True)
        deployment = self.deploy(
            self.broker, recommended(other, self.locks), self.broker.tls_url)
        deployment.start_writer(wait=False).wait_for_line(
            '(?i)certificate.verify.failed')


class TestWrongPassword(BrokerTestCase):

    def test_the_writer_says_so(self):
        broker = self.useFixture(servers.RabbitMQ())
        deployment = self.deploy(
            broker, url=broker.url.replace('guest:guest', 'guest:wrong'))
        writer = deployment.start_writer(wait=False)
        line = writer.wait_for_line('ACCESS_REFUSED|refused')
        self.assertNotIn('wrong', line.string)


class TestBacklog(base.TestCase):

    class Endpoint:
        """Counts calls, and ends none before it is told to."""

        target = messaging.Target(version=contract.VERSION)

        def __init__(self):
            self.begun = threading.Semaphore(0)
            self.may_end = threading.Event()

        @messaging.expose
        def create_messages(self, context, messages):
            self.begun.release()
            self.may_end.wait(60)

    def test_a_writer_takes_no_more_calls_than_it_has_threads(self):
        endpoint = self.Endpoint()
        threads = server.set_defaults(cfg.CONF)
        transport = bus.Bus(
            cfg.CONF, fixtures.TRANSPORT_URL, True, '', False).get_transport()
        self.addCleanup(transport.cleanup)
        serving = server.make_server(transport, endpoint, 'with-a-backlog')
        serving.start()
        self.addCleanup(serving.wait)
        self.addCleanup(serving.stop)
        self.addCleanup(endpoint.may_end.set)

        client = messaging.get_rpc_client(transport, messaging.Target(
            exchange=contract.EXCHANGE, topic=contract.TOPIC))
        for _ in range(100):
            client.cast({}, 'create_messages', messages=[])
        for _ in range(threads):
            self.assertTrue(endpoint.begun.acquire(timeout=30))

        with fixtures.broker() as connection:
            waiting = connection.default_channel.queue_declare(
                contract.TOPIC, passive=True).message_count
        # NOTE: one more is in the listener's hand, and as many as there are
        # threads are on their way.
        self.assertGreaterEqual(waiting, 100 - 2 * threads - 1)
        self.assertFalse(endpoint.begun.acquire(timeout=0.1))
        endpoint.may_end.set()
        for _ in range(100 - threads):
            self.assertTrue(endpoint.begun.acquire(timeout=30))
