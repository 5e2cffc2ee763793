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

"""Clusters on loopback: RabbitMQ, and PostgreSQL behind HAProxy."""

import http.server
import shutil
import socket
import threading
import uuid

import fixtures
import sqlalchemy as sa

from tests.services import servers


class RabbitMQCluster(fixtures.Fixture):
    """Brokers of one cluster, of which a minority pauses.

    :ivar nodes: the brokers
    :ivar url: of all of them, for oslo.messaging
    """

    def __init__(self, size=3):
        self._size = size

    def _setUp(self):
        self._cookie = uuid.uuid4().hex
        self.nodes = [
            self.useFixture(servers.RabbitMQ(cookie=self._cookie))
            for _ in range(self._size)]
        first = self.nodes[0]
        for node in self.nodes[1:]:
            node.control('stop_app')
            node.control('join_cluster', first.node)
            node.control('start_app')
        hosts = ','.join(f'guest:guest@127.0.0.1:{node.port}'
                         for node in self.nodes)
        self.url = f'rabbit://{hosts}/'

    def leader(self, queue):
        """Return the broker that leads a quorum queue."""
        for broker in self.nodes:
            try:
                rows = broker.control('list_queues', 'name', 'leader')
            except AssertionError:
                continue
            for row in rows.splitlines():
                if row.split()[:1] == [queue]:
                    return next(node for node in self.nodes
                                if node.node == row.split()[1])
        raise AssertionError(f'no queue {queue}')

    def isolate(self, broker):
        """Cut a broker off from the others, in both directions."""
        self._set_cookies(broker, 'another')
        broker.control('eval', ', '.join(
            f"erlang:disconnect_node('{other.node}')"
            for other in self.nodes if other is not broker) + '.')

    def heal(self, broker):
        """Undo :meth:`isolate`."""
        self._set_cookies(broker, self._cookie)

    def _set_cookies(self, broker, cookie):
        # NOTE: on one side only; the sides of a connection must differ.
        broker.control('eval', ', '.join(
            f"erlang:set_cookie('{other.node}', '{cookie}')"
            for other in self.nodes if other is not broker) + '.')


class Standby(servers.PostgreSQL):
    """A streaming standby.

    :param primary: a PostgreSQL that waits for it with each commit
    """

    def __init__(self, primary):
        self._primary = primary

    def initialize(self):
        self.run(*self._as_user, f'{self._bin}/pg_basebackup', '--pgdata',
                 str(self._data), '--write-recovery-conf', '--checkpoint=fast',
                 '--host=127.0.0.1', f'--port={self._primary.port}',
                 '--username=tester')

    def promote(self):
        """Make it a primary; returns when it accepts writes."""
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql('SELECT pg_promote()')


class HAProxy(servers.Server):
    """A proxy in front of database servers.

    It uses a server that it was told is the primary, as with Patroni.

    :param ports: of the servers
    :ivar primaries: the ports that may be used
    """

    def __init__(self, *ports):
        self._ports = ports
        self.primaries = {ports[0]}

    def create(self):
        roles = self._serve_roles()
        self._config = self.directory / 'haproxy.cfg'
        # NOTE: each server has a backend of its own, since HAProxy asks one
        # path for all servers of a backend.
        rules = ''.join(
            f'    use_backend b{port} if {{ nbsrv(b{port}) gt 0 }}\n'
            for port in self._ports)
        self._config.write_text(
            'global\n    maxconn 500\n'
            'defaults\n    mode tcp\n    timeout connect 2s\n'
            '    timeout client 1h\n    timeout server 1h\n'
            f'frontend f\n    bind 127.0.0.1:{self.port}\n{rules}' +
            ''.join(f'backend b{port}\n    option httpchk GET /{port}\n'
                    f'    server s 127.0.0.1:{port} check port {roles} '
                    'inter 200ms fall 1 rise 1\n' for port in self._ports))

    def command(self):
        return [shutil.which('haproxy', path='/usr/sbin:/usr/bin'), '-db',
                '-f', str(self._config)]

    def connect(self):
        if self._process.popen.poll() is not None:
            raise AssertionError('haproxy has ended')
        socket.create_connection(('127.0.0.1', self.port), 2).close()

    def _serve_roles(self):
        """Answer for each port whether it is a primary's; its own port."""
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):

            def do_GET(self):
                port = int(self.path.strip('/'))
                self.send_response(
                    200 if port in proxy.primaries else 503)
                self.end_headers()

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port
