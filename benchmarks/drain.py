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

"""Measure how fast a writer drains a full spool over RabbitMQ.

It compares MariaDB and PostgreSQL with one thread that inserts row by row,
each with its own commit. Meanwhile it prints, for each tenth of the reports
that is made and then stored, the resident memory of the reporting process and
the size of its journal: memory must not grow with the number of reports, and
the journal must shrink with what waits.
"""

import pathlib
import tempfile
import time

from benchmarks import command
from benchmarks import rig
import sqlalchemy as sa

from tests.services import servers

DIRECT = 2000


def direct(url):
    """Rows a second of one thread that commits each."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            'CREATE TABLE direct (id INT PRIMARY KEY, body VARCHAR(300))')
    started = time.perf_counter()
    for number in range(DIRECT):
        with engine.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO direct VALUES ({number}, '{'x' * 300}')")
    elapsed = time.perf_counter() - started
    engine.dispose()
    return DIRECT / elapsed


class Watch:
    """Print memory and journal of a reporter at each tenth of its reports."""

    def __init__(self, pid, spool, count):
        self._pid = pid
        self._spool = spool
        self._count = count
        self._printed = {}
        print(f'{"":10} {"reports":>10} {"MiB RSS":>8} {"MB journal":>10}')

    def see(self, what, number):
        """Print a line if another tenth is done since the last call."""
        tenth = number * 10 // self._count
        if tenth <= self._printed.get(what, -1):
            return
        self._printed[what] = tenth
        size = 0
        for path in self._spool.glob('*.journal'):
            try:
                size += path.stat().st_size
            except FileNotFoundError:
                # NOTE: it was replaced by a shorter one.
                continue
        print(f'{what:10} {number:10} {rig.memory(self._pid)[0]:8.1f} '
              f'{size / 1e6:10.1f}', flush=True)


def drain(backend, count, timeout):
    """Return reports a second from the first stored report to the last."""
    with tempfile.TemporaryDirectory() as directory, rig.deploy(
            backend, '[cinder_messages]\n'
            f'spool_dir = {directory}/spool\n'
            f'spool_max_messages = {2 * count}\n') as deployment:
        progress = pathlib.Path(directory, 'progress')
        waiting = deployment.start_reporter(
            count, '--progress', str(progress), '--timeout', str(timeout),
            # NOTE: so that its memory can be read after the last answer.
            '--linger', '5')
        waiting.wait_for_line('^began')
        watch = Watch(waiting.popen.pid, pathlib.Path(directory, 'spool'),
                      count)
        deadline = time.monotonic() + timeout
        made = 0
        while made < count:
            made = int(progress.read_text() or 0)
            watch.see('made', made)
            time.sleep(0.2)
            _check(deadline, 'The reports were not spooled')
        deployment.start_writer()
        engine = sa.create_engine(
            deployment.connection, poolclass=sa.pool.NullPool)
        while not _count(engine):
            time.sleep(0.01)
            _check(deadline, 'No report was stored')
        first, began = _count(engine), time.perf_counter()
        stored = first
        while stored < count:
            stored = _count(engine)
            watch.see('stored', stored)
            time.sleep(0.2)
            _check(deadline, f'Only {stored} of {count} reports were stored')
        rate = (count - first) / (time.perf_counter() - began)
        waiting.wait_for_line('^answered', timeout)
        watch.see('answered', count)
        if _count(engine) != count:
            raise SystemExit(f'{_count(engine)} of {count} are stored.')
        return rate, direct(deployment.connection)


def _check(deadline, text):
    if time.monotonic() > deadline:
        raise SystemExit(f'{text} in time.')


def _count(engine):
    with engine.connect() as connection:
        return connection.exec_driver_sql(
            'SELECT count(*) FROM user_messages').scalar_one()


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=20_000,
                        help='reports in the spool (default: %(default)s)')
    parser.add_argument('--timeout', type=int, default=600,
                        help='seconds for all (default: %(default)s)')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        rate, row_by_row = drain(backend, args.count, args.timeout)
        print(f'{backend}: {rate:.0f} reports/s drained from a spool of '
              f'{args.count}; row by row {row_by_row:.0f}/s; ratio '
              f'{rate / row_by_row:.1f}', flush=True)


if __name__ == '__main__':
    main()
