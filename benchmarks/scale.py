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

"""Measure a table that is larger than the memory of its database server.

Start a server, fill the table in chunks without indexes, create the indexes
one after the other and print the time and size of each. Restart the server
with a small buffer pool; then show, list, filter, sort, count, reap and store.
Stores are measured with all indexes and after each group of indexes that is
dropped, together with the pages read and the bytes written per message, which
do not depend on the speed of the machine.

The server is private to this command and removed at the end. 10,000,000
messages take up to 20 GB of disk:

    PYTHONPATH=. python benchmarks/scale.py --backend postgresql
"""

import itertools
import signal
import time

import sqlalchemy as sa

from benchmarks import command
from benchmarks import common
from benchmarks import growth
from benchmarks import lists
from cinder_messages.storage import engine as storage_engine
from cinder_messages.storage import migrate
from cinder_messages.storage import models
from cinder_messages.storage import store as message_store
from tests.services import servers

# Seconds after which a query is not repeated.
SLOW = 1.0
# Rows that one statement inserts.
CHUNK = 500_000
BATCH = 200
# A project of 8 in 1,000 messages.
SMALL = common.project(1)
SCOPES = {lists.BIG: '', SMALL: 'small: ', None: 'all: '}
# The indexes that are dropped together, and what a site loses without them.
GROUPS = {
    'global_request_id': ('global_request',),
    'all projects by event, detail, action, level, type': (
        'event', 'detail', 'action', 'level', 'type'),
    'project by detail, action': ('project_detail', 'project_action'),
    'project by event, level, type': (
        'project_event', 'project_level', 'project_type'),
    'request_id': ('request',),
    'resource_uuid': ('resource',),
}

_INDEX_SIZES = {
    'mysql': '''
        SELECT index_name, stat_value * @@innodb_page_size
        FROM mysql.innodb_index_stats WHERE stat_name = 'size'
        AND database_name = DATABASE() AND table_name = 'user_messages' ''',
    'postgresql': '''
        SELECT indexrelname, pg_relation_size(indexrelid)
        FROM pg_stat_user_indexes WHERE relname = 'user_messages'
        UNION ALL SELECT 'table', pg_relation_size('user_messages')''',
}
# Pages that were not in the buffer pool, and bytes written.
_WORK = {
    'mysql': '''
        SELECT SUM(IF(variable_name = 'INNODB_BUFFER_POOL_READS',
                variable_value, 0)),
            SUM(IF(variable_name IN ('INNODB_DATA_WRITTEN'),
                variable_value, 0))
        FROM information_schema.global_status''',
    'postgresql': '''
        SELECT blks_read,
            (SELECT wal_bytes FROM pg_stat_wal) + 8192 * (
                SELECT buffers_checkpoint + buffers_clean + buffers_backend
                FROM pg_stat_bgwriter)
        FROM pg_stat_database WHERE datname = current_database()''',
}


class MariaDB(servers.MariaDB):
    """A MariaDB with a buffer pool of a given size."""

    pool = '128M'

    def command(self):
        return [*super().command(), f'--innodb-buffer-pool-size={self.pool}',
                '--innodb-log-file-size=1G', '--innodb-sort-buffer-size=64M',
                '--innodb-flush-log-at-trx-commit=1']

    def set_pool(self, pool):
        """Set the size of the buffer pool and restart."""
        self.pool = pool
        self._process.terminate()
        self.start()


class PostgreSQL(servers.PostgreSQL):
    """A PostgreSQL with shared buffers of a given size."""

    def create(self):
        super().create()
        self.options = {'max_wal_size': '4GB', 'checkpoint_timeout': '15min',
                        'maintenance_work_mem': '1GB'}

    def set_pool(self, pool):
        """Set the size of the shared buffers and restart."""
        self.options['shared_buffers'] = pool.replace('M', 'MB').replace(
            'G', 'GB')
        # NOTE: at SIGTERM it would wait for its clients.
        self._process.popen.send_signal(signal.SIGINT)
        self._process.wait()
        self.start()


SERVERS = {'mysql': MariaDB, 'postgresql': PostgreSQL}


def say(backend, text, *values):
    print(f'{backend:10} {text:45}', *values, flush=True)


def fill(backend, engine, count):
    """Fill the table in chunks, then create each index."""
    indexes = sorted(models.MESSAGES.indexes, key=lambda index: index.name)
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    started = time.perf_counter()
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count) - 1
        with engine.begin() as connection:
            connection.exec_driver_sql(
                common.fill_statement(backend, count, first, last))
    seconds = time.perf_counter() - started
    say(backend, 'rows', f'{count} in {seconds:.0f} s,',
        f'{count / seconds:.0f}/s')
    for index in indexes:
        with engine.begin() as connection:
            seconds = common.time_once(lambda: index.create(connection))
        say(backend, f'index {index.name}', f'{seconds:.0f} s')
    common.analyze(engine)


def print_sizes(backend, engine, count):
    with engine.connect() as connection:
        for name, size in connection.execute(sa.text(_INDEX_SIZES[backend])):
            say(backend, f'size of {name}', f'{int(size) / 2 ** 20:.0f} MiB,',
                f'{int(size) / count:.0f} bytes a message')


def cases():
    """Yield pages, filters and sort keys, in a project and in all."""
    yield lists.Case('page in the middle', part=0.5)
    for project_id in (lists.BIG, SMALL, None):
        yield lists.Case('list', project_id=project_id)
        yield from lists.filter_cases(project_id, False, pairs=False)
        for case in lists.sort_cases(project_id):
            if not case.part:
                yield case


def measure_reads(filled, rounds):
    def row(name, call):
        try:
            first = median = common.time_once(call)
            if first < SLOW:
                [median] = common.medians([call], rounds)
        except Exception as exc:
            say(filled.backend, name, type(exc).__name__, exc)
        else:
            say(filled.backend, name, f'first {first * 1000:.1f} ms,',
                f'then {median * 1000:.2f} ms')

    row('show', lists.make_show(filled))
    for case in cases():
        scope = SCOPES[case.project_id]
        try:
            call = lists.make_list(filled, case, 50)
        except Exception as exc:
            say(filled.backend, scope + case.name, type(exc).__name__)
            continue
        row(scope + case.name, call)
    row('with_count', lists.make_count(filled))


def read_work(backend, engine):
    with engine.connect() as connection:
        return [int(value) for value in connection.execute(
            sa.text(_WORK[backend])).one()]


def measure_stores(backend, filled, seconds, name):
    """Store batches for a time; print the rate and the work a message."""
    numbers = itertools.count()
    before = read_work(backend, filled.engine)
    stored = 0
    started = time.perf_counter()
    while not stored or time.perf_counter() < started + seconds:
        stored += filled.store.create(
            [growth.make_message(next(numbers)) for _ in range(BATCH)],
            2592000).stored
    elapsed = time.perf_counter() - started
    # NOTE: what the server has not written yet is not counted, the same for
    # each run.
    after = read_work(backend, filled.engine)
    reads, written = (end - begin for begin, end in zip(before, after))
    say(backend, f'store, {name}', f'{stored / elapsed:.0f}/s,',
        f'{reads / stored:.2f} pages read,',
        f'{written / stored:.0f} bytes written a message')


def measure_reaper(filled, builder, batches):
    """Expire the oldest messages and delete them in batches."""
    with builder.begin() as connection:
        connection.exec_driver_sql(
            'UPDATE user_messages SET expires_at = created_at '
            f'WHERE created_at <= (SELECT created_at FROM (SELECT created_at '
            'FROM user_messages ORDER BY created_at LIMIT 1 '
            f'OFFSET {batches * 1000}) AS oldest)')
    deleted = 0
    started = time.perf_counter()
    for _ in range(batches):
        deleted += filled.store.delete_expired(1000)
    elapsed = time.perf_counter() - started
    say(filled.backend, 'reap', f'{deleted} in {elapsed:.1f} s,',
        f'{deleted / elapsed:.0f}/s')


def open_filled(backend, url, count):
    """Open the store as the services open it."""
    conf = common.configure(url)
    engine = storage_engine.make_engine(conf)
    reading = storage_engine.make_read_engine(conf)
    return common.Filled(backend, count, engine, reading,
                         message_store.MessageStore(engine, reading))


def measure(backend, args):
    with SERVERS[backend]() as server:
        server.set_pool(args.build_pool)
        url = sa.make_url(server.url)
        # NOTE: without the deadlines of the services.
        builder = sa.create_engine(url, poolclass=sa.pool.NullPool)
        filled = open_filled(backend, url, args.count)
        migrate.upgrade(filled.engine)
        fill(backend, builder, args.count)
        print_sizes(backend, builder, args.count)
        measure_stores(backend, filled, args.seconds,
                       f'all indexes, {args.build_pool}')
        server.set_pool(args.pool)
        filled = open_filled(backend, url, args.count)
        measure_reads(filled, args.rounds)
        measure_reaper(filled, builder, args.reaped)
        measure_stores(backend, filled, args.seconds, 'warming up')
        measure_stores(backend, filled, args.seconds, 'all indexes')
        for name, indexes in GROUPS.items():
            names = [f'user_messages_{one}_idx' for one in indexes]
            for index in models.MESSAGES.indexes:
                if index.name in names:
                    with builder.begin() as connection:
                        index.drop(connection)
            measure_stores(backend, filled, args.seconds,
                           f'without {name}, too')


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=10_000_000,
                        help='messages (default: %(default)s)')
    parser.add_argument('--pool', default='128M',
                        help='buffer pool while measuring '
                        '(default: %(default)s)')
    parser.add_argument('--build-pool', default='2G',
                        help='buffer pool while filling '
                        '(default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=5,
                        help='how often each query is made')
    parser.add_argument('--reaped', type=int, default=50,
                        help='thousands of messages to reap')
    parser.add_argument('--seconds', type=int, default=15,
                        help='of each measurement of stores')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        measure(backend, args)


if __name__ == '__main__':
    main()
