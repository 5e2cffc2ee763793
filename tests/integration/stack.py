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

"""Keystone and all of Cinder as real processes, on a real bus and database.

Run by itself it stays until it is interrupted, and says how to talk to it::

    python -m tests.integration.stack
"""

import argparse
import contextlib
import os
import pathlib
import signal
import sys
import time
from urllib import request

import fixtures
from openstack import connection

from tests import database
from tests.integration import cinder_api
from tests.integration import templates
from tests import process
from tests.services import fixtures as services
from tests.services import keystone
from tests.services import servers
from tests.services import standby

# NOTE: not to be imported from here, where threads are native: Cinder's
# processes choose for themselves.
_DRIVERS = pathlib.Path(__file__).with_name('drivers')

# What a service has written once it is there; cinder-volume has a child for
# each of two back ends.
_READY = {
    'cinder-api': ['wsgi starting up on'],
    'cinder-scheduler': ['Starting cinder-scheduler node'],
    'cinder-volume': ['post RPC initialization completed'] * 2,
    'cinder-backup': ['Starting cinder-backup node'],
    'cinder-messages-writer': ['accepts reports'],
}
HOST = 'hollow-host'

# Where what it is told would get lost until it listens, which is later.
_QUEUES = {
    'cinder-scheduler': f'cinder-scheduler.{HOST}',
    'cinder-backup': f'cinder-backup.{HOST}',
}

SERVICES = ('cinder-api', 'cinder-scheduler', 'cinder-volume')


class Stack(fixtures.Fixture):
    """A Cinder for real clients, which stays what it is until told otherwise.

    :param backend: of Cinder's database, ``mysql`` or ``postgresql``
    :param our_backend: of our database
    :ivar environment: of its processes, besides ours
    :ivar keystone: where its users are
    :ivar services: the process of each service by its command
    :ivar connections: the URL of Cinder's database and of ours
    :ivar url: of the API, with the version
    """

    def __init__(self, backend='mysql', our_backend='mysql'):
        self._backends = {'cinder': backend, 'cinder-messages': our_backend}
        self.environment = {
            'PYTHONPATH': str(_DRIVERS), 'PYTHONWARNINGS': 'ignore'}

    def _setUp(self):
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.services = {}
        self.transport_url = self.useFixture(servers.RabbitMQ()).url
        self.connections = {
            name: self.useFixture(database.DatabaseFixture(backend)).url
            for name, backend in self._backends.items()}
        self.keystone = self.useFixture(keystone.Keystone())
        self.port = process.free_port()
        self.url = f'http://127.0.0.1:{self.port}/v3'
        self.keystone.create_endpoint(self.url + '/%(project_id)s')
        self._configure()
        self.run('cinder-manage', 'db', 'sync')

    def _configure(self):
        for name in 'etc/cinder', 'etc/cinder-messages', 'state':
            (self.directory / name).mkdir(parents=True)
        values = {'directory': self.directory, 'port': self.port,
                  'transport_url': self.transport_url,
                  'keystone_url': self.keystone.url, 'host': HOST,
                  'password': keystone.PASSWORD}
        self.write('cinder/cinder.conf', templates.CINDER.format(
            connection=self.connections['cinder'], **values) + ''.join(
                templates.BACKEND.format(name=name)
                for name in ('one', 'two')))
        # NOTE: where oslo.config looks besides /etc, for a WSGI server takes
        # no --config-file.
        self.environment['HOME'] = str(self.directory)
        for name in 'cinder', 'cinder-messages':
            (self.directory / f'.{name}').symlink_to(self.path(name))
        for name in 'api-paste.ini', 'resource_filters.json':
            self.write(f'cinder/{name}', (cinder_api.ETC / name).read_text())

    def install(self):
        """Make it report to us and serve our messages, before it is started.

        As the operator's guide does it, but all at once.
        """
        ours = templates.OURS.format(
            transport_url=self.transport_url,
            connection=self.connections['cinder-messages'])
        self.write('cinder-messages/cinder-messages.conf', ours)
        self.run('cinder-messages-manage', 'db', 'sync')
        config = self.read('cinder/cinder.conf')
        self.write('cinder/cinder.conf', config.replace(
            '[DEFAULT]\n', '[DEFAULT]\n' + templates.MANAGERS, 1) + (
                '\n[cinder_messages]\n'
                f'spool_dir = {self.directory}/state/spool\n'))
        self.write('cinder/api-paste.ini', cinder_api.add_filter(
            self.read('cinder/api-paste.ini'),
            self.path('cinder-messages/cinder-messages.conf')))

    def path(self, name):
        """Where a file of ``/etc`` is."""
        return self.directory / 'etc' / name

    def read(self, name):
        """The text of a file of ``/etc``."""
        return self.path(name).read_text()

    def write(self, name, text):
        """Make or replace a file of ``/etc``."""
        self.path(name).write_text(text)

    def command(self, name, *args):
        """The command line of one of Cinder's commands or ours."""
        file = ('cinder-messages/cinder-messages.conf'
                if name.startswith('cinder-messages')
                else 'cinder/cinder.conf')
        return process.command(
            name, '--config-file', str(self.path(file)), *args)

    def run(self, *args):
        """Run one of these commands, which must succeed; its output."""
        done = process.run(self.command(*args), 300, **self.environment)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def start(self, *names):
        """Start services; returns when they are there."""
        for name in names:
            self.services[name] = self.useFixture(process.Process(
                self.command(name), **self.environment))
            # NOTE: what a back end tells when it starts is for a scheduler
            # that listens already.
            if name in _QUEUES:
                self._wait_for_service(name)
        for name in names:
            if name not in _QUEUES:
                self._wait_for_service(name)

    def _wait_for_service(self, name):
        for line in _READY[name]:
            self.services[name].wait_for_line(line)
        if name in _QUEUES:
            self.wait(lambda: self._is_heard(_QUEUES[name]))

    def _is_heard(self, queue):
        """Whether somebody takes what is sent to a queue."""
        with services.broker(self.transport_url) as bus:
            try:
                return bus.default_channel.queue_declare(
                    queue, passive=True).consumer_count
            except bus.channel_errors:
                return 0

    def serve(self, bind, args, **environment):
        """Start Cinder's API under a WSGI server, beside cinder-api.

        :param bind: where it listens
        :param args: the command line
        :returns: the URL of the API, with the version
        """
        self.useFixture(process.Process(
            args, **{**self.environment, **environment}))
        self.wait(lambda: _answers(bind))
        return f'http://{bind}/v3'

    def use_threads(self, whether):
        """Have Cinder's processes use native threads, and not eventlet."""
        self.environment['OS_CINDER_DISABLE_EVENTLET_PATCHING'] = str(
            whether).lower()

    def write_logs(self, directory):
        """Write what each service has logged to a file of its name."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, service in self.services.items():
            (directory / f'{name}.log').write_text(''.join(
                f'{line.rstrip()}\n' for line in service.lines))

    def restart(self, *names):
        """Stop services as an init system does, and start them again."""
        for name in names:
            self.services[name].popen.terminate()
        for name in names:
            self.services[name].wait()
        self.start(*names)

    def wait_for_pools(self):
        """Return when the scheduler has heard of both back ends."""
        admin = self.connect('admin')
        self.wait(lambda: len(list(admin.block_storage.backend_pools())) == 2)

    def connect(self, name, project='admin'):
        """An administrator's connection, for what is no test of clients."""
        return connection.Connection(
            auth={'auth_url': self.keystone.url, 'username': name,
                  'password': keystone.PASSWORD, 'project_name': project,
                  'user_domain_id': 'default', 'project_domain_id': 'default'},
            region_name=keystone.REGION, identity_api_version='3',
            block_storage_default_microversion='3.71')

    @staticmethod
    def wait(condition, timeout=process.DEADLINE):
        """Wait until something that nobody announces has come true.

        :returns: what the condition returned at last
        """
        deadline = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f'{condition} has not come true')
            time.sleep(0.2)
        return found


def _answers(bind):
    """Whether somebody serves there."""
    try:
        with request.urlopen(
                f'http://{bind}/healthcheck', timeout=60) as answer:
            return answer.status == 200
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(
        prog='python -m tests.integration.stack', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, whose in ('--backend', "Cinder's"), ('--our-backend', 'our'):
        parser.add_argument(option, choices=['mysql', 'postgresql'],
                            default='mysql', help=f'where {whose} database is')
    parser.add_argument('--threads', action='store_true',
                        help='have Cinder use native threads, not eventlet')
    parser.add_argument('--plain', action='store_true',
                        help='leave Cinder as it ships')
    args = parser.parse_args()
    # NOTE: so that it ends what it has started whenever it is told to end.
    signal.signal(signal.SIGTERM, lambda *args: sys.exit())
    with contextlib.suppress(KeyboardInterrupt), \
            fixtures.Fixture() as around:
        os.environ.update(standby.provide(around))
        stack = around.useFixture(Stack(args.backend, args.our_backend))
        stack.use_threads(args.threads)
        if not args.plain:
            stack.install()
            stack.start('cinder-messages-writer')
        stack.start(*SERVICES)
        stack.wait_for_pools()
        member = stack.keystone.create_user('demo', 'member', 'demo')
        print(f'# Configuration is in {stack.directory}/etc. Name a volume '
              '"broken" and it cannot be made.')
        for name, value in stack.keystone.environment(member).items():
            print(f'export {name}={value}')
        print('# Interrupt to end.', flush=True)
        signal.pause()


if __name__ == '__main__':
    sys.exit(main())
