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

"""Helpers of the benchmarks of reporting: a deployment, load, memory.

A deployment uses the RabbitMQ and the database server that the environment
names, as for the tests (see doc/source/contributor/testing.rst), and starts
the others.
"""

import contextlib
import json
import os
import pathlib
import statistics
import threading
import time

from tests import database
from tests.services import fixtures
from tests.services import servers

_TRANSPORT = 'CINDER_MESSAGES_TEST_TRANSPORT_URL'

# Seconds that reporters get to start before all begin at once.
_BEGIN = 5


@contextlib.contextmanager
def deploy(backend, options=''):
    """Make a deployment with a migrated database and no process.

    :param options: further lines of its configuration file
    """
    with contextlib.ExitStack() as stack:
        transport_url = os.environ.get(_TRANSPORT) or stack.enter_context(
            servers.RabbitMQ()).url
        connection = None
        if not os.environ.get(database.VARIABLES[backend]):
            connection = stack.enter_context(
                servers.DATABASES[backend]()).url
        deployment = stack.enter_context(fixtures.Deployment(
            backend, connection, transport_url))
        deployment.sync()
        with open(deployment.config_file, 'a') as config:
            config.write(options)
        yield deployment


def report(deployment, reporters, count, during=lambda: None):
    """Reports a second, from the first create() to the last answer.

    :param reporters: processes that report at once, with a spool each
    :param count: reports of all of them together
    :param during: called meanwhile, when about half of them are made
    """
    at = time.monotonic() + _BEGIN
    processes = [deployment.start_reporter(
        count // reporters, '--at', str(at), '--name', f'reporter{number}')
        for number in range(reporters)]
    for process in processes:
        process.wait_for_line('^reported', 120)
    during()
    answers = [json.loads(process.wait_for_line('^answered (.*)', 300)[1])
               for process in processes]
    for process in processes:
        process.wait()
    seconds = (max(answer['ended'] for answer in answers) -
               min(answer['began'] for answer in answers))
    stored = sum(answer['stored'] for answer in answers)
    if stored != count // reporters * reporters:
        raise SystemExit(f'{stored} of {count} reports were stored: {answers}')
    return stored / seconds


class Load:
    """Calls ``work`` at a rate, in a thread, until it is left.

    What ``work`` raises ends the thread, and is raised on leaving.

    :param rate: calls a second; those that are late are made up for
    :ivar calls: how many it made
    :ivar longest: seconds of the longest
    """

    def __init__(self, work, rate):
        self._work = work
        self._pause = 1 / rate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._error = None
        self.calls = 0
        self.longest = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._ended.set()
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self):
        due = time.perf_counter()
        try:
            while not self._ended.wait(max(0, due - time.perf_counter())):
                started = time.perf_counter()
                self._work()
                self.longest = max(self.longest,
                                   time.perf_counter() - started)
                self.calls += 1
                due += self._pause
        except Exception as error:
            self._error = error


def percentiles(seconds):
    """Median, 99th percentile and maximum, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method='inclusive')
    return [value * 1000 for value in (cuts[49], cuts[98], max(seconds))]


def memory(pid):
    """Resident memory of a process, and its share of it, in MiB."""
    found = {}
    for line in pathlib.Path(
            f'/proc/{pid}/smaps_rollup').read_text().splitlines()[1:]:
        name, size, _ = line.split()
        found[name.rstrip(':')] = int(size) / 1024
    return found['Rss'], found['Pss']
