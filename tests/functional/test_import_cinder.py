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

import fixtures

from tests import base
from tests import cinder
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
        good = cinder.make_row()
        bad = cinder.make_row(project_id='two words')
        self.cinder.insert(
            good, bad, cinder.make_row(deleted=True),
            cinder.make_row(event_id='VOLUME_999999'))

        for args, opening, imported, known in (
                (['--dry-run'], '4 rows read; nothing is changed, but would '
                 'be:', 2, 0), ([], '4 rows read:', 2, 0),
                ([], '4 rows read:', 0, 2)):
            done = self.run_import('--connection', self.cinder.url, *args)

            self.assertEqual((0, ''), (done.returncode, done.stderr))
            self.assertEqual(
                [opening,
                 f'         {imported} imported',
                 f'         {known} known already',
                 '         1 left out, deleted in Cinder',
                 '         0 left out, expired',
                 '         1 refused',
                 f"Refused: '{bad['id']}' for its project_id",
                 '1 read as an unknown error, for their event is not '
                 'permitted: VOLUME_999999'], done.stdout.splitlines())
        self.assertEqual(good['id'], self.ours.store.get(
            good['id'], storage_fixtures.OWN).id)

    def test_the_configuration_of_cinder_says_where(self):
        self.cinder.insert(cinder.make_row())
        path = self.write('cinder.conf', '[DEFAULT]\nmy_ip = 192.0.2.1\n'
                          f'[database]\nconnection={self.cinder.url}\n')

        done = self.run_import('--cinder-conf', path)

        self.assertEqual((0, ''), (done.returncode, done.stderr))
        self.assertIn('1 imported\n', done.stdout)

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
