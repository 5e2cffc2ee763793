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

"""Measure each operation while the table grows to 1,000,000 rows.

The operations are: store and reap a message (in batches, as the writer and
the reaper do), list the first page and one in the middle, show a message, and
count the messages of a project that has a fifth of the rows. Each database
runs all sizes in order; figures are medians in microseconds. Then follow the
bytes of a message, with and without its indexes.

--plot draws the figures with matplotlib (benchmarks/requirements.txt):

    PYTHONPATH=. python benchmarks/growth.py --plot growth.svg
"""

import uuid

from oslo_utils import timeutils
import sqlalchemy as sa

from benchmarks import command
from benchmarks import common
from benchmarks import lists
from cinder_messages.message import model

BATCH = 200
REAPED = 1000
OPERATIONS = ('store', 'reap', 'show', 'list', 'page', 'count')

_SIZES = {
    'mysql': '''
        SELECT SUM(CASE WHEN index_name = 'PRIMARY' THEN stat_value END),
            SUM(stat_value) FROM (
            SELECT index_name, stat_value * @@innodb_page_size AS stat_value
            FROM mysql.innodb_index_stats WHERE stat_name = 'size'
            AND database_name = DATABASE()
            AND table_name = 'user_messages') AS sizes''',
    'postgresql': '''
        SELECT pg_relation_size('user_messages')
            + pg_relation_size('user_messages_pkey'),
            pg_total_relation_size('user_messages')''',
}


def make_message(number):
    """Return a message of one of many projects; it has expired."""
    now = timeutils.utcnow()
    return model.Message(
        id=model.make_id(now), project_id=common.project(number % 97),
        user_id=common.project(number % 89), request_id=f'req-{uuid.uuid4()}',
        event_id=f'VOLUME_VOLUME_002_0{10 + number % 20}', action_id='002',
        detail_id=f'0{10 + number % 20}', resource_type='VOLUME',
        resource_uuid=str(uuid.uuid4()), created_at=now, expires_at=now,
        global_request_id=f'req-{uuid.uuid4()}', host='volume-1@lvm#LVM')


def measure(filled, rounds):
    """Seconds of each operation."""
    seen = {'store': [], 'reap': []}
    for _ in range(max(rounds // 3, 1)):
        for _ in range(REAPED // BATCH):
            batch = [make_message(number) for number in range(BATCH)]
            seen['store'].append(common.time_once(
                lambda: filled.store.create(batch)) / BATCH)
        seen['reap'].append(common.time_once(
            lambda: filled.store.delete_expired(REAPED)) / REAPED)
    case = lists.Case('list')
    middle = lists.Case('page', part=0.5)
    times = common.medians([
        lists.make_show(filled), lists.make_list(filled, case, 50),
        lists.make_list(filled, middle, 50), lists.make_count(filled)],
        rounds)
    return (*(sorted(seen[name])[len(seen[name]) // 2]
              for name in ('store', 'reap')), *times)


def bytes_of(filled):
    """Bytes of a message: the row with its id, and with all indexes."""
    with filled.engine.connect() as connection:
        return [int(number) / filled.count for number in connection.execute(
            sa.text(_SIZES[filled.backend])).one()]


def draw(path, found):
    """Draw a panel for each database, a line for each operation."""
    from matplotlib import pyplot

    pyplot.rcParams['svg.fonttype'] = 'none'
    pyplot.rcParams['svg.hashsalt'] = 'growth'
    figure, panels = pyplot.subplots(
        1, len(found), figsize=(9, 4), sharey=True, squeeze=False)
    for panel, (backend, rows) in zip(panels[0], found.items()):
        for number, name in enumerate(OPERATIONS):
            panel.loglog(
                list(rows), [times[number] * 1e6 for times in rows.values()],
                marker='o', label=name)
        panel.set_title({'mysql': 'MariaDB'}.get(backend, 'PostgreSQL'))
        panel.set_xlabel('messages in the table')
        panel.minorticks_off()
        panel.grid(True, alpha=0.4)
    panels[0][0].set_ylabel('microseconds')
    panels[0][-1].legend()
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None})


def main():
    parser = common.make_parser(__doc__)
    parser.add_argument('--sizes', type=int, nargs='+', metavar='MESSAGES',
                        default=[1000, 10_000, 100_000, 1_000_000],
                        help='of the tables')
    parser.add_argument('--rounds', type=int, default=15,
                        help='how often each is done')
    parser.add_argument('--plot', metavar='FILE', help='draw it, as SVG')
    args = parser.parse_args()
    print(f'{"":10} {"messages":>8}', *(
        f'{name:>8}' for name in OPERATIONS), '   bytes, with indexes')
    found = {}
    for backend in command.backends_of(args):
        with common.serve(backend) as url:
            for count in args.sizes:
                with common.filled(url, count, args.keep) as filled:
                    times = measure(filled, args.rounds)
                    found.setdefault(backend, {})[count] = times
                    row, whole = bytes_of(filled)
                print(f'{backend:10} {count:8}', *(
                    f'{seconds * 1e6:8.0f}' for seconds in times),
                    f'{row:8.0f} {whole:8.0f}', flush=True)
    if args.plot:
        draw(args.plot, found)


if __name__ == '__main__':
    main()
