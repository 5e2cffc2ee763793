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

"""The message bus: options that differ, objects that are deleted, freezes."""

import json
import re
import time

import fixtures as python_fixtures

from cinder_messages.rpc import contract
from tests import base
from tests import documents
from tests.faults import network
from tests.services import fixtures
from tests.services import servers

COUNT = 2000

# Seconds of the log of a host service that the broker refuses.
OBSERVED = 65

# Driver options that a host service, or the file of a writer, may have.
CLASSIC = """
[oslo_messaging_rabbit]
rabbit_quorum_queue = false
amqp_durable_queues = false
rabbit_transient_quorum_queue = false
"""
OTHER = """
[oslo_messaging_rabbit]
rabbit_ha_queues = true
amqp_auto_delete = true
rabbit_quorum_delivery_limit = 3
rabbit_transient_queues_ttl = 60
"""


class BusTestCase(base.TestCase):
    """A broker of its own, behind a network, and a shared database."""

    def setUp(self):
        super().setUp()
        self.broker = self.useFixture(servers.RabbitMQ())
        self.network = self.useFixture(network.Network(self.broker.port))
        self.url = self.broker.url.replace(
            str(self.broker.port), str(self.network.port))
        self.deployment = self.useFixture(fixtures.Deployment(
            'mysql', transport_url=self.url, management_url=self.broker.url))
        self.deployment.sync()

    def configure(self, text):
        """Append to the file of the writer; its emitter has another."""
        with open(self.deployment.config_file, 'a') as config:
            config.write(text)

    def emitter_file(self, text):
        """Return a configuration file for the reporting service."""
        path = self.useFixture(python_fixtures.TempDir()).join('host.conf')
        with open(self.deployment.config_file) as config:
            ours = config.read()
        with open(path, 'w') as config:
            config.write(ours + text)
        return path

    def report(self, name='volume', **kwargs):
        """Start to report; returns when half of the reports are made."""
        reporter = self.deployment.start_reporter(
            COUNT, '--name', name, '--pace', '0.0005', **kwargs)
        reporter.wait_for_line('^reported')
        return reporter

    def check(self, case, *reporters, names=('volume',)):
        """Wait for the answers: all reports stored once and in order."""
        began = time.monotonic()
        for reporter in reporters:
            answered = reporter.wait_for_line('^(un)?answered (.*)', 180)
            self.assertIsNone(answered.group(1), answered.group(0))
            counters = json.loads(answered.group(2))
            self.assertEqual(0, counters['rejected'])
        stored = self.deployment.resources()
        for name in names:
            found = [one for one in stored if one.startswith(f'{name}-')]
            self.assertEqual([f'{name}-{number}' for number in range(COUNT)],
                             found, 'lost, doubled or not in order')
        print(f'{case}: reported {COUNT * len(names)}, stored {len(stored)}, '
              f'lost 0, doubled 0, {time.monotonic() - began:.1f} s later')


class TestOptions(BusTestCase):

    def test_each_side_has_other_options_in_both_orders(self):
        early = self.report('early', config_file=self.emitter_file(CLASSIC))
        self.configure(OTHER)
        self.deployment.start_writer()
        late = self.report('late', config_file=self.emitter_file(
            CLASSIC + '[cinder_messages]\nrabbit_quorum_queue = false\n'))
        self.check('other options', early, late, names=('early', 'late'))
        self.assertIn(contract.TOPIC, self.broker.queues('quorum'))

    def test_a_broker_without_quorum_queues(self):
        self.configure('[writer]\nrabbit_quorum_queue = false\n')
        self.deployment.start_writer()
        reporter = self.report()
        self.check('classic queues', reporter)
        self.assertIn(contract.TOPIC, self.broker.queues('classic'))

    def test_the_type_of_the_queues_is_changed_as_documented(self):
        self.configure('[writer]\nrabbit_quorum_queue = false\n')
        writer = self.deployment.start_writer()
        reporter = self.report()
        writer.terminate()
        self.configure('[writer]\nrabbit_quorum_queue = true\n')

        refused = self.deployment.start_writer(wait=False)
        line = refused.wait_for_line('cannot serve').string
        for part in ('queue cinder-messages', 'x-queue-type',
                     '[writer] rabbit_quorum_queue = true', 'quorum',
                     'cinder-messages-manage writer delete-queues'):
            self.assertIn(part, line)
        for command in (('cinder-messages-manage', 'writer', 'ping'),
                        ('cinder-messages-status', 'upgrade', 'check')):
            done = self.deployment.run(*command)
            self.assertNotEqual(0, done.returncode)
            said = ' '.join((done.stdout + done.stderr).split())
            self.assertIn('x-queue-type', re.sub(r'[|\s]+', ' ', said))
        self.assertEqual(0, refused.terminate())

        typed = documents.block_named('change-queue-type').text
        command = typed.strip().removeprefix('$ ').split()
        done = self.deployment.run(*command)
        self.assertEqual(0, done.returncode, done.stderr)
        self.deployment.start_writer()
        self.check('queue type changed', reporter)
        self.assertIn(contract.TOPIC, self.broker.queues('quorum'))

    def test_what_a_first_version_left_behind(self):
        with fixtures.broker(self.broker.url) as connection:
            channel = connection.default_channel
            channel.exchange_declare(
                contract.EXCHANGE, 'topic', durable=False, auto_delete=False)
            channel.queue_declare(
                contract.TOPIC, durable=False, auto_delete=False)
        line = self.deployment.start_writer(wait=False).wait_for_line(
            'cannot serve').string
        self.assertIn('exchange cinder-messages', line)
        self.assertIn('has durable = false', line)


class TestDeleted(BusTestCase):

    def setUp(self):
        super().setUp()
        self.writer = self.deployment.start_writer()
        self.reporter = self.report()

    def on_broker(self, operation, *args):
        with fixtures.broker(self.broker.url) as connection:
            getattr(connection.default_channel, operation)(*args)

    def test_the_exchange(self):
        self.on_broker('exchange_delete', contract.EXCHANGE)
        self.check('exchange deleted', self.reporter)

    def test_the_queue(self):
        self.on_broker('queue_delete', contract.TOPIC)
        self.check('queue deleted', self.reporter)

    def test_the_virtual_host(self):
        self.broker.control('delete_vhost', '/')
        self.writer.wait_for_line('cannot serve')
        self.broker.control('add_vhost', '/')
        self.broker.control('set_permissions', 'guest', '.*', '.*', '.*')
        self.check('virtual host recreated', self.reporter)


class TestRefused(BusTestCase):
    """The broker refuses clients that were connected."""

    def setUp(self):
        super().setUp()
        self.writer = self.deployment.start_writer()

    def count_log(self, process_):
        """Return the number of characters that a process has written."""
        return len('\n'.join(process_.lines))

    def test_permissions_are_revoked(self):
        # NOTE: it makes reports for 80 seconds at least, longer than the
        # broker refuses it.
        reporter = self.deployment.start_reporter(
            COUNT, '--name', 'volume', '--pace', '0.04')
        idle = self.deployment.start_reporter(
            1, '--name', 'idle', '--linger', '300')
        reporter.wait_for_line('^began')
        idle.wait_for_line('^answered')
        self.broker.control('clear_permissions', 'guest')
        before = [self.count_log(each) for each in (reporter, idle)]
        self.broker.control('close_all_connections', 'test')
        time.sleep(OBSERVED)
        self.assertNotIn('made', reporter.lines, 'it ended too early')
        for each, began in zip((reporter, idle), before, strict=True):
            self.assertIsNone(each.popen.poll(), 'it ended too early')
            logged = self.count_log(each) - began
            print(f'{logged} bytes logged in {OBSERVED} s')
            self.assertLess(logged, 20_000 * OBSERVED / 60,
                            '\n'.join(each.lines))
        self.assertIn('cinder_messages', '\n'.join(reporter.lines),
                      'the outage is not in the log')
        self.broker.control('set_permissions', 'guest', '.*', '.*', '.*')
        self.check('permissions revoked', reporter)


class TestFrozen(BusTestCase):

    def test_connections_that_freeze_for_good(self):
        self.deployment.start_writer()
        reporter = self.report()
        began = time.monotonic()
        self.network.freeze()
        self.check('connections frozen', reporter)
        self.assertLess(time.monotonic() - began, 60)
