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

"""How long create() takes in its caller: broker down, and a bare append.

The bars of a row are measured in one run, one after the other, several times
over; the ratio is to an append of the same text to a file that is not synced.
"""

import argparse
import logging
import os
import statistics
import tempfile
import time

from oslo_config import cfg
from oslo_context import context

from cinder_messages.message import api as message_api

ROUNDS = 5


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--count', type=int, default=4000,
                        help='calls a round; there are %d' % ROUNDS)
    parser.add_argument('--transport-url', default='rabbit://127.0.0.1:9/',
                        help='the broker; the default is none')
    args = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    directory = tempfile.TemporaryDirectory()
    conf = cfg.CONF
    conf([], project='benchmark')
    api = message_api.API()
    who = context.RequestContext(user_id='user', project_id='project')
    for name, value in (('spool_dir', os.path.join(directory.name, 'spool')),
                        ('transport_url', args.transport_url),
                        ('exit_timeout', 0),
                        ('spool_max_messages', 10_000_000)):
        conf.set_override(name, value, 'cinder_messages')

    def report(number):
        api.create(who, '000002', 'project', resource_type='VOLUME',
                   resource_uuid=f'volume-{number}')

    with directory, open(os.path.join(directory.name, 'file'), 'a') as bare:
        def append(number):
            bare.write('x' * 300)
            bare.flush()

        report(0)
        ours, floor = [], []
        for _ in range(ROUNDS):
            floor += measure(append, args.count)
            ours += measure(report, args.count)
        print('microseconds    median      p99    p99.9      max')
        rows = [percentiles(ours), percentiles(floor)]
        for name, row in zip(('create()', 'bare append'), rows):
            print(f'{name:12}', *(f'{value:8.0f}' for value in row))
        print(f'{"ratio":12}', *(
            f'{mine / its:8.1f}' for mine, its in zip(*rows)))


if __name__ == '__main__':
    main()
