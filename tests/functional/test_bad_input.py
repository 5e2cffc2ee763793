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

"""What an operator reads when something is set up wrongly.

One line that says where, what, and what to do; on the deployed forms.
"""

import pathlib

import fixtures
import sqlalchemy as sa

from cinder_messages.storage import migrate
from tests import base
from tests import process

WRITER = process.command('cinder-messages-writer')
MANAGE = process.command('cinder-messages-manage')
DB_CHECK = [*MANAGE, 'db', 'check']
DB_SYNC = [*MANAGE, 'db', 'sync']
WSGI = process.python('-c', 'from cinder_messages.wsgi import api')

GOOD = {
    'DEFAULT': {'transport_url': 'fake://'},
    'api': {'auth_strategy': 'noauth'},
}


class BadInputTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'cinder-messages.conf'
        self.database = f'sqlite:///{self.directory}/messages.sqlite'

    def configure(self, **groups):
        groups = {**GOOD, 'database': {'connection': self.database}, **groups}
        self.path.write_text(''.join(
            f'[{group}]\n' + ''.join(
                f'{name} = {value}\n' for name, value in options.items())
            for group, options in groups.items()))

    def run_form(self, form):
        if form is WSGI:
            return process.run(
                form, OS_CINDER_MESSAGES_CONFIG_FILES=str(self.path))
        return process.run(
            [form[0], '--config-file', str(self.path), *form[1:]])

    def refused(self, form, *words):
        done = self.run_form(form)
        self.assertEqual(1, done.returncode, done.stdout)
        lines = done.stderr.splitlines()
        self.assertEqual(1, len(lines), done.stderr)
        self.assertEqual('', done.stdout)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertNotIn('hush', lines[0])


class TestConfiguration(BadInputTestCase):

    def test_a_wrong_value_stops_each_form(self):
        for form, group, name, value, allowed in (
                (WRITER, 'writer', 'workers', 'none', 'at least 1'),
                (DB_CHECK, 'database', 'max_pool_size', 'x', 'an integer'),
                (WSGI, 'api', 'max_limit', '-1', 'at least 1')):
            with self.subTest(name):
                self.configure(**{group: {name: value}})
                self.refused(form, str(self.path), f'[{group}] {name}',
                             'It should be', allowed)

    def test_a_wrong_value_of_a_library_stops_it(self):
        self.configure(cors={'max_age': 'often'})
        self.refused(WSGI, str(self.path), '[cors] max_age')

    def test_a_log_that_cannot_be_written(self):
        self.configure(DEFAULT={'log_dir': '/nowhere'})
        self.refused(WSGI, '[DEFAULT]', '/nowhere', 'Make the directory')

    def test_a_logging_configuration_that_is_not_there(self):
        self.configure(DEFAULT={'log_config_append': '/nowhere.ini'})
        self.refused(WSGI, '/nowhere.ini')

    def test_a_transport_that_cannot_work(self):
        self.configure(DEFAULT={'transport_url': 'rabbit://me:hush@host:x/'})
        self.refused(WRITER, '[DEFAULT] transport_url')

    def test_a_policy_file_that_cannot_be_read(self):
        policy = self.directory / 'policy.yaml'
        policy.write_text('"message:get": [unclosed\n')
        self.configure(oslo_policy={'policy_file': policy})
        self.refused(WSGI, '[oslo_policy] policy_file')

    def test_passwords_are_not_logged_at_the_start(self):
        self.configure(
            DEFAULT={'debug': 'true',
                     'transport_url': 'rabbit://me:hush@127.0.0.1:1/'},
            database={
                'connection': 'mysql+pymysql://me:hush@127.0.0.1:1/d'},
            cinder_messages={'transport_url': 'rabbit://me:hush@h/'})

        done = self.run_form(WRITER)

        self.assertEqual(1, done.returncode)
        for name in ('transport_url', 'database.connection'):
            self.assertRegex(done.stderr, rf'{name} += \*\*\*\*')
        self.assertNotIn('hush', done.stderr)


class TestDatabase(BadInputTestCase):

    def setUp(self):
        super().setUp()
        self.configure()
        self.engine = sa.create_engine(self.database)
        self.addCleanup(self.engine.dispose)

    def execute(self, *statements):
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def test_one_that_is_away(self):
        self.configure(database={
            'connection': 'mysql+pymysql://me:hush@127.0.0.1:1/d'})
        self.refused(DB_SYNC, 'Connection refused', '[database] connection')

    def test_one_that_is_behind(self):
        self.refused(WRITER, 'db sync')

    def test_one_that_is_ahead(self):
        migrate.upgrade(self.engine)
        self.execute("UPDATE cinder_messages_alembic_version "
                     "SET version_num = 'ffffffffffff'")
        for form in (WRITER, DB_SYNC):
            self.refused(form, 'ffffffffffff', 'Upgrade cinder_messages')

    def test_one_that_was_half_restored(self):
        migrate.upgrade(self.engine)
        self.execute('DROP TABLE user_messages')
        self.refused(WRITER, 'user_messages', 'DROP TABLE')

    def test_one_whose_migration_was_cut_off(self):
        migrate.upgrade(self.engine)
        self.execute('DELETE FROM cinder_messages_alembic_version',
                     'DROP INDEX user_messages_expires_idx')

        done = self.run_form(DB_SYNC)

        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('user_messages_expires_idx', [
            index['name'] for index in
            sa.inspect(self.engine).get_indexes('user_messages')])
