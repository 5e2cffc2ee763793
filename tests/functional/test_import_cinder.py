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

"""cinder-messages-manage db import-cinder as an operator runs it."""

import datetime

import fixtures

from cinder_messages.storage import query
from tests import base
from tests import cinder
from tests import documents
from tests.functional.storage import fixtures as storage_fixtures
from tests import process


class TestImportCinder(base.TestCase):

    def setUp(self):
        super().setUp()
        self.cinder = self.useFixture(cinder.CinderFixture('sqlite'))
        self.ours = self.useFixture(
            storage_fixtures.StoreFixture('sqlite'))
        self.directory = self.useFixture(fixtures.TempDir())
        self.config_file = self.write(
            'cinder-messages.conf', '[DEFAULT]\ntransport_url = fake://\n'
            f'[database]\nconnection = {self.ours.url}\n')
        self.cinder_conf = self.write(
            'cinder.conf', '[DEFAULT]\nmy_ip = 192.0.2.1\n'
            f'[database]\nconnection = {self.cinder.url}\n')

    def write(self, name, text):
        path = self.directory.join(name)
        with open(path, 'w') as file:
            file.write(text)
        return path

    def run_import(self, *args):
        return process.run(process.command(
            'cinder-messages-manage', '--config-file', self.config_file,
            'db', 'import-cinder', *args))

    def refused(self, *args):
        """The one line that it ends with."""
        done = self.run_import(*args)
        self.assertEqual((1, ''), (done.returncode, done.stdout), done.stderr)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        return done.stderr

    def test_rows_are_counted_then_imported_and_then_known(self):
        rows = [cinder.make_row(), cinder.make_row(), cinder.make_row(
            event_id='VOLUME_VOLUME_001_099')]
        self.cinder.insert(
            *rows, cinder.make_row(deleted=True),
            cinder.make_row(deleted=True),
            cinder.make_row(expires_at=datetime.datetime(2016, 1, 1)),
            cinder.make_row(id='7f0c2a6e-3d0b-4a57-9c1f-5a1a6d1f0a11',
                            project_id='two words'))
        documented = documents.block_named('import-cinder-dry-run')
        [command] = documented.commands()
        dry = documented.output()
        wet = dry.replace('; nothing is changed, but would be:', ':')

        for args, expected in (
                (['--dry-run'], dry), ([], wet),
                ([], wet.replace('3 imported', '0 imported').replace(
                    '0 known', '3 known'))):
            done = self.run_import('--cinder-conf', self.cinder_conf, *args)

            self.assertEqual((0, ''), (done.returncode, done.stderr))
            self.assertEqual(expected, done.stdout.strip())
        self.assertTrue(command.endswith('--dry-run'), command)
        self.assertEqual(
            {row['id'] for row in rows},
            {message.id for message in self.ours.store.list(
                query.Query(limit=10), storage_fixtures.OWN).messages})

    def test_what_is_no_cinder_is_one_line(self):
        nothing = self.write('empty.conf', '')
        for args, reason in (
                (['--connection', self.ours.url], 'it is our own'),
                (['--connection', 'mysql+pymysql://me:secret@127.0.0.1:1/c'],
                 'cannot be reached'),
                (['--cinder-conf', nothing],
                 f'[database] connection of {nothing} is not set')):
            refused = self.refused(*args)
            self.assertIn(reason, refused)
            self.assertNotIn('secret', refused)

    def test_our_database_has_to_be_ready(self):
        with self.ours.engine.begin() as connection:
            connection.exec_driver_sql(
                'DROP TABLE cinder_messages_alembic_version')

        self.assertIn('Run: cinder-messages-manage db sync',
                      self.refused('--connection', self.cinder.url))
