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

"""Measure how a writer drains calls whose callers have gone.

An emitter has one call on the bus, which expires with its timeout, so a
backlog waits in spools and not on the broker. A foreign or broken emitter can
leave any number of calls in the queue. This benchmark publishes such calls,
starts one writer, then a reporter, and prints the latency of fresh reports,
the calls per second and the memory of the writer. It starts a broker and a
MariaDB of its own on loopback.
"""

import json
import time
import uuid

import kombu
from oslo_utils import timeutils
import sqlalchemy as sa

from benchmarks import command
from cinder_messages.message import model
from cinder_messages.rpc import contract
from tests.services import fixtures
from tests.services import servers


def stale_call(reply_queue):
    """Return a call as oslo.messaging sends it, whose caller has gone."""
    now = timeutils.utcnow()
    return json.dumps({'oslo.version': '2.0', 'oslo.message': json.dumps({
        'method': 'create_messages', 'version': contract.VERSION,
        'namespace': None, '_unique_id': uuid.uuid4().hex,
        '_msg_id': uuid.uuid4().hex, '_reply_q': reply_queue,
        '_timeout': None, 'args': {'messages': [{
            'id': model.make_id(now), 'project_id': 'stale',
            'event_id': '000002', 'resource_uuid': 'stale',
            'created_at': now.isoformat()}]}})})


def publish(url, count, callers):
    """Put calls into the queue of the writers."""
    with fixtures.broker(url) as connection:
        channel = connection.default_channel
        exchange = kombu.Exchange(contract.EXCHANGE, 'topic', durable=True)
        kombu.Queue(contract.TOPIC, exchange, contract.TOPIC, durable=True,
                    queue_arguments={'x-queue-type': 'quorum'})(
            channel).declare()
        producer = kombu.Producer(channel, exchange, contract.TOPIC)
        for number in range(count):
            producer.publish(
                stale_call(f'reply_{number % callers}'),
                content_type='application/json',
                content_encoding='utf-8', delivery_mode=1)


def waiting(url):
    """Return the number of calls in the queue."""
    with fixtures.broker(url) as connection:
        return connection.default_channel.queue_declare(
            contract.TOPIC, passive=True).message_count


def resident(pid):
    """Mebibytes of memory of the processes below one."""
    total = 0
    for child in servers.descendants(pid):
        with open(f'/proc/{child}/status') as status:
            total += sum(int(line.split()[1]) for line in status
                         if line.startswith('VmRSS'))
    return total / 1024


def measure(count, callers, fresh):
    with servers.RabbitMQ() as broker, servers.MariaDB() as database, \
            fixtures.Deployment('mysql', database.url,
                                broker.url) as deployment:
        deployment.sync()
        publish(broker.url, count, callers)
        print(f'{waiting(broker.url)} calls of {callers} callers who are gone '
              'wait on the broker.', flush=True)
        writer = deployment.start_writer()
        started = time.perf_counter()
        at_rest = largest = resident(writer.popen.pid)
        reporter = deployment.start_reporter(fresh)
        engine = sa.create_engine(database.url, poolclass=sa.pool.NullPool)
        told = False
        while (stored := stored_of(engine, 'stale')) < count:
            largest = max(largest, resident(writer.popen.pid))
            if not told and reporter.popen.poll() is not None:
                told = True
                print(f'{fresh} fresh reports stored after '
                      f'{time.perf_counter() - started:.1f} s, with '
                      f'{count - stored} stale calls to go', flush=True)
            if time.perf_counter() - started > 1800:
                break
            time.sleep(0.2)
        seconds = time.perf_counter() - started
        reporter.wait_for_line('^answered', 300)
        if not told:
            print(f'{fresh} fresh reports stored after '
                  f'{time.perf_counter() - started:.1f} s')
        print(f'{stored} of {count} stale calls stored in {seconds:.1f} s, '
              f'{stored / seconds:.0f}/s; the writer had {at_rest:.0f} MiB at '
              f'first and {largest:.0f} MiB at most', flush=True)


def stored_of(engine, project):
    with engine.connect() as connection:
        return connection.execute(sa.text(
            'SELECT count(*) FROM user_messages WHERE project_id = :project'
        ), {'project': project}).scalar_one()


def main():
    parser = command.make_parser(__doc__)
    parser.add_argument('--count', type=int, default=5000,
                        help='calls of one report each (%(default)s)')
    parser.add_argument('--callers', type=int, default=1,
                        help='how many callers they are from (%(default)s)')
    parser.add_argument('--fresh', type=int, default=100,
                        help='reports of a living service (%(default)s)')
    args = parser.parse_args()
    measure(args.count, args.callers, args.fresh)


if __name__ == '__main__':
    main()
