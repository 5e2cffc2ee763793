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

"""Run tests by their ids in one process; record what each of them executes.

``python -m tests.mutation.runner RESULTS TEST_ID ...`` stops at the first
failure. Without ids it runs ``tests/unit`` or ``tests/functional`` to the end,
whatever fails: ``python -m tests.mutation.runner RESULTS tests/unit``. Under
coverage each test has a context of its own, and so have its processes.

Exit status: 0 if nothing failed, 1 otherwise.
"""

import importlib
import json
import os
import pathlib
import sys
import time
import unittest

from testtools import testsuite

ROOT = pathlib.Path(__file__).parents[2]

# The variable that carries the id of a test to the processes that it starts.
CONTEXT = 'MUTATION_TEST'


class Result(unittest.TestResult):
    """Write the id, the result and the seconds of each test to a file."""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()
        self._count = len(self.errors) + len(self.failures)
        os.environ[CONTEXT] = test.id()
        if 'coverage' in sys.modules:
            current = sys.modules['coverage'].Coverage.current()
            if current:
                current.switch_context(test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self._stream.write(json.dumps({
            'id': test.id(), 'seconds': time.monotonic() - self._started,
            'failed': len(self.errors) + len(self.failures) > self._count,
        }) + '\n')
        self._stream.flush()


def load(ids):
    """Return the tests of these ids, module by module in their order."""
    modules = list(dict.fromkeys(map(module_of, ids)))
    loader = unittest.TestLoader()
    return [testsuite.filter_by_ids(loader.loadTestsFromModule(
        importlib.import_module(name)), set(ids)) for name in modules]


def module_of(test_id):
    """Return the name of the module of a test."""
    parts = test_id.split('.')
    for number in range(len(parts), 0, -1):
        if ROOT.joinpath(*parts[:number]).with_suffix('.py').exists():
            return '.'.join(parts[:number])
    raise ValueError(test_id)


def main(results, *ids):
    """Run the tests."""
    os.environ.update(OS_STDOUT_CAPTURE='1', OS_STDERR_CAPTURE='1',
                      OS_LOG_CAPTURE='1')
    with open(results, 'w') as stream:
        result = Result(stream)
        if len(ids) == 1 and '/' in ids[0]:
            suites = [unittest.TestLoader().discover(
                ids[0], top_level_dir='.')]
        else:
            result.failfast = True
            suites = load(ids)
        for suite in suites:
            suite.run(result)
            if result.shouldStop:
                break
    for test, _trace in result.errors + result.failures:
        print(test.id())
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
