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

"""Stand-ins for a writer, in the process of the test, and for processes."""

import subprocess
import sys
import threading

import fixtures

from cinder_messages.rpc import answer as rpc_answer


class Writer:
    """A client whose writer stores in a list.

    :ivar stored: the reports that were stored, in order
    :ivar calls: the ids of each batch
    :ivar unknown: events that it does not know
    :ivar answers: what it raises or answers instead, one for each call
    """

    def __init__(self, *answers):
        self.stored = []
        self.calls = []
        self.closed = 0
        self.answers = list(answers)
        self.unknown = set()
        self._ids = set()
        self._lock = threading.Lock()

    def __call__(self):
        """Connect."""
        return self

    @property
    def ids(self):
        return [report['id'] for report in self.stored]

    def create_messages(self, reports):
        with self._lock:
            self.calls.append([report['id'] for report in reports])
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, BaseException):
                    raise answer
                if answer is not None:
                    return rpc_answer.parse_answer(answer, reports)
            return rpc_answer.parse_answer(self._store(reports), reports)

    def _store(self, reports):
        answer = {'stored': 0, 'duplicates': 0, 'suppressed': 0,
                  'rejected': []}
        for report in reports:
            if report.get('event_id') in self.unknown:
                answer['rejected'].append({
                    'id': report['id'], 'code': 'UNKNOWN_EVENT',
                    'reason': 'not of this version'})
            elif report['id'] in self._ids:
                answer['duplicates'] += 1
            else:
                self._ids.add(report['id'])
                self.stored.append(report)
                answer['stored'] += 1
        return answer

    def close(self):
        self.closed += 1


class Process(fixtures.Fixture):
    """Another process with a journal in the same directory."""

    def __init__(self, directory):
        self._directory = directory

    def _setUp(self):
        self._process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', _PROCESS,
             str(self._directory)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self._process.stdout.close)
        self.addCleanup(self._process.wait)
        self.addCleanup(self._process.stdin.close)

    def append(self, count):
        """Have it report; return when it has."""
        self._run('append', count)

    def acknowledge(self, count):
        """Have the oldest reports acknowledged; return when they are."""
        self._run('acknowledge', count)

    def look(self):
        """Have it do what its keeper does every few seconds."""
        self._run('look', 0)

    def lock_as_a_whole(self):
        """Have it lock its file as the version before does."""
        self._run('lock', 0)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def _run(self, name, count):
        self._process.stdin.write(f'{name} {count}\n')
        self._process.stdin.flush()
        if self._process.stdout.readline() != 'done\n':
            raise AssertionError(f'{name} failed')


_PROCESS = """
import fcntl
import sys
from cinder_messages.emit import journal
from cinder_messages.emit import journal_line
kept = journal.Journal(sys.argv[1], 10_000)
for line in sys.stdin:
    name, count = line.split()
    if name == 'append':
        for number in range(int(count)):
            kept.append(journal_line.encode('{"id": "%d"}' % number))
    elif name == 'look':
        kept.look_at_others()
    elif name == 'lock':
        fcntl.lockf(kept._file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        kept.acknowledge(kept.read(int(count)))
    print('done', flush=True)
"""


def is_locked_for_others(path):
    """Return whether another process sees the lock of a file."""
    answer = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', _LOOK, str(path)],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    return answer == 'True\n'


_LOOK = """
import os
import sys
from cinder_messages.emit import spool_directory
print(spool_directory.is_locked(os.open(sys.argv[1], os.O_RDONLY)))
"""
