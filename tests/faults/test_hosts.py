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

"""Reports from host services that fork, are green, end at once, or reload."""

import fixtures as python_fixtures

from tests import base
from tests.faults import host
from tests import process
from tests.services import fixtures


class TestHosts(base.TestCase):

    def setUp(self):
        super().setUp()
        self.deployment = self.useFixture(fixtures.Deployment('mysql'))
        self.deployment.sync()
        self.deployment.start_writer()

    def start(self, kind):
        return self.useFixture(process.Process(process.python(
            '-m', 'tests.faults.host', kind, self.deployment.config_file)))

    def check(self, kind):
        """All that it reported is stored once when it has ended."""
        service = self.start(kind)
        service.wait_for_line('^reported')
        self.assertEqual(0, service.wait())
        stored = self.deployment.resources()
        self.assertEqual((host.COUNT, host.COUNT),
                         (len(stored), len(set(stored))))
        return service

    def test_a_service_that_forks_after_its_first_report(self):
        service = self.check('fork')
        self.assertIn('late []', service.lines)

    def test_a_service_that_eventlet_has_patched(self):
        service = self.check('eventlet')
        [ticks] = [line for line in service.lines if line.startswith('ticks')]
        self.assertGreater(int(ticks.split()[1]), 0)

    def test_a_service_that_ends_right_after_its_reports(self):
        self.check('exit')

    def test_a_service_that_reads_its_configuration_again(self):
        self.check('reload')

    def test_many_share_a_spool_and_take_over_what_was_left_once(self):
        progress = self.useFixture(python_fixtures.TempDir())
        paths = [progress.join(f'killed{number}') for number in range(3)]
        killed = [self.deployment.start_reporter(
            5000, '--name', f'killed{number}', '--progress', path)
            for number, path in enumerate(paths)]
        for reporter in killed:
            reporter.wait_for_line('^reported')
        for reporter in killed:
            reporter.kill()

        heirs = [self.deployment.start_reporter(100, '--name', f'heir{number}')
                 for number in range(6)]
        for heir in heirs:
            heir.wait_for_line('^answered', 120)

        stored = self.deployment.resources()
        self.assertEqual(len(stored), len(set(stored)))
        expected = {f'heir{heir}-{number}'
                    for heir in range(6) for number in range(100)}
        for path in paths:
            with open(path) as done:
                expected |= {f'{path.rpartition("/")[2]}-{number}'
                             for number in range(int(done.read()))}
        self.assertEqual(set(), expected - set(stored))
