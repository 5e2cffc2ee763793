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

"""Compare lists on 1,000 and on 1,000,000 messages.

Both tables have 100 projects. The queries are for the project that has a
fifth of the messages. Each query that the API can make runs in turn on the
small and on the large table, on MariaDB and on PostgreSQL. Figures are medians
in milliseconds, and the ratio of large to small. A rare value is in 20
messages of both tables.

The bar is a ratio of 1.3 for rows with a star.
"""

import dataclasses
import datetime
import itertools
import uuid

from oslo_utils import timeutils

from benchmarks import command
from benchmarks import common
from cinder_messages.api import filters
from cinder_messages.api import params
from cinder_messages import exception
from cinder_messages.storage import query

BIG = common.project(0)
NEWEST = (('created_at', 'desc'),)
VALUES = {'common': common.COMMON, 'rare': common.RARE}
# The filter by id finds one message by the primary key, as "show" does. The
# last two are compared for the filters reason and action of the opt-in item.
NAMES = (*(name for name in filters.FILTERS if name != 'id'),
         'detail_id', 'action_id')


def _equal(**values):
    return tuple(query.Filter(name, 'eq', value)
                 for name, value in values.items())


@dataclasses.dataclass(frozen=True)
class Case:
    """A list that is asked for.

    :ivar part: of the list before the page, from 0 to 1
    """

    name: str
    filters: tuple[query.Filter, ...] = ()
    sort: query.Sort = NEWEST
    project_id: str | None = BIG
    part: float = 0
    offset: int = 0
    is_barred: bool = False


def filter_cases(project_id, barred, pairs=True):
    """Yield each filter, and two together, with common and rare values."""
    for kind, values in VALUES.items():
        for name in NAMES:
            yield Case(f'{name}={kind}', _equal(**{name: values[name]}),
                       project_id=project_id, is_barred=barred)
    for one, two in itertools.combinations(NAMES if pairs else (), 2):
        yield Case(f'{one}=common, {two}=common', _equal(**{
            one: common.COMMON[one], two: common.COMMON[two]}),
            project_id=project_id)
        yield Case(f'{one}=common, {two}=rare', _equal(**{
            one: common.COMMON[one], two: common.RARE[two]}),
            project_id=project_id)


def sort_cases(project_id):
    """Yield each sort key, for the first page and one in the middle."""
    for name, column in params.SORT_KEYS.items():
        for direction in ('asc', 'desc'):
            for part in (0, 0.5):
                yield Case(f'sort={name}:{direction}'
                           f'{", middle" if part else ""}',
                           sort=((column, direction),),
                           project_id=project_id, part=part)


def time_cases(project_id):
    now = timeutils.utcnow()
    for name, conditions in (
            ('gt', (('gt', 1),)), ('lt', (('lt', 1),)),
            ('gt, lt', (('gt', 60), ('lt', 20)))):
        yield Case(f'created_at={name}', tuple(
            query.Filter('created_at', op,
                         now - datetime.timedelta(minutes=minutes))
            for op, minutes in conditions), project_id=project_id)


def other_cases(project_id):
    for name in filters.FILTERS:
        if filters.FILTERS[name].like:
            yield Case(f'{name}~=common', (query.Filter(
                name, 'like', common.COMMON[name][2:]),),
                project_id=project_id)
            yield Case(f'{name}~=nothing', (query.Filter(
                name, 'like', 'no such'),), project_id=project_id)
    yield Case('message_level=common, sort=created_at:asc',
               _equal(message_level='ERROR'), (('created_at', 'asc'),),
               project_id)
    yield Case('event_id=common, sort=message_level', _equal(
        event_id=common.COMMON['event_id']), (('message_level', 'desc'),),
        project_id)
    yield Case('event_id=rare, sort=message_level', _equal(
        event_id=common.RARE['event_id']), (('message_level', 'desc'),),
        project_id)
    yield Case('sort=event_id:asc, created_at:desc', sort=(
        ('event_id', 'asc'), ('created_at', 'desc')), project_id=project_id)
    yield Case('offset in the middle', part=0.5, offset=-1,
               project_id=project_id)


def cases():
    yield Case('list', is_barred=True)
    yield Case('oldest first', sort=(('created_at', 'asc'),))
    yield Case('last page (4,000 of the large)', part=1, is_barred=True)
    yield from filter_cases(BIG, True)
    yield from itertools.chain(time_cases(BIG), sort_cases(BIG),
                               other_cases(BIG))
    yield Case('list', project_id=None)
    for scope in (filter_cases(None, False), time_cases(None),
                  sort_cases(None), other_cases(None)):
        yield from scope


def make_list(filled, case, limit):
    """Return the call that lists."""
    rows = filled.count if case.project_id is None else filled.count // 5
    before = max(min(int(rows * case.part), rows - limit - 1), 0)
    asked = query.Query(limit=limit, sort=case.sort, filters=case.filters)
    if case.offset:
        asked = dataclasses.replace(asked, offset=before)
    elif before:
        found = filled.store.list(dataclasses.replace(
            asked, limit=1, offset=before), case.project_id)
        asked = dataclasses.replace(asked, marker=found.messages[0].id)
    return lambda: filled.store.list(asked, case.project_id)


def make_count(filled):
    asked = query.Query(limit=50)
    return lambda: filled.store.count(asked, BIG)


def ids(filled, limit=200):
    """Yield ids of messages of the big project, without end."""
    page = filled.store.list(query.Query(limit=limit), BIG)
    return itertools.cycle([message.id for message in page.messages])


def make_show(filled):
    found = ids(filled)
    return lambda: filled.store.get(next(found), BIG)


def make_delete(filled):
    """Return two calls: a DELETE, rolled back, and one of an unknown id."""
    found = ids(filled)

    def delete():
        with filled.engine.begin() as connection:
            connection.exec_driver_sql(
                'UPDATE user_messages SET deleted = true, deleted_at = '
                f"created_at WHERE id = '{next(found)}'")
            connection.rollback()
        try:
            filled.store.delete(str(uuid.uuid4()), BIG)
        except exception.MessageNotFound:
            return
    return delete


def print_row(backend, name, times, barred=False):
    small, large = (value * 1000 for value in times)
    print(f'{backend:10} {"*" if barred else " "} {name:55} {small:8.2f} '
          f'{large:8.2f} {large / small:7.2f}', flush=True)


def measure(backend, args):
    with common.serve(backend) as url, \
            common.filled(url, args.small, args.keep) as small, \
            common.filled(url, args.large, args.keep) as large:
        both = (small, large)

        def row(name, make, barred=False):
            if args.only in name and (barred or not args.barred):
                print_row(backend, name, common.medians(
                    [make(one) for one in both], args.rounds), barred)

        row('show', make_show, True)
        row('delete', make_delete, True)
        row('with_count', make_count)
        for case in cases():
            scope = 'all: ' if case.project_id is None else ''
            row(scope + case.name,
                lambda one, case=case: make_list(one, case, args.limit),
                case.is_barred)


def main():
    parser = common.make_parser(__doc__)
    parser.add_argument('--small', type=int, default=1000,
                        help='messages in the small table')
    parser.add_argument('--large', type=int, default=1_000_000,
                        help='messages in the large table')
    parser.add_argument('--limit', type=int, default=50,
                        help='messages of a page')
    parser.add_argument('--rounds', type=int, default=15,
                        help='how often each query is made')
    parser.add_argument('--only', default='', metavar='TEXT',
                        help='only queries with that in their name')
    parser.add_argument('--barred', action='store_true',
                        help='only what there is a bar for')
    args = parser.parse_args()
    print(f'{"":10}   {"":55} {args.small:>8} {args.large:>8}   ratio')
    for backend in command.backends_of(args):
        measure(backend, args)


if __name__ == '__main__':
    main()
