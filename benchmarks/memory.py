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

"""Measure the memory of our processes and of the emitter.

First the writer (parent and one worker) and the API (gunicorn, one worker), at
rest and after a load of reports and lists: resident set (RSS) and proportional
set (PSS). Then, in a process of its own, the modules and the memory of a
service that uses RPC, and what the import of message.api, the first report and
further reports add, with the time of both imports. No broker runs there: the
reports wait in the spool.
"""

import json
import statistics
import subprocess
import sys

from benchmarks import command
from benchmarks import rig
from tests import process
from tests.services import reporter
from tests.services import servers

_HOST = """
import json, sys, tempfile, time

def memory():
    for line in open('/proc/self/smaps_rollup'):
        if line.startswith('Pss:'):
            return int(line.split()[1]) / 1024

found = []

def add(name, seconds=0):
    found.append((name, seconds * 1000, len(sys.modules), memory()))

started = time.perf_counter()
import oslo_messaging
from oslo_config import cfg
from oslo_context import context
add('a service with RPC', time.perf_counter() - started)

started = time.perf_counter()
from cinder_messages.message import api as message_api
add('import of message.api', time.perf_counter() - started)

conf = cfg.CONF
conf([], project='host', default_config_files=[])
directory = tempfile.TemporaryDirectory()
started = time.perf_counter()
with directory:
    # NOTE: made once to register its options, in memory.
    from cinder_messages.conf import emitter as emitter_conf
    emitter_conf.register_opts(conf)
    for name, value in (('spool_dir', directory.name + '/spool'),
                        ('transport_url', 'rabbit://127.0.0.1:9/'),
                        ('exit_timeout', 0)):
        conf.set_override(name, value, 'cinder_messages')
    api = message_api.API(conf)
    api.create(context.RequestContext(), '000002', 'project')
    add('the first report', time.perf_counter() - started)
    started = time.perf_counter()
    for _ in range({count}):
        api.create(context.RequestContext(), '000002', 'project')
    add('{count} more', time.perf_counter() - started)
    print(json.dumps(found), flush=True)
"""


def host(count, rounds):
    """Medians of what each step adds to a service."""
    runs = [json.loads(subprocess.run(
        [sys.executable, '-W', 'ignore', '-c',
         _HOST.replace('{count}', str(count))],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=process.ROOT).stdout) for _ in range(rounds)]
    print(f'{"in a host service":24} {"ms":>8} {"modules":>8} {"MiB PSS":>8}')
    for number, step in enumerate(zip(*runs)):
        before = [run[number - 1] if number else (0, 0, 0, 0) for run in runs]
        seconds = statistics.median(one[1] for one in step)
        modules, size = (statistics.median(
            one[n] - old[n] for one, old in zip(step, before)) for n in (2, 3))
        print(f'  {step[0][0]:22} {seconds:8.0f} {modules:8.0f} {size:8.1f}',
              flush=True)


def services(count):
    """Return the memory of a writer and the API before and after a load."""
    with rig.deploy('mysql', '[cinder_messages]\n'
                    f'spool_max_messages = {2 * count}\n') as deployment:
        writer = deployment.start_writer()
        api = deployment.start_api()
        [worker] = servers.descendants(writer.popen.pid)[:1]
        [serving] = servers.descendants(api.process.popen.pid)[:1]
        pids = {'writer, parent': writer.popen.pid, 'writer, worker': worker,
                'API, parent': api.process.popen.pid, 'API, worker': serving}
        api.list_all(reporter.PROJECT)
        rest = {name: rig.memory(pid) for name, pid in pids.items()}
        rig.report(deployment, 2, count,
                   during=lambda: api.list_all(reporter.PROJECT))
        print(f'{"MiB":24} {"RSS":>8} {"PSS":>8}   after {count} reports '
              'and their lists')
        for name, pid in pids.items():
            print(f'  {name:22}', *(f'{value:8.1f}' for value in (
                *rest[name], *rig.memory(pid))), flush=True)


def main():
    parser = command.make_parser(__doc__)
    parser.add_argument('--count', type=int, default=5000,
                        help='reports (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=5,
                        help='host services (default: %(default)s)')
    args = parser.parse_args()
    host(args.count, args.rounds)
    services(args.count)


if __name__ == '__main__':
    main()
