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

"""Measure create() in its caller, with the broker down and up.

Rounds of create() alternate with two others. The first appends a text of the
same length to a file without fsync; ratios refer to it. The second is an empty
loop of the same duration: whatever it takes above its median is noise of the
machine. Down, nothing listens on the port of the broker; up, a writer stores
the reports in a database at the same time and competes for the processors.
With several threads, all of them call at once.

The bar is a 99th percentile under 1,000 microseconds in one thread.
"""

import logging
import os
import statistics
import tempfile
import threading
import time

from benchmarks import command
from benchmarks import rig
from oslo_config import cfg
from oslo_context import context

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import emitter
from cinder_messages.message import api as message_api
from tests.services import servers

ROUNDS = 5
# Seconds that the loop goes on.
LOOP = 30e-6
DOWN = 'rabbit://127.0.0.1:9/'


def percentiles(durations):
    """Median, 99th and 99.9th percentile and maximum, in microseconds."""
    cuts = statistics.quantiles(durations, n=1000)
    return [value * 1e6 for value in (
        cuts[499], cuts[989], cuts[998], max(durations))]


def measure(call, count):
    durations = []
    for number in range(count):
        started = time.perf_counter()
        call(number)
        durations.append(time.perf_counter() - started)
    return durations


def measure_threads(call, count, threads):
    """Measure the calls of several threads at once; ``count`` is of all."""
    if threads == 1:
        return measure(call, count)
    durations = []
    start = threading.Barrier(threads)

    def run():
        start.wait()
        durations.extend(measure(call, count // threads))

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return durations


def loop(number):
    ends = time.perf_counter() + LOOP
    while time.perf_counter() < ends:
        pass


def print_row(name, row, floor=None):
    print(f'{name:24}', *(f'{value:9.0f}' for value in row))
    if floor:
        print(f'{"  over the append":24}', *(
            f'{mine / its:9.1f}' for mine, its in zip(row, floor)), flush=True)


def compare(name, conf, transport_url, count, threads):
    """Measure create() and an append in turn, with one broker."""
    with tempfile.TemporaryDirectory() as directory, \
            open(os.path.join(directory, 'file'), 'a') as bare:
        for option, value in (('spool_dir', os.path.join(directory, 'spool')),
                              ('transport_url', transport_url),
                              ('exit_timeout', 0),
                              ('spool_max_messages', 10_000_000)):
            conf.set_override(option, value, 'cinder_messages')
        api = message_api.API(conf)
        who = context.RequestContext(user_id='user', project_id='project')

        def report(number):
            api.create(who, '000002', 'project', resource_type='VOLUME',
                       resource_uuid=f'volume-{number}')

        def append(number):
            bare.write('x' * 300)
            bare.flush()

        report(0)
        ours, floor, noise = [], [], []
        for _ in range(ROUNDS):
            noise += measure_threads(loop, count, threads)
            floor += measure_threads(append, count, threads)
            ours += measure_threads(report, count, threads)
        api.flush(0 if transport_url == DOWN else 120)
        emitter.forget(conf)
    floor = percentiles(floor)
    print_row('a loop', percentiles(noise))
    print_row('bare append', floor)
    print_row(name, percentiles(ours), floor)


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--count', type=int, default=2000,
                        help=f'calls a round, there are {ROUNDS} '
                        '(default: %(default)s)')
    parser.add_argument('--threads', type=int, action='append',
                        help='threads that call at once; can be repeated '
                        '(default: 1 and 4)')
    args = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    conf = cfg.CONF
    conf([], project='benchmark', default_config_files=[])
    with rig.deploy(command.backends_of(args)[0]) as deployment:
        deployment.start_writer()
        emitter_conf.register_opts(conf)
        print(f'{"microseconds":24}    median       p99     p99.9       max')
        for threads in args.threads or (1, 4):
            print(f'{threads} threads' if threads > 1 else 'one thread')
            compare('create(), broker down', conf, DOWN, args.count, threads)
            compare('create(), broker up', conf, deployment.transport_url,
                    args.count, threads)


if __name__ == '__main__':
    main()
