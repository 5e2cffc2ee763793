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

"""A deployment of real processes on real services."""

import json
import os
import time
import urllib.error
import urllib.request

import fixtures
import kombu
import sqlalchemy as sa

from cinder_messages.rpc import contract
from tests import database
from tests import process

TRANSPORT_URL = os.environ.get(
    'CINDER_MESSAGES_TEST_TRANSPORT_URL', 'rabbit://guest:guest@127.0.0.1/')

# Seconds in which the broker notices that a killed writer has gone.
IDLE_DEADLINE = 30

CONFIG = """\
[DEFAULT]
transport_url = {transport_url}

[database]
connection = {connection}

[api]
auth_strategy = noauth

[cinder_messages]
call_timeout = 5
exit_timeout = 60
spool_dir = {spool_dir}
"""


def broker(url=TRANSPORT_URL):
    """A connection to the broker beside oslo.messaging's."""
    return kombu.Connection(url.replace('rabbit://', 'amqp://', 1))


class Deployment(fixtures.Fixture):
    """One configuration file, a database of its own and an empty queue.

    :param backend: ``mysql`` or ``postgresql``
    :param connection: of another database than one on the shared server
    :param transport_url: of another broker than the shared one
    :param management_url: the same in plain, for the test itself
    :ivar config_file: what all processes read
    :ivar transport_url: of the broker, as in that
    """

    def __init__(self, backend, connection=None,
                 transport_url=TRANSPORT_URL, management_url=None):
        self._backend = backend
        self.connection = connection
        self.transport_url = transport_url
        self._management_url = management_url or transport_url

    def _setUp(self):
        if self.connection is None:
            self.connection = self.useFixture(
                database.DatabaseFixture(self._backend)).url
        self.config_file = self.useFixture(
            fixtures.TempDir()).join('cinder-messages.conf')
        with open(self.config_file, 'w') as config:
            config.write(CONFIG.format(
                transport_url=self.transport_url,
                connection=self.connection,
                spool_dir=self.useFixture(fixtures.TempDir()).path))
        self._wait_for_idle_queue()
        self._empty_queue()
        self.addCleanup(self._empty_queue)

    def resources(self):
        """Return the resource of each stored message, in their order."""
        engine = sa.create_engine(self.connection, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            return connection.exec_driver_sql(
                'SELECT resource_uuid FROM user_messages '
                'ORDER BY created_at, id').scalars().all()

    def _wait_for_idle_queue(self):
        """Fail if a writer of another run takes reports of this broker.

        The broker would hand it every second report of this deployment, and
        it would store them in its own database.
        """
        deadline = time.monotonic() + IDLE_DEADLINE
        # NOTE: the broker notices a bit later that a consumer was killed.
        while consumers := self._count_consumers():
            if time.monotonic() > deadline:
                raise AssertionError(
                    f'{consumers} other consumers of {contract.TOPIC} on the '
                    'broker of the tests: end that writer, or name a vhost '
                    'of your own in CINDER_MESSAGES_TEST_TRANSPORT_URL.')
            time.sleep(0.2)

    def _count_consumers(self):
        with broker(self._management_url) as connection:
            try:
                return connection.default_channel.queue_declare(
                    contract.TOPIC, passive=True).consumer_count
            except connection.channel_errors:
                return 0

    def _empty_queue(self):
        with broker(self._management_url) as connection:
            channel = connection.default_channel
            channel.queue_delete(contract.TOPIC)
            channel.exchange_delete(contract.EXCHANGE)

    def run(self, *args):
        """Run a command of ours with our configuration to its end."""
        return process.run(self.command(*args))

    def command(self, name, *args):
        """The command line of a command of ours with our configuration."""
        return process.command(
            name, '--config-file', self.config_file, *args)

    def sync(self):
        """Migrate the database."""
        done = self.run('cinder-messages-manage', 'db', 'sync')
        if done.returncode:
            raise AssertionError(done.stderr)

    def start_writer(self, wait=True):
        """A writer service of one worker, which takes calls if waited for."""
        writer = self.useFixture(process.Process(
            self.command('cinder-messages-writer')))
        if wait:
            writer.wait_for_line('accepts reports')
        return writer

    def start_reporter(self, count, *args, config_file=None):
        """A service that reports ``count`` messages and waits for them."""
        return self.useFixture(process.Process(process.python(
            '-m', 'tests.services.reporter', config_file or self.config_file,
            str(count), *args)))

    def start_api(self):
        """The API under gunicorn; its URL without the project."""
        port = process.free_port()
        server = self.useFixture(process.Process(
            process.command(
                'gunicorn', '--bind', f'127.0.0.1:{port}', '--threads', '4',
                'cinder_messages.wsgi.api:application'),
            OS_CINDER_MESSAGES_CONFIG_FILES=self.config_file))
        server.wait_for_line('Booting worker')
        return API(f'http://127.0.0.1:{port}/v3', server)


class API:
    """A client without manners.

    :param url: with the version, without the project
    :param process: what serves there
    """

    def __init__(self, url, process=None):
        self.url = url
        self.process = process

    def request(self, method, path, project, version='3.5'):
        """Status and body of a user of a project, without Keystone."""
        return self.ask(method, f'/{project}{path}', {
            'X-Auth-Token': f'tester:{project}',
            'OpenStack-API-Version': f'volume {version}'})

    def ask(self, method, path, headers):
        """Status and body, None for an empty one.

        :param path: behind the version
        :param headers: more than the newest microversion
        """
        request = urllib.request.Request(
            self.url + path, method=method, headers={
                'OpenStack-API-Version': 'volume latest', **headers})
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                body = response.read()
                return response.status, json.loads(body) if body else None
        except urllib.error.HTTPError as response:
            with response:
                return response.code, json.load(response)

    def list_all(self, project):
        """All messages of a project, page by page."""
        messages = []
        marker = ''
        while True:
            status, body = self.request(
                'GET', f'/messages?limit=500{marker}', project)
            if status != 200:
                raise AssertionError(f'{status} {body}')
            messages += body['messages']
            if 'messages_links' not in body:
                return messages
            marker = '&marker=' + messages[-1]['id']
