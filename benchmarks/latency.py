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

"""Measure the time from create() until the message is listed.

This process reports at a steady rate. Some reports are probes: after each of
them it lists the messages of that resource over HTTP until there is one. API,
writer, RabbitMQ, the database and this process share one machine. The time of
a list alone is printed, too.

The bar is a median under 20 ms and a 99th percentile under 100 ms at 100 a
second.
"""

import http.client
import json
import statistics
import time
import urllib.parse

from benchmarks import command
from benchmarks import rig
from oslo_config import cfg
from oslo_context import context

from cinder_messages.emit import emitter
from cinder_messages.message import api as message_api
from tests.services import servers

PROJECT = 'probed-project'


class Lister:
    """Asks one API over one connection.

    :param url: of the API, with the version
    """

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.netloc)

    def is_listed(self, resource):
        """Return whether the resource has a message."""
        self._connection.request(
            'GET', f'{self._path}/messages?resource_uuid={resource}',
            headers={'X-Auth-Token': f'tester:{PROJECT}',
                     'OpenStack-API-Version': 'volume 3.5'})
        return bool(json.load(self._connection.getresponse())['messages'])


def probe(report, lister, rate, count):
    """Seconds from each create() until it was listed."""
    seconds = []
    load = rig.Load(lambda: report(f'background-{load.calls}'), rate)
    with load:
        began = time.perf_counter()
        for number in range(count):
            resource = f'probe-{rate}-{number}'
            started = time.perf_counter()
            report(resource)
            while not lister.is_listed(resource):
                if time.perf_counter() - started > 60:
                    raise SystemExit('A report was not listed in 60 s.')
            seconds.append(time.perf_counter() - started)
            time.sleep(0.02)
        reached = load.calls / (time.perf_counter() - began)
    return seconds, reached


def measure(backend, rates, count):
    with rig.deploy(backend) as deployment:
        deployment.start_writer()
        lister = Lister(deployment.start_api().url)
        conf = cfg.CONF
        conf(['--config-file', deployment.config_file], project='benchmark')
        api = message_api.API(conf)
        who = context.RequestContext(user_id='benchmark', overwrite=False)

        def report(resource):
            api.create(who, '000002', PROJECT, resource_type='VOLUME',
                       resource_uuid=resource)

        report('first')
        api.flush(60)
        empty = []
        for _ in range(count):
            started = time.perf_counter()
            lister.is_listed('nothing')
            empty.append(time.perf_counter() - started)
        floor = statistics.median(empty) * 1000
        print(f'{backend}: one list takes {floor:.1f} ms; milliseconds from '
              'create() until it is listed:')
        print(f'  {"a second":>9} {"reached":>8} {"median":>8} {"p99":>8} '
              f'{"max":>8} {"lists":>8}')
        for rate in rates:
            seconds, reached = probe(report, lister, rate, count)
            api.flush(60)
            figures = rig.percentiles(seconds)
            print(f'  {rate:9} {reached:8.0f}', *(
                f'{value:8.1f}' for value in figures),
                f'{figures[0] / floor:8.1f}', flush=True)
        emitter.forget(conf)


def main():
    parser = command.make_parser(__doc__, servers.DATABASES)
    parser.add_argument('--rate', type=int, action='append',
                        help='reports a second; can be given again '
                        '(default: 10, 100, 1000)')
    parser.add_argument('--count', type=int, default=100,
                        help='probes at each rate (default: %(default)s)')
    args = parser.parse_args()
    for backend in command.backends_of(args):
        measure(backend, args.rate or (10, 100, 1000), args.count)


if __name__ == '__main__':
    main()
