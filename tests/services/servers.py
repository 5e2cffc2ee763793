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

"""Servers of a test's own, which it may kill.

They run from what the system has installed, on free ports of loopback and in
directories that are gone afterwards.
"""

import contextlib
import glob
import os
import pathlib
import shutil
import signal
import tempfile
import time

import fixtures
import kombu
import sqlalchemy as sa

from tests import process

_RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server'
_POSTGRESQL = '/usr/lib/postgresql/*/bin'


class Server(fixtures.Fixture):
    """A server that keeps its data over being killed and started again.

    :ivar port: on loopback, the same each time
    """

    environment: dict[str, str] = {}

    def _setUp(self):
        # NOTE: not below the directory of the test, which only its user may
        # enter: PostgreSQL refuses to run as root.
        self.directory = pathlib.Path(tempfile.mkdtemp(
            prefix='cinder-messages-', dir='/tmp'))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.port = process.free_port()
        self.create()
        self.start()

    def create(self):
        """Make what it keeps."""

    def command(self):
        """The command line that serves."""
        raise NotImplementedError

    def connect(self):
        """Return if it answers, or raise whatever its driver raises."""
        raise NotImplementedError

    def start(self):
        """Serve; returns when it answers."""
        self._process = self.useFixture(process.Process(
            self.command(), **self.environment))
        self.addCleanup(self.kill)
        deadline = time.monotonic() + process.DEADLINE
        while True:
            try:
                return self.connect()
            except Exception:
                if (time.monotonic() > deadline or
                        self._process.popen.poll() is not None):
                    raise
                time.sleep(0.2)

    def kill(self):
        """SIGKILL to all of its processes; returns when they are gone."""
        first = self._process.popen.pid
        found: list[int] = []
        # NOTE: stopped from the top down, or a parent replaces a child that
        # died before it, and PostgreSQL does not start beside the orphan.
        while new := [pid for pid in (first, *descendants(first))
                      if pid not in found]:
            _signal(new, signal.SIGSTOP)
            found += new
        _signal(found, signal.SIGKILL)
        self._process.wait()
        while any(_is_running(pid) for pid in found):
            time.sleep(0.01)

    def run(self, *args):
        """A command that must succeed."""
        done = process.run(args, **self.environment)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)


def _signal(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _is_running(pid):
    """Whether a process holds anything any more; a zombie does not."""
    try:
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return False
    return stat.rpartition(')')[2].split()[0] not in 'ZX'


def make_certificate(certificate, key):
    """The command that makes a certificate for loopback, its own CA."""
    return ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
            '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
            'subjectAltName=IP:127.0.0.1', '-keyout', str(key), '-out',
            str(certificate)]


class RabbitMQ(Server):
    """A broker.

    :param tls: True to listen with TLS as well
    :param cookie: the Erlang cookie that it shares with its cluster
    :ivar url: for oslo.messaging
    :ivar tls_url: the same with TLS
    :ivar ca: who has signed its certificate
    """

    def __init__(self, tls=False, cookie=None):
        self._tls = tls
        self._cookie = cookie

    def create(self):
        self.url = f'rabbit://guest:guest@127.0.0.1:{self.port}/'
        config = self.directory / 'rabbitmq.conf'
        config.write_text(f'listeners.tcp.1 = 127.0.0.1:{self.port}\n')
        if self._tls:
            self._listen_with_tls(config)
        (self.directory / 'enabled_plugins').write_text('[].\n')
        if self._cookie:
            cookie = self.directory / '.erlang.cookie'
            cookie.write_text(self._cookie)
            cookie.chmod(0o400)
            with open(config, 'a') as options:
                options.write('cluster_partition_handling = pause_minority\n')
        self.environment = {
            'HOME': str(self.directory),
            'RABBITMQ_NODENAME': f'cinder-messages-{self.port}@localhost',
            'RABBITMQ_DIST_PORT': str(process.free_port()),
            'RABBITMQ_CONFIG_FILE': str(config),
            'RABBITMQ_CONF_ENV_FILE': str(self.directory / 'none'),
            'RABBITMQ_ENABLED_PLUGINS_FILE':
                str(self.directory / 'enabled_plugins'),
            'RABBITMQ_MNESIA_BASE': str(self.directory / 'mnesia'),
            'RABBITMQ_LOG_BASE': str(self.directory / 'log'),
            'RABBITMQ_PID_FILE': str(self.directory / 'pid'),
        }

    @property
    def node(self):
        """The name of the Erlang node."""
        return self.environment['RABBITMQ_NODENAME']

    def control(self, *args):
        """Run rabbitmqctl; its output."""
        done = process.run(
            [_RABBITMQ.replace('-server', 'ctl'), '-q', '-n',
             self.node, *args], timeout=120,
            **self.environment)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def queues(self, kind):
        """The names of its queues of a kind."""
        return [line.split()[0] for line in self.control(
            'list_queues', 'name', 'type').splitlines()
            if line.split()[1:] == [kind]]

    def command(self):
        return [_RABBITMQ]

    def _listen_with_tls(self, config):
        port = process.free_port()
        self.tls_url = f'rabbit://guest:guest@127.0.0.1:{port}/'
        self.ca = self.directory / 'certificate.pem'
        key = self.directory / 'key.pem'
        self.run(*make_certificate(self.ca, key))
        with open(config, 'a') as options:
            options.write(f'listeners.ssl.1 = 127.0.0.1:{port}\n'
                          f'ssl_options.certfile = {self.ca}\n'
                          f'ssl_options.keyfile = {key}\n'
                          f'ssl_options.cacertfile = {self.ca}\n'
                          'ssl_options.verify = verify_none\n')

    def connect(self):
        with kombu.Connection(
                self.url.replace('rabbit', 'amqp', 1),
                connect_timeout=2) as connection:
            connection.connect()


class Database(Server):
    """A database server with one empty database.

    :ivar url: of that, for SQLAlchemy
    """

    def connect(self):
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql('SELECT 1')


class MariaDB(Database):

    def create(self):
        self.url = f'mysql+pymysql://root@127.0.0.1:{self.port}/test'
        self._data = self.directory / 'data'
        self.run('mariadb-install-db', '--no-defaults',
                 f'--datadir={self._data}', '--user=root',
                 '--auth-root-authentication-method=normal')

    def command(self):
        return ['mariadbd', '--no-defaults', f'--datadir={self._data}',
                '--user=root', '--bind-address=127.0.0.1',
                f'--port={self.port}', f'--socket={self.directory}/socket',
                f'--pid-file={self.directory}/pid']


class PostgreSQL(Database):
    """A PostgreSQL server.

    :ivar options: of its configuration, for the next start
    """

    def create(self):
        self.options: dict[str, str] = {}
        self.url = (
            f'postgresql+psycopg://tester@127.0.0.1:{self.port}/postgres')
        self._data = self.directory / 'data'
        self._bin = sorted(glob.glob(_POSTGRESQL))[-1]
        self._as_user = []
        if os.geteuid() == 0:
            # NOTE: unlike runuser it is replaced by what it runs, so that who
            # kills PostgreSQL is its parent and reaps it.
            self._as_user = ['setpriv', '--reuid=postgres',
                             '--regid=postgres', '--init-groups']
            shutil.chown(self.directory, 'postgres')
        self.initialize()

    def initialize(self):
        """Make the data directory."""
        self.run(*self._as_user, f'{self._bin}/initdb', '--auth=trust',
                 '--username=tester', f'--pgdata={self._data}')

    def command(self):
        return [*self._as_user, f'{self._bin}/postgres', '-D',
                str(self._data), '-p', str(self.port), '-h', '127.0.0.1',
                '-k', str(self.directory),
                *(f'--{name}={value}' for name, value in self.options.items())]


DATABASES = {'mysql': MariaDB, 'postgresql': PostgreSQL}


def descendants(pid):
    """The process ids of a process's children, and theirs."""
    found = []
    for path in glob.glob(f'/proc/{pid}/task/*/children'):
        with contextlib.suppress(OSError):
            for child in map(int, pathlib.Path(path).read_text().split()):
                found += [child, *descendants(child)]
    return found
