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
import pathlib
import re
import signal
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

    USER = 'service'

    def setUp(self):
        super().setUp()
        self.broker.control('add_user', self.USER, 'first')
        self.grant()
        self.use_password('first')
        self.writer = self.deployment.start_writer()
        self.resume = pathlib.Path(
            self.useFixture(python_fixtures.TempDir()).join('resume'))

    def grant(self, configure='.*', write='.*', read='.*'):
        self.broker.control(
            'set_permissions', self.USER, configure, write, read)

    def use_password(self, password):
        """Name the account in the file of the writer and the reporter."""
        url = self.url.replace('guest:guest', f'{self.USER}:{password}')
        # NOTE: of two values of an option the last one counts.
        self.configure(f'[DEFAULT]\ntransport_url = {url}\n')

    def start_reporters(self):
        """Return a service that reports, and one that has nothing to report.

        The first has reported half, and reports the rest on ``resume``.
        """
        idle = self.deployment.start_reporter(
            1, '--name', 'idle', '--linger', '600')
        idle.wait_for_line('^answered')
        reporter = self.deployment.start_reporter(
            COUNT, '--name', 'volume', '--pace', '0.04', '--timeout', '300',
            '--resume', str(self.resume))
        reporter.wait_for_line('^reported')
        return {'reporter': reporter, 'idle': idle, 'writer': self.writer}

    def refuse(self, case, *command):
        """Have the broker refuse all for a while; return the reporter."""
        processes = self.start_reporters()
        before = {name: len(process_.lines)
                  for name, process_ in processes.items()}
        self.broker.control(*command)
        self.broker.control('close_all_connections', 'test')
        self.resume.touch()
        time.sleep(OBSERVED)
        self.assertEqual([], [
            line for line in processes['reporter'].lines
            if line.startswith('answered')], 'it ended too early')
        for name, process_ in processes.items():
            self.assertIsNone(process_.popen.poll(), 'it ended too early')
            text = '\n'.join(process_.lines[before[name]:])
            print(f'{case}: {name} logged {len(text)} bytes in '
                  f'{OBSERVED} s')
            self.assertLess(len(text), 20_000 * OBSERVED / 60, text)
            if name != 'idle':
                self.assertIn('cinder_messages', text,
                              'the outage is not in the log')
        return processes['reporter']

    def test_permissions_are_revoked(self):
        reporter = self.refuse(
            'permissions', 'clear_permissions', self.USER)
        self.grant()
        self.check('permissions revoked', reporter)

    def test_the_permission_to_read_is_revoked(self):
        reporter = self.refuse('permission to read', 'set_permissions',
                               self.USER, '.*', '.*', '^$')
        self.grant()
        self.check('permission to read revoked', reporter)

    def test_the_password_is_changed_and_restored(self):
        reporter = self.refuse(
            'password', 'change_password', self.USER, 'second')
        self.broker.control('change_password', self.USER, 'first')
        self.check('password restored', reporter)

    def test_connections_are_limited(self):
        reporter = self.refuse('connections', 'set_user_limits', self.USER,
                               '{"max-connections": 0}')
        self.broker.control('clear_user_limits', self.USER, 'all')
        self.check('connections limited', reporter)

    def test_channels_are_limited(self):
        reporter = self.refuse('channels', 'set_user_limits', self.USER,
                               '{"max-channels": 0}')
        self.broker.control('clear_user_limits', self.USER, 'all')
        self.check('channels limited', reporter)

    def test_the_password_is_changed_here_too(self):
        """SIGHUP has writer and service read it; a restart does as well."""
        reporter = self.deployment.start_reporter(
            COUNT, '--name', 'volume', '--resume', str(self.resume))
        killed = self.deployment.start_reporter(
            COUNT, '--name', 'killed', '--resume', str(self.resume))
        reporter.wait_for_line('^reported')
        killed.wait_for_line('^reported')
        self.broker.control('change_password', self.USER, 'second')
        self.broker.control('close_all_connections', 'test')
        self.resume.touch()
        reporter.wait_for_line('BusUnavailable')
        self.writer.wait_for_line('AccessRefused')
        killed.wait_for_line('^made')
        killed.kill()
        self.assertLess(len(self.deployment.resources()), 2 * COUNT)
        self.use_password('second')
        for process_ in (self.writer, reporter):
            process_.popen.send_signal(signal.SIGHUP)
        self.check('password changed here too', reporter)
        restarted = self.deployment.start_reporter(
            COUNT, '--name', 'restarted')
        self.check('password changed and restarted', restarted,
                   names=('volume', 'killed', 'restarted'))


class TestFrozen(BusTestCase):

    def test_connections_that_freeze_for_good(self):
        self.deployment.start_writer()
        reporter = self.report()
        began = time.monotonic()
        self.network.freeze()
        self.check('connections frozen', reporter)
        self.assertLess(time.monotonic() - began, 60)
