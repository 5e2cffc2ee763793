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

"""Measure how the reaper delays others while it deletes a million rows.

It starts a MariaDB and a PostgreSQL. The reaper runs as in the writer, while
one thread stores reports and another lists, each 100 times a second. Then one
DELETE removes as many rows, with the same two threads beside it.

The bars are 100 ms for the longest wait, and a quarter of the speed of the
one DELETE.
"""

import datetime
import time

from oslo_utils import timeutils
import sqlalchemy as sa

from benchmarks import command
from benchmarks import common
from benchmarks import rig
from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import query
from cinder_messages.storage import store
from cinder_messages.writer import reaper
from tests.services import servers

# Whose lists are asked for; a fifth of what expires is its own.
PROJECT = common.project(0)
RATE = 100
DAYS = 30


def new_message():
    now = timeutils.utcnow()
    return model.Message(
        id=model.make_id(now), project_id=PROJECT, event_id='000002',
        created_at=now, expires_at=now + datetime.timedelta(days=DAYS))


def measure(backend, count, batch_size):
    with servers.DATABASES[backend]() as server:
        conf = common.configure(sa.make_url(server.url))
        if backend == 'mysql':
            # NOTE: to fill the table, and the one DELETE, take minutes.
            conf.set_override('connection_parameters', 'read_timeout=3600',
                              'database')
        bind = engine.make_engine(conf)
        migrate.upgrade(bind)
        messages = store.MessageStore(bind)
        listing = query.Query(limit=50, sort=(('created_at', 'desc'),))

        def reap():
            return reaper.Reaper(messages, 0, batch_size).reap()

        def delete():
            with bind.begin() as connection:
                return connection.execute(sa.text(
                    'DELETE FROM user_messages WHERE expires_at <= :now'
                ), {'now': timeutils.utcnow()}).rowcount

        messages.create([new_message() for _ in range(200)])
        seconds = {}
        for name, remove in ('reaper', reap), ('one DELETE', delete):
            common.fill(bind, count, age=DAYS, lifetime=DAYS)
            stores = rig.Load(lambda: messages.create([new_message()]), RATE)
            lists = rig.Load(lambda: messages.list(listing, PROJECT), RATE)
            with stores, lists:
                started = time.perf_counter()
                removed = remove()
                seconds[name] = time.perf_counter() - started
            if removed != count:
                raise SystemExit(f'{name} removed {removed} of {count}.')
            print(f'{backend}, {name}: {removed} rows in '
                  f'{seconds[name]:.1f} s; longest wait of {stores.calls} '
                  f'reports {stores.longest * 1000:.0f} ms, of {lists.calls} '
                  f'lists {lists.longest * 1000:.0f} ms', flush=True)
        print(f'{backend}: the reaper has '
              f'{seconds["one DELETE"] / seconds["reaper"]:.2f} of the speed '
              'of one DELETE', flush=True)
        bind.dispose()


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=100_000,
                        help='expired messages (default: %(default)s)')
    parser.add_argument('--batch-size', type=int, default=1000,
                        help='as [messages] message_reap_batch_size '
                        '(default: %(default)s)')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        measure(backend, args.count, args.batch_size)


if __name__ == '__main__':
    main()
