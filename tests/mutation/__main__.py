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

"""Change lines of the package at random, and see whether a test fails.

First the unit and functional tests run once, under coverage, so that it is
known which test executes which line; the command keeps that in --work for its
next run. Then each mutant is tried in a copy of the tree: on the unit tests
that execute the line, then on the functional ones, up to the first failure. A
line that is executed at import only, as of a constant, is tried on the tests
that execute any other line of its file, or else on all. What survives is tried
on all the other unit tests. A run that takes several times as long as before
counts as a failure.

    tox run -e mutation -- --seed 17 --count 60

Exit status: 0 if a test failed for all but --survivors of the mutants.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import coverage

from tests.mutation import mutants
from tests.mutation import runner

KINDS = ('unit', 'functional')

_COVERAGE = '''\
[run]
core = ctrace
parallel = true
source = cinder_messages
patch = subprocess
sigterm = true
disable_warnings = no-data-collected, module-not-imported
context = ${MUTATION_TEST-}
data_file = %s
'''


class Map:
    """The tests that execute each line, by one run of them all.

    :param work: the directory of the data
    :param kind: ``unit`` or ``functional``
    """

    def __init__(self, work, kind):
        self._directory = work / kind
        self._kind = kind
        self._process = None

    def start(self):
        """Run the tests in the background, unless that was done before."""
        if (self._directory / 'done').exists():
            return
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(parents=True)
        config = self._directory / 'coveragerc'
        config.write_text(_COVERAGE % (self._directory / 'coverage'))
        tree = copy_tree(self._directory / 'tree')
        self._process = start(
            tree, self._directory / 'log', '-m', 'coverage', 'run',
            '--rcfile', str(config), '-m', 'tests.mutation.runner',
            str(self._directory / 'results'), f'tests/{self._kind}')

    def wait(self):
        """Read what has been recorded, as soon as the tests have ended."""
        if self._process:
            self._process.wait()
            merged = coverage.Coverage(
                config_file=str(self._directory / 'coveragerc'))
            merged.combine()
            merged.save()
            (self._directory / 'done').touch()
        data = coverage.CoverageData(str(self._directory / 'coverage'))
        data.read()
        tree = self._directory / 'tree'
        self._lines = {
            str(pathlib.Path(path).relative_to(tree)): {
                line: {name.rpartition('|')[2] for name in names} - {''}
                for line, names in data.contexts_by_lineno(path).items()}
            for path in data.measured_files()}
        results = [json.loads(line) for line in
                   (self._directory / 'results').read_text().splitlines()]
        self._seconds = {result['id']: result['seconds']
                         for result in results if not result['failed']}
        self.failed = [result['id'] for result in results if result['failed']]

    def tests(self, mutant):
        """Return the ids of the tests that execute the line, fastest first.

        The tests of the module that mirrors the file come before all others.
        """
        lines = self._lines.get(mutant.path, {})
        known = set(self._seconds)
        ids = (lines.get(mutant.line, set()) & known or
               set().union(*lines.values()) & known or known)
        return self._in_order(ids, mutant)

    def others(self, mutant):
        """Return the ids of all other tests."""
        return self._in_order(
            set(self._seconds) - set(self.tests(mutant)), mutant)

    def _in_order(self, ids, mutant):
        by_module = collections.defaultdict(list)
        for test in ids:
            by_module[runner.module_of(test)].append(test)
        path = pathlib.PurePath(mutant.path)
        mirror = '.'.join(('tests', self._kind, *path.parts[1:-1],
                           f'test_{path.stem}'))

        def cost(module):
            tests = by_module[module]
            return (module != mirror, sum(
                self._seconds[test] for test in tests) / len(tests))

        return [test for module in sorted(by_module, key=cost)
                for test in sorted(by_module[module])]

    def seconds(self, ids):
        """Return how long these tests took together."""
        return sum(map(self._seconds.__getitem__, ids))


def copy_tree(target):
    """Copy the files that git has or would have; return the directory."""
    names = subprocess.run(
        ('git', 'ls-files', '--cached', '--others', '--exclude-standard'),
        cwd=runner.ROOT, capture_output=True, text=True, check=True)
    for name in names.stdout.splitlines():
        if (runner.ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(runner.ROOT / name, target / name)
    return target


def start(tree, log, *args):
    """Start Python in a tree, as the leader of its own processes."""
    with log.open('w') as stream:
        return subprocess.Popen(
            (sys.executable, '-W', 'ignore', *args), cwd=tree,
            env={**os.environ, 'PYTHONPATH': str(tree),
                 'PYTHONDONTWRITEBYTECODE': '1'},
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)


def run(tree, ids, seconds):
    """Run tests up to the first failure; return what failed, or None."""
    log = tree.parent / 'log'
    results = tree.parent / 'results'
    results.unlink(missing_ok=True)
    process = start(tree, log, '-m', 'tests.mutation.runner', str(results),
                    *ids)
    try:
        if not process.wait(timeout=90 + 4 * seconds):
            return None
    except subprocess.TimeoutExpired:
        return 'no end'
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    failed = [line['id'] for line in map(
        json.loads, results.read_text().splitlines()) if line['failed']] if (
            results.exists()) else []
    return failed[0] if failed else log.read_text().strip().splitlines()[-1]


def attempt(mutant, tree, phase):
    """Try one mutant in one phase; return what failed, or None."""
    target = tree / mutant.path
    kept = target.read_bytes()
    target.write_bytes(mutant.apply(kept))
    try:
        ids, seconds = phase(mutant)
        return run(tree, ids, seconds) if ids else None
    finally:
        target.write_bytes(kept)


def make_parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m tests.mutation', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seed', type=int, default=17,
                        help='of the random choice (default: %(default)s)')
    parser.add_argument('--count', type=int, default=60,
                        help='of mutants (default: %(default)s)')
    parser.add_argument('--only', action='append', metavar='PATH:LINE',
                        help='of these, try this one; can be given again')
    parser.add_argument('--list', action='store_true',
                        help='show the mutants, and run no test')
    parser.add_argument('--tests', choices=KINDS, action='append',
                        help='only these; can be given again (default: all)')
    parser.add_argument('--survivors', type=int, default=5, metavar='N',
                        help='that are tolerated (default: %(default)s)')
    parser.add_argument('--work', type=pathlib.Path, metavar='DIR',
                        help='keep there which test executes which line, and '
                             'use it again (default: a temporary directory)')
    return parser


def main():
    """Try the mutants and print what caught each of them."""
    args = make_parser().parse_args()
    chosen = mutants.choose(runner.ROOT, args.seed, args.count)
    if args.only:
        chosen = [mutant for mutant in chosen
                  if f'{mutant.path}:{mutant.line}' in args.only]
    if args.list:
        for mutant in chosen:
            print(f'{mutant.path}:{mutant.line} {mutant.verb}: {mutant.text}')
        return 0
    with tempfile.TemporaryDirectory() as directory:
        work = (args.work or pathlib.Path(directory)).absolute()
        survivors = trial(chosen, work, args.tests or KINDS)
    print(f'{len(chosen) - len(survivors)} of {len(chosen)} were caught')
    return 0 if len(survivors) <= args.survivors else 1


def trial(chosen, work, kinds):
    """Try the mutants, phase by phase; return what survived."""
    shutil.rmtree(work / 'trial', ignore_errors=True)
    tree = copy_tree(work / 'trial' / 'tree')
    maps = {kind: Map(work, kind) for kind in kinds}
    for known in maps.values():
        known.start()
    left = chosen
    phases = [(kind, 'tests') for kind in kinds]
    if 'unit' in kinds:
        phases.append(('unit', 'others'))
    for kind, method in phases:
        known = maps[kind]
        if method == 'tests':
            known.wait()

        def phase(mutant, known=known, find=getattr(known, method)):
            ids = find(mutant)
            return ids, known.seconds(ids)

        survivors = []
        for mutant in left:
            failed = attempt(mutant, tree, phase)
            if failed:
                show(mutant, failed)
            else:
                survivors.append(mutant)
        left = survivors
    for mutant in left:
        show(mutant, 'SURVIVED')
    return left


def show(mutant, failed):
    """Print a mutant and the test that failed."""
    print(f'{mutant.path}:{mutant.line} {mutant.verb}: {mutant.text}\n'
          f'    {failed}', flush=True)


if __name__ == '__main__':
    sys.exit(main())
