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

"""cinder-messages-manage message report, as an operator types it."""

import json

from oslo_utils import timeutils

from tests import base
from tests.functional.storage import fixtures
from tests import process


class TestReport(base.TestCase):

    def setUp(self):
        super().setUp()
        self.made = self.useFixture(fixtures.StoreFixture('sqlite'))

    def report(self, *args):
        return process.run(
            process.command('cinder-messages-manage', 'message', 'report',
                            *args),
            OS_DATABASE__CONNECTION=self.made.url)

    def test_table_and_json(self):
        self.made.store.create([
            fixtures.make_message(host='one'),
            fixtures.make_message(host='one'),
            fixtures.make_message(host='two', count=5)])

        table = self.report('--by', 'host,event')
        self.assertEqual(0, table.returncode, table.stderr)
        header, *lines = table.stdout.splitlines()
        self.assertEqual(['failures', 'projects', 'host', 'event', 'text'],
                         header.split())
        self.assertEqual(
            [['5', '1', 'two', '000002'], ['2', '1', 'one', '000002']],
            [line.split()[:4] for line in lines])
        self.assertIn('No storage could be allocated', lines[0])

        found = json.loads(self.report(
            '--format', 'json', '--since', '2w', '--limit', '1').stdout)
        self.assertTrue(found['complete'])
        self.assertEqual(3, found['messages'])
        [group] = found['groups']
        self.assertEqual(('000002', 7, 3, 1), tuple(
            group[name] for name in (
                'event', 'failures', 'messages', 'projects')))
        self.assertEqual(str(timeutils.utcnow())[:4], group['latest'][:4])

    def test_a_table_says_what_it_leaves_out(self):
        self.made.store.create([fixtures.make_message() for _ in range(3)])
        table = self.report('--max-rows', '2')
        self.assertIn('Only the newest 2 messages were counted',
                      table.stdout)

    def test_nothing(self):
        self.assertIn('No messages since', self.report().stdout)

    def test_arguments(self):
        for args in (['--since', 'yesterday'], ['--since', '1y'],
                     ['--by', 'name'], ['--by', 'event,event'],
                     ['--limit', '0'], ['--limit', '1001'],
                     ['--max-rows', 'all']):
            done = self.report(*args)
            self.assertEqual(2, done.returncode, args)
            self.assertIn(args[0], done.stderr)
