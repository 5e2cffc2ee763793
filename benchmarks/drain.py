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
each with its own commit.
"""

import os
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


def drain(backend, count):
    """Reports a second from the start of the first call to the last answer."""
    with tempfile.TemporaryDirectory() as directory, rig.deploy(
            backend, '[cinder_messages]\n'
            f'spool_max_messages = {2 * count}\n') as deployment:
        progress = os.path.join(directory, 'progress')
        waiting = deployment.start_reporter(count, '--progress', progress)
        waiting.wait_for_line('^reported')
        started_all = time.perf_counter()
        while not _all_spooled(progress, count):
            time.sleep(0.2)
            if time.perf_counter() - started_all > 300:
                raise SystemExit('The reports were not spooled in time.')
        deployment.start_writer()
        engine = sa.create_engine(
            deployment.connection, poolclass=sa.pool.NullPool)
        while not _count(engine):
            time.sleep(0.01)
        first, began = _count(engine), time.perf_counter()
        waiting.wait_for_line('^answered', 300)
        rate = (count - first) / (time.perf_counter() - began)
        if _count(engine) != count:
            raise SystemExit(f'{_count(engine)} of {count} are stored.')
        return rate, direct(deployment.connection)


def _all_spooled(path, count):
    with open(path) as progress:
        return int(progress.read() or 0) == count


def _count(engine):
    with engine.connect() as connection:
        return connection.exec_driver_sql(
            'SELECT count(*) FROM user_messages').scalar_one()


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=20_000,
                        help='reports in the spool (default: %(default)s)')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        rate, row_by_row = drain(backend, args.count)
        print(f'{backend}: {rate:.0f} reports/s drained from a spool of '
              f'{args.count}; row by row {row_by_row:.0f}/s; ratio '
              f'{rate / row_by_row:.1f}', flush=True)


if __name__ == '__main__':
    main()
