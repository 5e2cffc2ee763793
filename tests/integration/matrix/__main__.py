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

"""Make requests fail in a real Cinder, and compare what users can read.

::

    python -m tests.integration.matrix [--threads] [--logs DIR] [CASE ...]
"""

import argparse
import collections
import os
import pathlib
import signal
import sys

import fixtures

from tests.integration.matrix import cloud as clouds
from tests.integration.matrix import plan
from tests.services import standby

UNKNOWN = '_001'

VERDICTS = ('silent', 'vague', 'wrong', 'doubled', 'broken', 'right')


def judge(expected, events):
    """Return what is to be said about the messages of one resource."""
    if expected is None:
        return 'told' if events else 'right'
    if not events:
        return 'silent'
    if len(events) > 1:
        return 'doubled'
    if events[0] == expected:
        return 'right'
    return 'vague' if events[0].endswith(UNKNOWN) else 'wrong'


def run(cloud, case, error):
    """Run a case; return the worst verdict and what was read."""
    cloud.fail()
    try:
        expected = case(cloud, error)
    except AssertionError as exc:
        return 'broken', str(exc)
    finally:
        cloud.fail()
    read = {}
    for resource, event in expected.items():
        events = cloud.events(resource, 1 if event else 0)
        read[resource] = judge(event, events), events
    verdicts = [verdict for verdict, _ in read.values()]
    worst = next((one for one in verdicts if one != 'right'), 'right')
    return worst, ', '.join(
        event for _, events in read.values() for event in events) or '-'


def main():
    parser = argparse.ArgumentParser(
        prog='python -m tests.integration.matrix', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--threads', action='store_true',
                        help='have Cinder use native threads, not eventlet')
    parser.add_argument('--logs', type=pathlib.Path, metavar='DIR',
                        help='write what the services log to this directory')
    parser.add_argument('cases', nargs='*', metavar='CASE')
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with fixtures.Fixture() as around:
        os.environ.update(standby.provide(around))
        cloud = around.useFixture(clouds.Cloud(args.threads))
        if args.logs:
            around.addCleanup(cloud.stack.write_logs, args.logs)
        failures, successes = collections.Counter(), collections.Counter()
        planned = [(failures, *failure) for failure in plan.FAILURES]
        planned += [(successes, case, plan.ERRORS[0])
                    for case in plan.SUCCESSES]
        for counter, case, error in planned:
            if args.cases and case.__name__ not in args.cases:
                continue
            verdict, text = run(cloud, case, error)
            counter[verdict] += 1
            print(f'{verdict:8} {case.__name__:26} {error:26} {text}',
                  flush=True)
    counts = ', '.join(f'{name} {failures[name]}' for name in VERDICTS)
    print(f'{failures.total()} failures: {counts}; {successes.total()} '
          f'successes: told {successes["told"]}')
    return not (failures.total() == failures['right'] and
                successes.total() == successes['right'])


if __name__ == '__main__':
    sys.exit(main())
