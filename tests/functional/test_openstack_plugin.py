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

"""Our commands of ``openstack``, with a stock environment, on a real service.

The program runs in this process with its real entry points, without
OS_VOLUME_API_VERSION. Two projects hold messages.
"""

import contextlib
import io
import json
import os

import fixtures
from openstack.block_storage.v3 import message as sdk_message
from openstackclient import shell

from tests.functional import fixtures as api_fixtures
from tests.functional import test_clients
from tests import process

ONE = api_fixtures.ONE
ids = test_clients.ids


class OpenStackTestCase(test_clients.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        for name in [name for name in os.environ if name.startswith('OS_')]:
            self.useFixture(fixtures.EnvironmentVariable(name))

    def openstack(self, *args, code=0, token=test_clients.TOKEN, url=None):
        """Run a command line; return what it printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(
                said):
            got = shell.OpenStackShell().run([
                '--os-auth-type', 'admin_token', '--os-token', token,
                '--os-endpoint', url or f'{self.url}/{ONE}', 'volume', *args])
        self.assertEqual(code, got, said.getvalue())
        return said.getvalue()


class TestWhy(OpenStackTestCase):

    def test_a_resource(self):
        printed = self.openstack('why', 'volume-2')
        self.assertIn('Volume volume-2', printed)
        self.assertIn('What failed:  Allocating storage', printed)
        self.assertIn('Try again:', printed)
        self.assertIn('req-2', printed)
        [row] = json.loads(self.openstack('why', 'volume-2', '-f', 'json'))
        self.assertEqual(
            ('NO_BACKEND_AVAILABLE', 'SCHEDULE_ALLOCATE_VOLUME'),
            (row['Reason'], row['Action']))

    def test_a_request(self):
        rows = json.loads(self.openstack(
            'why', '--request-id', 'req-1', '-f', 'json'))
        self.assertEqual(ids(1), [row['Message ID'] for row in rows])

    def test_everything_but_of_other_projects(self):
        self.assertEqual(5, len(json.loads(
            self.openstack('why', '--all', '-f', 'json'))))

    def test_nothing_known(self):
        printed = self.openstack('why', '--request-id', 'req-9', code=3)
        self.assertIn('Nothing is known', printed)

    def test_errors_are_one_line(self):
        unknown = f'http://127.0.0.1:{process.free_port()}/v3'
        for args, options, expected in (
                (['nope'], {}, 'There is no volume, snapshot'),
                ([], {}, 'Name a resource'),
                (['volume-1', '--since', 'monday'], {}, 'neither a duration'),
                (['volume-1'], {'token': f'u:{ONE}:nobody'}, 'You may not'),
                (['volume-1'], {'url': f'{self.url}/x/y'}, 'no messages'),
                (['volume-1'], {'url': unknown}, '127.0.0.1'),
                (['--server', 'web'], {}, 'no Compute service')):
            with self.subTest(args=args, options=options):
                printed = self.openstack('why', *args, code=1, **options)
                self.assertIn(expected, printed)
                self.assertEqual(1, len(printed.strip().splitlines()))


class TestList(OpenStackTestCase):

    def listed(self, *args, **kwargs):
        return self.openstack('message', 'list', '-f', 'value', '-c', 'ID',
                              *args, **kwargs).split()

    def test_options(self):
        for args, expected in (
                ([], (5, 4, 3, 2, 1)),
                (['--resource', 'volume-1'], (1,)),
                (['--type', 'snapshot'], (3,)),
                (['--level', 'info'], (4,)),
                (['--reason', 'no-backend-available'], (2,)),
                (['--action', 'SCHEDULE_ALLOCATE_VOLUME'], (2,)),
                (['--reason', '003'], (2,)),
                (['--request-id', 'req-2'], (2,)),
                (['--since', '2026-01-01T00:00:04'], (5, 4)),
                (['--sort', 'created_at:asc'], (1, 2, 3, 4, 5)),
                (['--limit', '2'], (5, 4, 3, 2, 1)),
                (['--max-items', '2'], (5, 4)),
                (['--marker', *ids(3)], (2, 1))):
            with self.subTest(args):
                self.assertEqual(ids(*expected), self.listed(*args))

    def test_administrators_list_all_projects(self):
        everything = self.listed('--all-projects', token=test_clients.ADMIN)
        self.assertEqual(ids(8, 7, 5, 4, 3, 2, 1), everything)
        self.assertEqual(ids(5, 4, 3, 2, 1), self.listed('--all-projects'))

    def test_unknown_names_are_one_line(self):
        for args in (['--reason', 'NOPE'], ['--action', 'NOPE'],
                     ['--sort', 'size'], ['--marker', 'nope'],
                     ['--type', 'nope'], ['--type', 'nope', '--follow']):
            with self.subTest(args):
                printed = self.openstack('message', 'list', *args, code=1)
                self.assertEqual(1, len(printed.strip().splitlines()))
        self.assertEqual(
            "'nope' is no type of resource; the types are volume, snapshot, "
            'backup, group, group_snapshot.\n',
            self.openstack('why', '--all', '--type', 'nope', code=1))

    def test_follow_prints_what_comes_once(self):
        following = self.useFixture(process.Process(process.command(
            'openstack', '--os-auth-type', 'admin_token', '--os-token',
            test_clients.TOKEN, '--os-endpoint', f'{self.url}/{ONE}',
            'volume', 'message', 'list', '--follow', '-f', 'value', '-c',
            'ID', '--since', '2026-01-01T00:00:05'), PYTHONUNBUFFERED='1'))
        following.wait_for_line(*ids(5))
        new = [api_fixtures.MESSAGES[0]._replace(id=f'new-{number}')
               for number in range(3)]
        for message in new:
            self.store.create([message])
            following.wait_for_line(message.id)
        following.popen.send_signal(2)
        self.assertEqual(130, following.wait())
        self.assertEqual([*ids(5), *(message.id for message in new)],
                         [line for line in following.lines if line])


class TestShow(OpenStackTestCase):

    def test_fields(self):
        shown = json.loads(self.openstack(
            'message', 'show', *ids(2), '-f', 'json'))
        self.assertEqual(('req-2', 'VOLUME_VOLUME_001_003'),
                         (shown['Request ID'], shown['Event ID']))
        self.assertIn('There is no message', self.openstack(
            'message', 'show', *ids(7), code=1))

    def test_the_sdk_still_reads_the_wrong_key(self):
        """When this fails, ``message_show`` can step back for the core's.

        Then raise the lower bound of openstacksdk in setup.cfg and remove
        the module and its entry point.
        """
        self.assertEqual('messages', sdk_message.Message.resource_key)
