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

"""Reports stored a second over RabbitMQ, and what each part can do alone.

In one run and in turn, several rounds of: the bare bulk insert of as many rows
into the same table, a batch and a commit at a time; a bare call over RabbitMQ,
a body of the size of a batch there and a short one back; and reports from
create() to the answer of the writer, with the spool on disk, by one and by
two reporting processes to one and to two writer processes. Medians of reports
a second, and what part of the slower of the two bare rates that is.
"""

import datetime
import json
import statistics
import threading
import time
import uuid

import kombu
from oslo_utils import timeutils
import sqlalchemy as sa

from benchmarks import command
from benchmarks import common
from benchmarks import rig
from cinder_messages.message import model
from cinder_messages.rpc import contract
from cinder_messages.storage import engine
from cinder_messages.storage import models
from tests.services import fixtures
from tests.services import servers

BATCH = 500

# Reporting processes and writer processes.
WAYS = ((1, 1), (2, 1), (2, 2))


def make_message():
    now = timeutils.utcnow()
    return model.Message(
        id=model.make_id(now), project_id='project', event_id='000001',
        created_at=now, expires_at=now + datetime.timedelta(days=1),
        user_id='reporter', request_id='req-' + str(uuid.uuid4()),
        resource_type='VOLUME', resource_uuid='volume-1')


def insert_rate(connection_url, count):
    """Rows a second that one thread stores, without any of our processes."""
    bind = engine.make_engine(common.configure(sa.make_url(connection_url)))
    ignore = 'INSERT IGNORE' if bind.dialect.name == 'mysql' else 'INSERT'
    statement = sa.insert(models.MESSAGES)
    if ignore != 'INSERT':
        statement = statement.prefix_with('IGNORE')
    batches = [[make_message()._asdict() for _ in range(BATCH)]
               for _ in range(count // BATCH)]
    started = time.perf_counter()
    for rows in batches:
        with bind.begin() as connection:
            connection.execute(statement, rows)
    seconds = time.perf_counter() - started
    bind.dispose()
    return len(batches) * BATCH / seconds


class Echo:
    """Answers what is put into a queue, with a connection of its own."""

    def __init__(self, url):
        self.name = f'benchmark-{uuid.uuid4()}'
        self._connection = fixtures.broker(url)
        self._queue = self._connection.SimpleQueue(
            self.name, queue_opts={'auto_delete': True})
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._thread.join(10)
        self._queue.close()
        self._connection.release()

    def _serve(self):
        producer = self._connection.Producer()
        while True:
            message = self._queue.get(timeout=60)
            message.ack()
            if message.payload is None:
                return
            producer.publish({'stored': len(message.payload)},
                             routing_key=message.properties['reply_to'])


def call_rate(url, count):
    """Reports a second that go to another connection and are answered."""
    body = json.loads(json.dumps(
        [contract.to_primitive(make_message()) for _ in range(BATCH)]))
    with Echo(url) as echo, fixtures.broker(url) as connection:
        replies = connection.SimpleQueue(
            f'{echo.name}-replies', queue_opts={'auto_delete': True})
        producer = kombu.Producer(connection.default_channel)
        started = time.perf_counter()
        for _ in range(count // BATCH):
            producer.publish(body, routing_key=echo.name,
                             reply_to=replies.queue.name)
            replies.get(timeout=60).ack()
        seconds = time.perf_counter() - started
        producer.publish(None, routing_key=echo.name)
        replies.close()
    return count // BATCH * BATCH / seconds


def measure(backend, count, rounds):
    rates = {}

    def add(name, rate):
        rates.setdefault(name, []).append(rate)

    for _ in range(rounds):
        for reporters, workers in WAYS:
            with rig.deploy(backend, f'[writer]\nworkers = {workers}\n'
                            f'[cinder_messages]\nbatch_size = {BATCH}\n'
                            f'spool_max_messages = {2 * count}\n'
                            ) as deployment:
                writer = deployment.start_writer()
                if workers == 2:
                    writer.wait_for_line('accepts reports')
                add(f'{reporters} reporting, {workers} writing',
                    rig.report(deployment, reporters, count))
                writer.terminate()
                if (reporters, workers) == WAYS[0]:
                    add('bare insert',
                        insert_rate(deployment.connection, count))
                    add('bare call', call_rate(
                        deployment.transport_url, count))
    bare = min(statistics.median(rates['bare insert']),
               statistics.median(rates['bare call']))
    print(f'{backend}, {rounds} rounds of {count}   reports/s   of the bare')
    for name, found in rates.items():
        median = statistics.median(found)
        print(f'  {name:24} {median:20.0f} {median / bare:11.2f}', flush=True)


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=10_000,
                        help='reports a round (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=3,
                        help='rounds (default: %(default)s)')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        measure(backend, args.count, args.rounds)


if __name__ == '__main__':
    main()
