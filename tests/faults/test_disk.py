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

"""Spools on disks that are full, read-only or broken: what is still saved.

The disks are real, small ones, mounted by the test; that takes root.
"""

import errno
import pathlib
import subprocess
import time

import fixtures as python_fixtures

from tests import base
from tests.services import fixtures

COUNT = 1000


class Disk(python_fixtures.Fixture):
    """A file system of its own.

    :param options: of mount
    :ivar path: where it is
    """

    def __init__(self, options):
        self._options = options

    def _setUp(self):
        self.path = pathlib.Path(self.useFixture(
            python_fixtures.TempDir()).path)
        done = subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', f'mode=0700,{self._options}',
             'tmpfs', str(self.path)], capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(
                f'This test mounts a disk, as root: {done.stderr}')
        self.addCleanup(subprocess.run, ['umount', '-l', str(self.path)],
                        check=True)


def fill(disk):
    """Fill a disk; return the file to remove for room."""
    filler = disk.path / 'filler'
    with open(filler, 'wb', buffering=0) as full:
        try:
            while True:
                full.write(b'\0' * 65536)
        except OSError as exc:
            if exc.errno != errno.ENOSPC:
                raise
    return filler


class TestDisks(base.TestCase):

    def setUp(self):
        super().setUp()
        self.deployment = self.useFixture(fixtures.Deployment('mysql'))
        self.deployment.sync()

    def spool_on(self, disk):
        with open(self.deployment.config_file, 'a') as config:
            config.write(f'[cinder_messages]\nspool_dir = {disk.path}\n')

    def report(self, name, count=COUNT):
        """A service that has made all of its reports, none of them sent."""
        progress = self.useFixture(python_fixtures.TempDir()).join('progress')
        reporter = self.deployment.start_reporter(
            count, '--name', name, '--progress', progress)
        reporter.wait_for_line('^made')
        return reporter

    def assert_waits_in_memory(self, reporter):
        if not any('they wait in memory' in line for line in reporter.lines):
            reporter.wait_for_line('they wait in memory')

    def take_over(self):
        """A service starts, sends what was left, and its own one report."""
        heir = self.deployment.start_reporter(1, '--name', 'heir')
        heir.wait_for_line('^answered')

    def stored(self):
        """What is stored of the services but the heir, in order."""
        return [resource for resource in self.deployment.resources()
                if resource != 'heir-0']

    def check(self, *names):
        """All that these have reported is stored, once, in order."""
        self.assertEqual(
            [f'{name}-{number}' for name in names for number in range(COUNT)],
            self.stored())

    def test_a_full_disk_costs_nothing(self):
        disk = self.useFixture(Disk('size=100k'))
        self.spool_on(disk)
        reporter = self.report('full')
        self.assert_waits_in_memory(reporter)
        [spool] = disk.path.glob('*.journal')
        self.assertGreater(spool.stat().st_size, 0)

        self.deployment.start_writer()

        reporter.wait_for_line('^answered')
        self.check('full')

    def test_a_read_only_disk_costs_nothing(self):
        self.spool_on(self.useFixture(Disk('ro,size=1m')))
        reporter = self.report('readonly')
        self.assert_waits_in_memory(reporter)

        self.deployment.start_writer()

        reporter.wait_for_line('^answered')
        self.check('readonly')

    def test_what_a_killed_process_left_on_a_full_disk_waits_for_room(self):
        disk = self.useFixture(Disk('size=32m'))
        self.spool_on(disk)
        self.report('killed').kill()
        filler = fill(disk)
        first = self.report('first')
        self.assert_waits_in_memory(first)

        self.deployment.start_writer()

        first.wait_for_line('^answered')
        # NOTE: what the killed one has left is sent from where it is.
        self.take_over()
        self.check('killed', 'first')
        first.wait()
        filler.unlink()

    def test_a_process_is_killed_after_the_disk_was_full(self):
        disk = self.useFixture(Disk('size=32m'))
        self.spool_on(disk)
        progress = pathlib.Path(self.useFixture(
            python_fixtures.TempDir()).join('progress'))
        reporter = self.deployment.start_reporter(
            1_000_000, '--name', 'killed', '--pace', '0.001',
            '--progress', str(progress))
        reporter.wait_for_line('^began')

        def wait_for_more(count):
            target = int(progress.read_text()) + count
            while int(progress.read_text()) < target:
                self.assertIsNone(reporter.popen.poll(), reporter.lines)
                time.sleep(0.01)

        wait_for_more(300)
        filler = fill(disk)
        wait_for_more(300)
        self.assert_waits_in_memory(reporter)
        filler.unlink()
        wait_for_more(2000)
        reporter.kill()
        made = int(progress.read_text())
        self.deployment.start_writer()

        self.take_over()

        stored = self.stored()
        print(f'killed after a full disk: reported {made}, '
              f'stored {len(stored)}')
        # NOTE: the last may be stored whose number was not written any more.
        self.assertIn(len(stored), (made, made + 1))
        self.assertEqual([f'killed-{number}' for number in range(made)],
                         stored[:made])

    def test_a_broken_page_costs_the_reports_on_it(self):
        disk = self.useFixture(Disk('size=64m'))
        self.spool_on(disk)
        self.report('broken').kill()
        [path] = disk.path.glob('*.journal')
        with open(path, 'r+b') as spool:
            spool.seek(path.stat().st_size // 8192 * 4096)
            spool.write(b'\xff' * 4096)
        self.deployment.start_writer()

        self.take_over()

        stored = self.stored()
        lost = COUNT - len(set(stored))
        print(f'a broken page of 4 KiB: reported {COUNT}, lost {lost}')
        self.assertEqual(len(stored), len(set(stored)))
        self.assertGreater(lost, 0)
        self.assertLess(lost, 25)
        self.assertEqual(1, len(list(disk.path.glob('*.unreadable'))))
