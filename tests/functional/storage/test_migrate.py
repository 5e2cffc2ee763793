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

"""Migrations lead to the models, one after the other, and harm nobody."""

from concurrent import futures
import re
import threading

from alembic import autogenerate
from alembic import command
from alembic.runtime import migration
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.storage import migrate
from cinder_messages.storage import models
from tests import base
from tests import database
from tests.functional.storage import fixtures


class MigrateTests:
    """The tests, for each database."""

    backend: str

    def setUp(self):
        super().setUp()
        database.skip_unless_named(self, self.backend)
        self.fixture = self.useFixture(fixtures.FacadeFixture(self.backend))
        self.engine = self.fixture.engine

    def execute(self, *statements):
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def stamp(self, revision):
        self.execute(f"UPDATE {migrate.VERSION_TABLE} "
                     f"SET version_num = '{revision}'")

    def differences(self):
        """Between database and models, as autogenerate sees them."""
        with self.engine.connect() as connection:
            context = migration.MigrationContext.configure(
                connection, opts={
                    'version_table': migrate.VERSION_TABLE,
                    'include_name': lambda name, kind, parents:
                        kind != 'table' or name in models.METADATA.tables})
            return autogenerate.compare_metadata(context, models.METADATA)

    def test_an_empty_database_is_not_migrated(self):
        self.assertIsNone(migrate.version(self.engine))
        error = self.assertRaises(
            exception.DatabaseNotMigrated, migrate.check, self.engine)
        self.assertIn(migrate.head(), str(error))
        self.assertIn('cinder-messages-manage db sync', str(error))

    def test_upgrade_leads_to_head_and_again_changes_nothing(self):
        for _ in range(2):
            migrate.upgrade(self.engine)

            self.assertEqual(migrate.head(), migrate.version(self.engine))
            migrate.check(self.engine)

    def test_models_and_migrations_agree(self):
        self.assertNotEqual([], self.differences())

        migrate.upgrade(self.engine)

        self.assertEqual([], self.differences())

    def test_every_revision_is_walked(self):
        for revision in reversed(list(self.scripts().walk_revisions())):
            with self.engine.connect() as connection:
                config = migrate.make_config()
                config.attributes['connection'] = connection
                command.upgrade(config, revision.revision)
                connection.commit()
            self.assertEqual(revision.revision, migrate.version(self.engine))
        self.assertEqual([], self.differences())

    def scripts(self):
        return migrate.script.ScriptDirectory.from_config(
            migrate.make_config())

    def test_a_database_of_a_newer_version_is_left_alone(self):
        migrate.upgrade(self.engine)
        self.stamp('ffffffffffff')

        for function in (migrate.check, migrate.upgrade):
            error = self.assertRaises(
                exception.DatabaseTooNew, function, self.engine)
            self.assertIn('ffffffffffff', str(error))
        self.assertEqual('ffffffffffff', migrate.version(self.engine))

    def test_several_at_once_wait_for_each_other(self):
        facades = [self.fixture.connect() for _ in range(4)]
        barrier = threading.Barrier(len(facades))

        def upgrade(facade):
            engine = facade.writer.get_engine()
            barrier.wait()
            migrate.upgrade(engine)

        with futures.ThreadPoolExecutor(len(facades)) as pool:
            list(pool.map(upgrade, facades))

        migrate.check(self.engine)

    def test_tables_of_another_service_are_left_alone(self):
        self.execute('CREATE TABLE messages (id INTEGER)',
                     'CREATE TABLE alembic_version (version_num INTEGER)',
                     'INSERT INTO alembic_version VALUES (42)')

        migrate.upgrade(self.engine)

        self.assertEqual(
            {'messages', 'alembic_version', 'user_messages',
             migrate.VERSION_TABLE},
            set(sa.inspect(self.engine).get_table_names()))
        with self.engine.connect() as connection:
            self.assertEqual(42, connection.exec_driver_sql(
                'SELECT version_num FROM alembic_version').scalar_one())
        self.assertEqual([], self.differences())

    def test_stored_messages_survive_an_upgrade(self):
        store = self.useFixture(fixtures.StoreFixture(self.backend))
        messages = [fixtures.make_message(),
                    fixtures.make_message(project_id=fixtures.OTHER)]
        store.store.create(messages)

        migrate.upgrade(store.engine)

        for message in messages:
            self.assertEqual(
                message, store.store.get(message.id, message.project_id))


class TestMigrateSQLite(MigrateTests, base.TestCase):
    backend = 'sqlite'

    def test_a_migrated_file_has_a_write_ahead_log(self):
        migrate.upgrade(self.engine)

        with self.engine.connect() as connection:
            self.assertEqual('wal', connection.exec_driver_sql(
                'PRAGMA journal_mode').scalar_one())


class TestMigrateMySQL(MigrateTests, base.TestCase):
    backend = 'mysql'

    def test_a_long_wait_is_not_a_lost_connection(self):
        lock = migrate.LOCKS['mysql']
        engine = self.fixture.connect(read_timeout='1').writer.get_engine()
        with self.engine.connect() as holder, futures.ThreadPoolExecutor(
                1) as pool:
            holder.exec_driver_sql(lock)
            upgrading = pool.submit(migrate.upgrade, engine)
            self.assertRaises(TimeoutError, upgrading.result, 2)

            holder.invalidate()
            upgrading.result()

        migrate.check(self.engine)


class TestMigratePostgreSQL(MigrateTests, base.TestCase):
    backend = 'postgresql'


class TestRevisions(base.TestCase):
    """What holds for the files."""

    def setUp(self):
        super().setUp()
        self.scripts = migrate.script.ScriptDirectory.from_config(
            migrate.make_config())

    def test_there_is_one_base_and_one_head(self):
        self.assertEqual(1, len(self.scripts.get_bases()))
        self.assertEqual([migrate.head()], self.scripts.get_heads())

    def test_names_say_what_is_done(self):
        for revision in self.scripts.walk_revisions():
            name = revision.path.rsplit('/', 1)[-1]
            self.assertRegex(
                name, f'^{revision.revision}_[a-z]+_[a-z_]+[.]py$')

    def test_no_revision_drops_or_alters(self):
        # NOTE: a writer of the release before goes on while a database is
        # migrated, and there is no way back but a backup.
        for revision in self.scripts.walk_revisions():
            with open(revision.path) as source:
                found = re.findall(r'(?i)\b(?:drop|alter|rename|downgrade)\w*',
                                   source.read())
            self.assertEqual([], found, revision.path)
