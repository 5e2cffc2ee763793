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

"""Helpers of the benchmarks: databases full of messages, medians, tables.

The environment names the database server, as for the tests (see
doc/source/contributor/testing.rst); otherwise one is started for the run.
"""

import contextlib
import dataclasses
import datetime
import hashlib
import os
import statistics
import tempfile
import time
import uuid

from oslo_config import cfg
from oslo_utils import timeutils
import sqlalchemy as sa

from benchmarks import command
from cinder_messages.conf import opts
from cinder_messages.message import model
from cinder_messages.storage import engine as storage_engine
from cinder_messages.storage import migrate
from cinder_messages.storage import models
from cinder_messages.storage import store as message_store
from tests import database
from tests.services import servers

# Of a project's rows, how many have the rare value of each column.
RARE_ROWS = 20
COMMON = {'event_id': 'VOLUME_VOLUME_001_003', 'detail_id': '003',
          'action_id': '001', 'message_level': 'ERROR',
          'resource_type': 'VOLUME', 'resource_uuid': 'volume-common',
          'request_id': 'req-common'}
RARE = {'event_id': 'VOLUME_VOLUME_007_010', 'detail_id': '010',
        'action_id': '007', 'message_level': 'INFO',
        'resource_type': 'VOLUME_BACKUP', 'resource_uuid': 'volume-rare',
        'request_id': 'req-rare'}
PROJECTS = 100

# From one message to the next: ids tell less than a millisecond, too.
_STEP = datetime.timedelta(seconds=1, microseconds=3)
_MICROSECOND = datetime.timedelta(microseconds=1)

_NUMBERS = {
    'mysql': 'seq_{first}_to_{last}',
    'postgresql':
        'generate_series(CAST({first} AS bigint), {last}) AS numbers(seq)'}
# Milliseconds in twelve digits, and in three what is below, as in
# model.make_id().
_STAMP = {'mysql': "LPAD(LOWER(HEX(moment * 512 DIV 125)), 15, '0')",
          'postgresql': "LPAD(TO_HEX(moment * 512 / 125), 15, '0')"}
_TIME = {
    'mysql': "CAST('1970-01-01' AS DATETIME(6)) + INTERVAL {} MICROSECOND",
    'postgresql': "TIMESTAMP '1970-01-01' + ({}) * INTERVAL '1 microsecond'"}
_ANALYZE = {'mysql': 'ANALYZE TABLE user_messages',
            'postgresql': 'VACUUM ANALYZE user_messages'}

# A fifth is the first project's; the rows of a project, numbered by "own",
# are mixed by "shuffled" from 0 to 99. A "moment" is in microseconds.
_FILL = '''
    INSERT INTO user_messages (id, project_id, user_id, request_id, event_id,
        action_id, detail_id, message_level, resource_type, resource_uuid,
        created_at, expires_at, deleted, global_request_id, host)
    SELECT CONCAT_WS('-', LEFT(stamp, 8), SUBSTR(stamp, 9, 4),
            CONCAT('7', RIGHT(stamp, 3)), CONCAT('8', LEFT(hash, 3)),
            RIGHT(hash, 12)), project, MD5(project),
        CASE WHEN is_rare = 1 THEN 'req-rare'
            WHEN is_big = 1 AND shuffled < 30 THEN 'req-common'
            ELSE CONCAT('req-', MD5(CONCAT('r', seq))) END,
        CASE WHEN is_rare = 1 THEN 'VOLUME_VOLUME_007_010'
            WHEN shuffled < 50 THEN 'VOLUME_VOLUME_001_003'
            ELSE CONCAT('VOLUME_VOLUME_002_0', 11 + MOD(shuffled, 20)) END,
        CASE WHEN is_rare = 1 THEN '007'
            WHEN shuffled < 50 THEN '001' ELSE '002' END,
        CASE WHEN is_rare = 1 THEN '010' WHEN shuffled < 50 THEN '003'
            ELSE CONCAT('0', 11 + MOD(shuffled, 20)) END,
        CASE WHEN is_rare = 1 THEN 'INFO'
            WHEN shuffled = 97 THEN 'WARNING' ELSE 'ERROR' END,
        CASE WHEN is_rare = 1 THEN 'VOLUME_BACKUP'
            WHEN shuffled = 98 THEN NULL
            WHEN shuffled > 80 THEN 'VOLUME_SNAPSHOT' ELSE 'VOLUME' END,
        CASE WHEN is_rare = 1 THEN 'volume-rare'
            WHEN is_big = 1 AND shuffled BETWEEN 30 AND 59
            THEN 'volume-common'
            WHEN shuffled = 98 THEN NULL ELSE MD5(CONCAT('v', own)) END,
        {created_at}, {expires_at}, false,
        CONCAT('req-', MD5(CONCAT('g', seq))), 'volume-1@lvm#LVM'
    FROM (SELECT seq, own, is_big, hash, moment, {stamp} AS stamp,
            MOD(own * 37 + MOD(seq, 5) * 11, 100) AS shuffled,
            CASE WHEN is_big = 1 AND MOD(own, {rare_step}) = 0
                THEN 1 ELSE 0 END AS is_rare,
            MD5(CONCAT('project-', CASE WHEN is_big = 1 THEN 0
                ELSE 1 + MOD(seq, {projects} - 1) END)) AS project
        FROM (SELECT seq, (seq - MOD(seq, 5)) / 5 AS own,
                CASE WHEN MOD(seq, 5) = 0 THEN 1 ELSE 0 END AS is_big,
                MD5(CONCAT('message-', seq)) AS hash,
                {start} + seq * {step} AS moment
            FROM {numbers}) AS numbered) AS mixed
    ORDER BY seq'''


def project(number):
    """Return a project's id; the first has a fifth of all messages."""
    return hashlib.md5(  # nosec B324
        f'project-{number}'.encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Filled:
    """A database with messages.

    :ivar count: how many
    :ivar engine: with which the store writes
    :ivar reading: with which it reads
    """

    backend: str
    count: int
    engine: sa.Engine
    reading: sa.Engine
    store: message_store.MessageStore


def make_parser(doc, backends=tuple(servers.DATABASES)):
    """Make a parser with the options of benchmarks that use databases."""
    parser = command.make_parser(doc, backends)
    parser.add_argument(
        '--keep', action='store_true',
        help='keep the filled databases for the next run, if the environment '
             'names servers')
    return parser


@contextlib.contextmanager
def open_database(backend, count, keep=False):
    """Serve a database of that many messages."""
    with serve(backend) as url, filled(url, count, keep) as one:
        yield one


@contextlib.contextmanager
def serve(backend):
    """Yield the URL of a server, which is started if necessary."""
    if backend == 'sqlite':
        with tempfile.TemporaryDirectory() as directory:
            yield sa.make_url(f'sqlite:///{directory}/messages.sqlite')
        return
    named = os.environ.get(database.VARIABLES[backend])
    if named:
        yield sa.make_url(named)
        return
    with servers.DATABASES[backend]() as server:
        yield sa.make_url(server.url)


@contextlib.contextmanager
def filled(url, count, keep=False):
    """Fill a database with that many messages on a running server."""
    backend = url.get_backend_name()
    kept = f'cinder_messages_benchmark_{count}'
    # NOTE: MariaDB takes 64 characters.
    name = kept if keep else f'{kept}_{uuid.uuid4().hex[:16]}'
    created = backend == 'sqlite' or _create(url, name)
    conf = configure(url if backend == 'sqlite' else url.set(database=name))
    engine = storage_engine.make_engine(conf)
    reading = storage_engine.make_read_engine(conf)
    is_full = not created
    try:
        if created:
            migrate.upgrade(engine)
            fill(engine, count)
        is_full = True
        yield Filled(backend, count, engine, reading or engine,
                     message_store.MessageStore(engine, reading))
    finally:
        engine.dispose()
        if reading is not None:
            reading.dispose()
        if backend != 'sqlite' and not (keep and is_full):
            _execute(url, f'DROP DATABASE {name}')


def _create(url, name):
    """Create the database; return False if it existed."""
    try:
        _execute(url, f'CREATE DATABASE {name}')
    except sa.exc.ProgrammingError:
        return False
    return True


def _execute(url, statement):
    engine = sa.create_engine(url, isolation_level='AUTOCOMMIT',
                              poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def configure(url):
    """Return the configuration of a process with that database."""
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    conf([])
    conf.set_override('connection', url.render_as_string(hide_password=False),
                      'database')
    return conf


def fill(engine, count, age=0, lifetime=3285):
    """Store that many messages by one statement; then the indexes.

    :param age: days since the last was created, a second after the one before
    :param lifetime: days until each expires
    """
    if engine.dialect.name == 'sqlite':
        return _fill_sqlite(engine, count, _start(count, age),
                            datetime.timedelta(days=lifetime))
    statement = fill_statement(engine.dialect.name, count, 0, count - 1, age,
                               lifetime)
    indexes = sorted(models.MESSAGES.indexes, key=lambda index: index.name)
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        connection.exec_driver_sql(statement)
        for index in indexes:
            index.create(connection)
    analyze(engine)


def fill_statement(backend, count, first, last, age=0, lifetime=3285):
    """Return the INSERT of some of ``count`` messages, by their numbers."""
    time_of = _TIME[backend].format
    lifetime = datetime.timedelta(days=lifetime) // _MICROSECOND
    return _FILL.format(
        projects=PROJECTS, stamp=_STAMP[backend],
        numbers=_NUMBERS[backend].format(first=first, last=last),
        rare_step=max(count // 5 // RARE_ROWS, 1),
        start=(_start(count, age) - model.EPOCH) // _MICROSECOND,
        step=_STEP // _MICROSECOND, created_at=time_of('moment'),
        expires_at=time_of(f'moment + {lifetime}'))


def analyze(engine):
    """Have the server count what was filled."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level='AUTOCOMMIT')
        connection.exec_driver_sql(_ANALYZE[engine.dialect.name])


def _start(count, age):
    """Return when the first message is created, the last being that old."""
    return timeutils.utcnow() - datetime.timedelta(days=age) - count * _STEP


def _fill_sqlite(engine, count, start, lifetime):
    """Fewer kinds of messages; a file of it is for short lists."""
    moments = [start + number * _STEP for number in range(count)]
    rows = [{
        'id': model.make_id(moment), 'project_id': project(number % 5),
        'request_id': f'req-{uuid.uuid4()}', 'deleted': False,
        'event_id': COMMON['event_id'], 'action_id': COMMON['action_id'],
        'detail_id': COMMON['detail_id'], 'message_level': 'ERROR',
        'resource_type': 'VOLUME', 'resource_uuid': str(uuid.uuid4()),
        'created_at': moment, 'expires_at': moment + lifetime,
    } for number, moment in enumerate(moments)]
    with engine.begin() as connection:
        connection.execute(models.MESSAGES.insert(), rows)


def time_once(call, clock=time.perf_counter):
    """Seconds that a call takes."""
    started = clock()
    call()
    return clock() - started


def medians(calls, rounds, budget=3.0, clock=time.perf_counter):
    """Run the calls in turn; return the median seconds of each.

    :param budget: seconds after which no new round begins
    :param clock: wall clock or processor time
    """
    durations = [[] for _ in calls]
    for call in calls:
        call()
    ends = time.monotonic() + budget
    for number in range(rounds):
        if number > 2 and time.monotonic() > ends:
            break
        for call, seen in zip(calls, durations):
            seen.append(time_once(call, clock))
    return [statistics.median(seen) for seen in durations]
