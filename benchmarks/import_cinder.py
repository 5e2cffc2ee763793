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

"""Rows a second of db import-cinder, against one INSERT ... SELECT.

On a MariaDB and a PostgreSQL of this command's own, both tables in one
database, so that one statement can do what the import does: first that, then
the import into the empty table, then the import once more, which finds all
there.
"""

import time

import sqlalchemy as sa

from benchmarks import cinder_rows
from benchmarks import command
from benchmarks import common
from cinder_messages.integration import cinder_import
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from tests import cinder
from tests.services import servers


def timed(name, count, work):
    """Print, and return, how many rows a second ``work`` does."""
    started = time.perf_counter()
    done = work()
    rate = count / (time.perf_counter() - started)
    print(f'    {name:20} {rate:10.0f} rows/s', flush=True)
    return rate, done


def measure(backend, args):
    """Print the three rates for one server."""
    with servers.DATABASES[backend]() as server:
        conf = common.configure(sa.make_url(server.url))
        bind = engine.make_engine(conf)
        bind = sa.create_engine(server.url)
        migrate.upgrade(bind)
        with bind.begin() as connection:
            connection.exec_driver_sql(cinder.create_table(backend))
        cinder_rows.fill(bind, backend, args.rows, 'f' * 32)
        source = cinder_table.CinderTable(server.url, '--connection')
        importer = cinder_import.Importer(
            source, bind, catalog.Catalog.builtin(),
            conf.messages.message_ttl)

        print(f'{backend}, {args.rows} rows, {args.batch_size} a batch',
              flush=True)
        one, _ = timed('INSERT ... SELECT', args.rows,
                       lambda: cinder_rows.copy(bind, backend))
        with bind.begin() as connection:
            connection.exec_driver_sql('TRUNCATE TABLE user_messages')
        ours, counts = timed('import-cinder', args.rows,
                             lambda: importer.run(args.batch_size))
        again, known = timed('once more', args.rows,
                             lambda: importer.run(args.batch_size))
        if (counts.imported, known.known) != (args.rows, args.rows):
            raise SystemExit(f'Not all arrived: {counts}, then {known}')
        print(f'    the import has {ours / one:.2f} of the speed of one '
              f'statement, and {again / one:.2f} with all there', flush=True)
        source.close()
        bind.dispose()
        bind.dispose()


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--rows', type=int, default=100_000)
    parser.add_argument('--batch-size', type=int, default=1000,
                        help='as of the command')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        measure(backend, args)


if __name__ == '__main__':
    main()
