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


"""Reports of processes that fork, end, are killed, or are patched.

Each counts lost, doubled and reordered reports; the writer is a file.
"""

import collections
import pathlib

import fixtures

from tests import base
from tests import process

PATIENCE = 300


class HostCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def start(self, kind, *args):
        return self.useFixture(process.Process(process.python(
            '-m', 'tests.functional.emit.host', kind, str(self.directory),
            *map(str, args))))

    def run_to_end(self, kind, *args):
        """Run a host to its end; return it and how much it has reported."""
        host = self.start(kind, *args)
        count = int(host.wait_for_line(
            r'^reported (\d+)', PATIENCE).group(1))
        self.assertEqual(0, host.wait(PATIENCE))
        return host, count

    def check(self, count):
        """All reports were sent, each resource in its order.

        A report that is sent twice has one id, which a database stores once.
        """
        sent = dict.fromkeys(
            (self.directory / 'stored').read_text().splitlines())
        resources = [line.split()[1] for line in sent]
        self.assertEqual(count, len(resources), 'lost or doubled')
        self.assertEqual(count, len(set(resources)), 'lost and doubled')
        by_name = collections.defaultdict(list)
        for resource in resources:
            name, _, number = resource.rpartition('-')
            by_name[name].append(int(number))
        for name, numbers in by_name.items():
            self.assertEqual(sorted(numbers), numbers, f'order of {name}')

    def connections(self):
        return (self.directory / 'connected').read_text().splitlines()

    def journals(self):
        return sorted((self.directory / 'spool').glob('*.journal'))


class TestForks(HostCase):

    def test_forks_while_threads_report_hang_nobody(self):
        host, count = self.run_to_end('fork', 300)
        self.assertIn('hung 0', host.lines)
        self.assertNotIn('Traceback', '\n'.join(host.lines))
        self.check(count)

    def test_forks_while_a_thread_makes_the_first_emitter_hang_nobody(self):
        host, count = self.run_to_end('making')
        self.assertIn('hung 0', host.lines)
        self.check(count)

    def test_children_that_end_at_once_need_no_connection(self):
        _host, count = self.run_to_end('children')
        self.check(count)
        self.assertEqual(1, len(self.connections()))
        self.assertEqual([], self.journals())

    def test_children_that_exit_leave_their_reports_to_the_parent(self):
        _host, count = self.run_to_end('exiting')
        self.check(count)
        self.assertEqual(1, len(self.connections()))

    def test_a_child_that_lives_on_sends_for_itself(self):
        _host, count = self.run_to_end('living')
        self.check(count)


class TestClosed(HostCase):
    """The host closes descriptors that it knows nothing of.

    What it opens then gets their numbers.
    """

    def test_a_host_that_closes_all_descriptors(self):
        _host, count = self.run_to_end('closing')
        self.check(count)

    def test_a_child_that_becomes_a_daemon(self):
        _host, count = self.run_to_end('daemon')
        self.check(count)


class TestPatched(HostCase):

    def check_kind(self, kind):
        host, count = self.run_to_end(kind)
        self.check(count)
        self.assertEqual(1, len(self.connections()))
        return host

    def test_green_threads(self):
        host = self.check_kind('eventlet-green')
        [ticks] = [line for line in host.lines if line.startswith('ticks')]
        self.assertGreater(int(ticks.split()[1]), 0)

    def test_native_threads(self):
        self.check_kind('eventlet-tpool')

    def test_all_kinds_of_threads(self):
        self.check_kind('eventlet-mixed')


class TestKilled(HostCase):

    def test_a_signal_handler_reports_in_the_middle_of_reports(self):
        _host, count = self.run_to_end('signals')
        self.check(count)

    def test_a_killed_process_has_lost_nothing(self):
        (self.directory / 'away').touch()
        killed = [self.start('waiting', number) for number in range(3)]
        for host in killed:
            host.wait_for_line('^reported', PATIENCE)
            host.kill()
        # One that still runs may have taken over the reports of the first.
        self.assertNotEqual([], self.journals())
        (self.directory / 'away').unlink()

        self.run_to_end('heir')

        self.check(6000)
        self.assertEqual([], self.journals())

    def test_descriptors_were_exhausted_before_it_was_killed(self):
        host = self.start('descriptors')
        host.wait_for_line('^on disk 0 waiting 300$', PATIENCE)
        host.wait_for_line('^reported', PATIENCE)
        host.kill()
        (self.directory / 'away').unlink()

        self.run_to_end('heir')

        self.check(2301)


class TestShared(HostCase):

    def test_the_limit_is_that_of_the_directory(self):
        """Four processes report 1,000 each at once; 2,000 may wait."""
        (self.directory / 'away').touch()
        hosts = [self.start('sharing', number, 1000, 2000)
                 for number in range(4)]
        for host in hosts:
            host.wait_for_line('^ready$', PATIENCE)
        (self.directory / 'begin').touch()
        kept = []
        for host in hosts:
            found = host.wait_for_line(
                r'^kept (\d+) dropped (\d+)$', PATIENCE)
            kept.append(int(found[1]))
            self.assertEqual(1000, int(found[1]) + int(found[2]))
        print(f'limit 2000, processes 4, kept {sum(kept)}')
        self.assertGreaterEqual(sum(kept), 2000)
        self.assertLessEqual(sum(kept), 2000 + 4 * 16)
        self.assertEqual(sum(kept), sum(
            path.read_bytes().count(b'\n') for path in self.journals()))
        for host in hosts:
            host.kill()
        (self.directory / 'away').unlink()

        self.run_to_end('heir')

        self.check(sum(kept))
