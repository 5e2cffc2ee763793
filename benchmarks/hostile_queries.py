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

"""Measure how much memory hostile queries leave behind in an API.

Sends queries of every form that the API takes, and of many that it refuses,
no two alike, through the application with all its layers: sequences of
comparisons, permutations of sort keys, combinations of filters, long values,
and headers that no client sends. Prints the memory of the process (RSS) before
and after, each database in a process of its own. The bar is 30 MB more.
"""

import gc
import io
import multiprocessing
import random
from urllib import parse as urlparse

import webob

from benchmarks import command
from benchmarks import common
from benchmarks import request
from cinder_messages.api import app
from cinder_messages.api import filters
from cinder_messages.api import params
from cinder_messages.api import time_filter
from cinder_messages.storage import query as storage_query
from tests import database

LONG = 8000
NAMES = [name + suffix for name in filters.FILTERS for suffix in ('', '~')]
KEYS = list(params.SORT_KEYS)


def resident():
    """Megabytes of memory that the process holds."""
    gc.collect()
    with open('/proc/self/status') as status:
        for line in status:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024


def sort(chance):
    """Return a permutation of some sort keys."""
    keys = chance.sample(KEYS, chance.randint(1, len(KEYS)))
    return {'sort': ','.join(
        f'{key}:{chance.choice(("asc", "desc"))}' for key in keys)}


def comparisons(chance, most):
    """Return a sequence of comparisons of times."""
    operators = chance.choices(
        sorted(time_filter.OPERATORS), k=chance.randint(1, most))
    return {'created_at': ','.join(
        f'{operator}:2026-01-01T00:00:{number % 60:02}'
        for number, operator in enumerate(operators))}


def combination(chance):
    """Some filters in some order, two of them with long values."""
    names = chance.sample(NAMES, chance.randint(1, len(NAMES)))
    return {name: f'{chance.random()}' * (LONG // 40 if number < 2 else 1)
            for number, name in enumerate(names)}


def make_queries(count, marker, seed=1):
    """Different queries: parameters and headers."""
    chance = random.Random(seed)
    for number in range(count):
        query = {'limit': str(number)}
        form = number % 6
        if form in (0, 4):
            query.update(sort(chance))
        if form in (1, 4):
            query.update(comparisons(chance, 6))
        if form == 2:
            query.update(comparisons(chance, 260))
        if form in (3, 4):
            query.update(combination(chance))
        if form == 5:
            query.update({f'x{chance.random()}': 'y' * LONG})
        if number % 3 == 0:
            query.update(marker=marker, all_tenants='true')
        if number % 4 == 0:
            query['with_count'] = 'true'
        if number % 5 == 1:
            query['project_id'] = f'{number}' * 40
        yield query, {
            'X-Auth-Token': 'u%d:%s:%s' % (
                number, 'p' * (number % 2000 + 1),
                'member' if number % 8 == 1 else 'admin'),
            'Accept-Language': f'de-x{number},en;q=0.{number}' * 40,
            'OpenStack-API-Version':
                f'volume latest,x{number} ' + 'y' * (number % LONG),
            'X-OpenStack-Request-ID': 'req-' + 'z' * (number % LONG)}


def ask(application, query, headers):
    """Send one request and return the status of its response."""
    environ = webob.Request.blank(
        '/v3/messages?' + urlparse.urlencode(query), headers=headers,
        environ={'REMOTE_ADDR': '127.0.0.1', 'wsgi.input': io.BytesIO()}
    ).environ
    statuses = []
    for _ in application(environ, lambda status, *_: statuses.append(status)):
        pass
    return statuses[-1][:3]


def measure(backend, rows, count):
    """Print one line."""
    with common.open_database(backend, rows) as filled:
        application = app.loadapp(request.configure(), filled.store)
        marker = filled.store.list(
            storage_query.Query(limit=1), None).messages[0].id
        for query, headers in make_queries(60, marker, 0):
            ask(application, query, headers)
        before = resident()
        statuses = [ask(application, query, headers)
                    for query, headers in make_queries(count, marker)]
        after = resident()
    counted = ', '.join(f'{statuses.count(status)} x {status}'
                        for status in sorted(set(statuses)))
    print(f'{backend}: {before:.1f} MB before, {after:.1f} MB after '
          f'{count} queries ({counted}): {after - before:+.1f} MB', flush=True)


def main():
    parser = command.make_parser(__doc__, database.BACKENDS)
    parser.add_argument('--queries', type=int, default=2000)
    parser.add_argument('--rows', type=int, default=1000)
    args = parser.parse_args()
    for backend in command.backends_of(args):
        worker = multiprocessing.get_context('spawn').Process(
            target=measure, args=(backend, args.rows, args.queries))
        worker.start()
        worker.join()
        if worker.exitcode:
            raise SystemExit(f'{backend}: exit code {worker.exitcode}')


if __name__ == '__main__':
    main()
