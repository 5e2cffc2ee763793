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

"""Requests a second of this API and of Cinder's, side by side.

On a MariaDB and a PostgreSQL of this command's own, with the same rows in
both tables of one database, of which a fifth is the asking project's. Both
applications run under the same web server with the same settings, one process
and some threads, and are asked in turns by the same client; neither asks a
Keystone. On a machine that has more to do, what a request computes says more
than how many are answered. Cinder is installed in an environment of its own,
and uWSGI in both, as Cinder's guide has it (or gunicorn, for --server); ours
is in benchmarks/requirements.txt:

    python3 -m venv /tmp/cinder
    /tmp/cinder/bin/pip install cinder pyuwsgi PyMySQL psycopg[binary]
"""

import collections
import json
import os
import pathlib
import statistics
import sys

import sqlalchemy as sa

from benchmarks import cinder_rows
from benchmarks import command
from benchmarks import http_load
from tests import process
from tests.services import servers

SIDES = ('cinder', 'ours')
PROJECT = 'f' * 32
USER = 'e' * 32

Work = collections.namedtuple('Work', 'name paths cinder_query bar')

CINDER_APP = """
import os
import sys

sys.argv = ['cinder-api', '--config-file', os.environ['CINDER_CONF']]


def known_filter(global_conf, **local_conf):
    def add_filter(application):
        def answer(environ, start_response):
            user, project = environ['HTTP_X_AUTH_TOKEN'].split(':')
            environ['HTTP_X_USER_ID'] = user
            environ['HTTP_X_PROJECT_ID'] = project
            environ['HTTP_X_ROLES'] = 'member,reader'
            return application(environ, start_response)
        return answer
    return add_filter


from cinder.wsgi.api import application
"""
CINDER_CONF = """
[DEFAULT]
api_paste_config = {directory}/api-paste.ini
auth_strategy = keystone
log_file = {directory}/cinder.log
resource_query_filters_file = {prefix}/etc/cinder/resource_filters.json
state_path = {directory}
transport_url = fake:///
[database]
connection = {url}
[oslo_concurrency]
lock_path = {directory}
"""
OUR_CONF = """
[DEFAULT]
log_file = {directory}/ours.log
transport_url = fake:///
[database]
connection = {url}
[api]
auth_strategy = noauth
# On a connection that stays open, uWSGI knows no address from the second
# request on.
noauth_allow_remote = true
"""

SERVERS = {
    'uwsgi': ['{prefix}/bin/uwsgi', '--virtualenv', '{prefix}',
              '--http11-socket', '127.0.0.1:{port}', '--need-app',
              '--threads', '{threads}', '--buffer-size', '65535',
              '--disable-logging', '--die-on-term',
              '--module', '{application}'],
    'gunicorn': ['{prefix}/bin/gunicorn', '--bind', '127.0.0.1:{port}',
                 '--worker-class', 'gthread', '--threads', '{threads}',
                 '--keep-alive', '600', '{application}'],
}


class Application(servers.Server):
    """An API under a web server.

    :param prefix: of the environment that it is installed in
    :param application: module and name
    :param args: of the command line
    """

    def __init__(self, prefix, application, args, **environment):
        self._prefix = prefix
        self._application = application
        self._args = args
        self.environment = {'PYTHONWARNINGS': 'ignore', **environment}

    def command(self):
        bound = ['taskset', '--cpu-list', '0'] if self._args.one_core else []
        return bound + [part.format(
            prefix=self._prefix, port=self.port, threads=self._args.threads,
            application=self._application)
            for part in SERVERS[self._args.server]]

    @property
    def pid(self):
        """The id of the first process."""
        return self._process.popen.pid

    def connect(self):
        http_load.fetch(self.port, request('/messages?limit=1'))


def request(path):
    """Return a request of the project."""
    return http_load.get(
        f'/v3/{PROJECT}{path}', X_Auth_Token=f'{USER}:{PROJECT}',
        OpenStack_API_Version='volume 3.5')


def prepare_cinder(prefix, url, directory):
    """Write what Cinder reads, and make its tables."""
    (directory / 'beside.py').write_text(CINDER_APP)
    (directory / 'cinder.conf').write_text(CINDER_CONF.format(
        directory=directory, prefix=prefix, url=url))
    (directory / 'api-paste.ini').write_text(
        pathlib.Path(prefix, 'etc/cinder/api-paste.ini').read_text().replace(
            'keystonemiddleware.auth_token:filter_factory',
            'beside:known_filter'))
    run(f'{prefix}/bin/cinder-manage', '--config-file',
        f'{directory}/cinder.conf', 'db', 'sync')


def prepare_ours(url, directory):
    """Write what we read, and make our table; the path of the former."""
    path = directory / 'ours.conf'
    path.write_text(OUR_CONF.format(directory=directory, url=url))
    run(*process.command('cinder-messages-manage', '--config-file', str(path),
                         'db', 'sync'))
    return str(path)


def run(*args):
    """Run a command, and exit if it fails."""
    done = process.run(args, timeout=600)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def works(engine, count):
    """Return the requests, and the bar of each as a ratio."""
    with engine.connect() as connection:
        ids = connection.execute(sa.text(
            'SELECT id FROM messages WHERE project_id = :project LIMIT 500'),
            {'project': PROJECT}).scalars().all()
    large = count >= 1_000_000
    # NOTE: without this filter Cinder lists the messages of all projects.
    return [Work('list 50', ['/messages?limit=50'], f'&project_id={PROJECT}',
                 50 if large else 10),
            Work('show', [f'/messages/{id}' for id in ids], '', 6)]


def seen(port, path):
    """Return the messages without the fields that only ours have."""
    body = json.loads(http_load.fetch(port, request(path)))
    return [{name: value for name, value in message.items()
             if name not in ('links', 'user_message', 'created_at',
                             'guaranteed_until')}
            for message in body.get('messages') or [body['message']]]


def cpu_seconds(application):
    """Return the processor time of an application's processes so far."""
    first = application.pid
    ticks = 0
    for pid in (first, *servers.descendants(first)):
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        ticks += sum(map(int, stat.rpartition(')')[2].split()[11:13]))
    return ticks / os.sysconf('SC_CLK_TCK')


def compare(work, applications, args):
    """Medians of each side, over rounds that alternate.

    :returns: requests a second, and milliseconds of computing a request
    """
    ports = {side: applications[side].port for side in SIDES}
    paths = {'cinder': [path + work.cinder_query for path in work.paths],
             'ours': work.paths}
    first = [seen(ports[side], paths[side][0]) for side in SIDES]
    if first[0] != first[1]:
        raise SystemExit(f'The answers differ for {work.name}:\n{first[0]}\n'
                         f'{first[1]}')
    requests = {side: [request(path) for path in paths[side]]
                for side in SIDES}
    rates = {side: [] for side in SIDES}
    costs = {side: [] for side in SIDES}
    for number in range(args.rounds):
        for side in SIDES if number % 2 else reversed(SIDES):
            before = cpu_seconds(applications[side])
            load = http_load.run(ports[side], requests[side], args.seconds,
                                 args.connections)
            rates[side].append(load.answers / load.seconds)
            costs[side].append((cpu_seconds(applications[side]) - before) *
                               1000 / load.answers)
    return [statistics.median(values[side])
            for values in (rates, costs) for side in SIDES]


def measure(backend, args):
    """Print a line for each work and number of rows."""
    cinder_prefix = process.run(
        [args.cinder_python, '-c', 'import sys; print(sys.prefix)']
        ).stdout.strip()
    with servers.DATABASES[backend]() as server:
        prepare_cinder(cinder_prefix, server.url, server.directory)
        our_conf = prepare_ours(
            server.url.replace('pymysql', args.mysql_driver, 1),
            server.directory)
        engine = sa.create_engine(server.url)
        cinder_rows.fill(engine, backend, 10, PROJECT)
        cinder_rows.copy(engine, backend)
        theirs = Application(
            cinder_prefix, 'beside:application', args,
            CINDER_CONF=f'{server.directory}/cinder.conf',
            PYTHONPATH=str(server.directory))
        ours = Application(
            sys.prefix, 'cinder_messages.wsgi.api:application', args,
            OS_CINDER_MESSAGES_CONFIG_FILES=our_conf)
        with theirs, ours:
            applications = dict(zip(SIDES, (theirs, ours), strict=True))
            for count in args.rows:
                cinder_rows.fill(engine, backend, count, PROJECT)
                cinder_rows.copy(engine, backend)
                for work in works(engine, count):
                    cinders, our, *costs = compare(work, applications, args)
                    print(f'{backend:10} {count:>9} {work.name:8} '
                          f'{cinders:>8.1f} {our:>8.1f} {our / cinders:>6.1f} '
                          f'{work.bar:>4} {costs[0]:>10.2f} {costs[1]:>8.2f} '
                          f'{costs[0] / costs[1]:>6.1f}', flush=True)
        engine.dispose()


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--cinder-python', required=True, metavar='PATH',
                        help='such as /tmp/cinder/bin/python')
    parser.add_argument('--server', choices=list(SERVERS), default='uwsgi',
                        help='the web server of both')
    parser.add_argument('--one-core', action='store_true',
                        help='bind each web server to the first core; what '
                             'asks, and the database, may use all')
    parser.add_argument('--mysql-driver', choices=['pymysql', 'mysqldb'],
                        default='pymysql',
                        help='what we reach MariaDB with; Cinder has PyMySQL')
    parser.add_argument('--rows', type=int, nargs='+', default=[1000])
    parser.add_argument('--connections', type=int, default=8,
                        help='requests that are under way at a time')
    parser.add_argument('--threads', type=int, default=8,
                        help='of each web server')
    parser.add_argument('--rounds', type=int, default=5,
                        help='of each side, of which the median counts')
    parser.add_argument('--seconds', type=float, default=3,
                        help='of a round')
    args = parser.parse_args()
    print('                                requests a second        '
          'CPU ms a request\n'
          'database        rows work       cinder     ours  ratio  bar     '
          'cinder     ours  ratio', flush=True)
    for backend in command.backends_of(args):
        measure(backend, args)


if __name__ == '__main__':
    main()
