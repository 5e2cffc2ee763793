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

"""A stand-in for a writer, in the process of the test."""

import threading

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
