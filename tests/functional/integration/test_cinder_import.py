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

"""Cinder's own messages arrive once, whatever happens on the way."""

import datetime

from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.integration import cinder_import
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog
from cinder_messages.message import model
from cinder_messages.storage import models
from tests import base
from tests import cinder
from tests import database
from tests.functional.storage import fixtures

TTL = 1000


class Killed(BaseException):
    """The end of a run in the middle."""


class PairTests:
    """The tests for each pair of databases."""

    source: str
    target: str

    def setUp(self):
        super().setUp()
        for backend in (self.source, self.target):
            database.skip_unless_available(self, backend)
        self.cinder = self.useFixture(cinder.CinderFixture(self.source))
        self.fixture = self.useFixture(fixtures.StoreFixture(self.target))
        self.store = self.fixture.store
        self.own = fixtures.make_message()
        self.store.create([self.own])

    def run_import(self, batch_size=3, progress=None, **kwargs):
        source = cinder_table.CinderTable(self.cinder.url, '--connection')
        self.addCleanup(source.close)
        source.check()
        return cinder_import.Importer(
            source, self.fixture.engine, catalog.Catalog.builtin(), TTL,
            **kwargs).run(batch_size, progress)

    def messages(self):
        """All that is in our table, the one of our own apart."""
        with self.fixture.engine.connect() as connection:
            return {row.id: row for row in connection.execute(
                sa.select(models.MESSAGES)) if row.id != self.own.id}

    def test_a_row_arrives_as_it_is(self):
        created_at = datetime.datetime(2026, 11, 24, 0, 29, 10)
        expires_at = datetime.datetime(2126, 11, 24, 0, 29, 11)
        row = cinder.make_row(created_at=created_at, expires_at=expires_at)
        other = cinder.make_row(project_id=fixtures.OTHER)
        self.cinder.insert(row, other)

        counts = self.run_import()

        self.assertEqual((2, 2), (counts.read, counts.imported))
        del row['deleted']
        self.assertEqual(model.Message(**row),
                         self.store.get(row['id'], fixtures.OWN))
        self.assertEqual(other['id'],
                         self.store.get(other['id'], fixtures.OTHER).id)
        self.assertRaises(exception.MessageNotFound, self.store.get,
                          other['id'], fixtures.OWN)
        self.assertEqual(self.own, self.store.get(self.own.id, fixtures.OWN))

    def test_each_batch_goes_on_where_the_last_ended(self):
        rows = [cinder.make_row() for _ in range(20)]
        self.cinder.insert(*rows)

        for size in (1, 3, 20, 21):
            seen = []
            counts = self.run_import(
                size, lambda counts: seen.append(counts.read))

            self.assertEqual(20, counts.read)
            self.assertEqual([*range(size, 20, size), 20], seen)
        self.assertEqual({row['id'] for row in rows}, set(self.messages()))

    def test_a_second_run_imports_what_is_new(self):
        self.cinder.insert(*(cinder.make_row() for _ in range(7)))
        self.assertEqual(7, self.run_import().imported)
        before = self.messages()
        new = cinder.make_row()
        self.cinder.insert(new)

        counts = self.run_import()

        self.assertEqual((8, 1, 7),
                         (counts.read, counts.imported, counts.known))
        after = self.messages()
        del after[new['id']]
        self.assertEqual(before, after)

    def test_a_run_that_was_killed_is_repeated(self):
        self.cinder.insert(*(cinder.make_row() for _ in range(10)))

        def kill(counts):
            if counts.read == 6:
                raise Killed

        self.assertRaises(Killed, self.run_import, 3, kill)
        self.assertEqual(6, len(self.messages()))

        counts = self.run_import()
        self.assertEqual((4, 6), (counts.imported, counts.known))
        self.assertEqual(10, len(self.messages()))

    def test_two_runs_at_once_store_each_row_once(self):
        self.cinder.insert(*(cinder.make_row() for _ in range(6)))
        quicker = []

        class Slow(cinder_import.Importer):
            def _find(inner, ids):
                found = super()._find(ids)
                if not quicker:
                    quicker.append(self.run_import())
                return found

        source = cinder_table.CinderTable(self.cinder.url, '--connection')
        self.addCleanup(source.close)
        slower = Slow(source, self.fixture.engine, catalog.Catalog.builtin(),
                      TTL).run(4)

        self.assertEqual((6, 0), (quicker[0].imported, quicker[0].known))
        self.assertEqual((0, 6), (slower.imported, slower.known))

    def test_what_cinder_deletes_after_its_import_is_deleted_here_too(self):
        rows = [cinder.make_row() for _ in range(3)]
        self.cinder.insert(*rows)
        self.run_import()
        self.cinder.execute('UPDATE messages SET deleted = :deleted '
                            'WHERE id = :id', {
                                'deleted': True, 'id': rows[0]['id']})

        self.run_import(dry_run=True)
        self.assertFalse(self.messages()[rows[0]['id']].deleted)

        for _ in range(2):
            counts = self.run_import()
            self.assertEqual((1, 2), (counts.deleted, counts.known))
            self.assertEqual(
                {rows[0]['id']: True, rows[1]['id']: False,
                 rows[2]['id']: False},
                {row.id: row.deleted for row in self.messages().values()})

    def test_deleted_and_expired_rows_are_left_out(self):
        past = timeutils.utcnow() - datetime.timedelta(seconds=2)
        self.cinder.insert(
            cinder.make_row(deleted=True),
            cinder.make_row(deleted=True, project_id='two words'),
            cinder.make_row(expires_at=past),
            cinder.make_row(deleted=None))

        counts = self.run_import()

        self.assertEqual((4, 1, 2, 1), (
            counts.read, counts.imported, counts.deleted, counts.expired))
        self.assertEqual(1, len(self.messages()))
        self.assertEqual(0, counts.refused.total)

    def test_what_our_table_does_not_take_is_refused_and_named(self):
        good = cinder.make_row()
        bad = [cinder.make_row(**values) for values in (
            {'project_id': ''}, {'project_id': 'two words'},
            {'request_id': 'req \xe9'}, {'message_level': 'LOUD'},
            {'created_at': None}, {'resource_type': 'A B'},
            {'created_at': datetime.datetime(1969, 1, 1)})]
        self.cinder.insert(good, *bad)

        counts = self.run_import()

        self.assertEqual((1, 7), (counts.imported, counts.refused.total))
        self.assertEqual({good['id']}, set(self.messages()))
        self.assertEqual(
            {f"'{row['id']}' for its {column}" for row, column in zip(
                bad, ('project_id', 'project_id', 'request_id',
                      'message_level', 'created_at', 'resource_type',
                      'created_at'), strict=True)},
            set(counts.refused.names))


class TestImportSQLite(PairTests, base.TestCase):
    source = target = 'sqlite'

    def test_times_are_those_that_a_writer_would_store(self):
        before = timeutils.utcnow()
        old = datetime.datetime(2015, 1, 1)
        rows = [cinder.make_row(created_at=old, expires_at=None),
                cinder.make_row(
                    created_at=before + datetime.timedelta(days=300)),
                cinder.make_row(created_at=datetime.datetime(2001, 1, 1))]
        for row in rows:
            self.cinder.insert(row)

        counts = self.run_import()

        after = timeutils.utcnow()
        self.assertEqual((3, 3), (counts.read, counts.imported))
        stored = self.messages()
        kept, future, ancient = (stored[row['id']] for row in rows)
        self.assertEqual(old, kept.created_at)
        ttl = datetime.timedelta(seconds=TTL)
        self.assertTrue(before + ttl <= kept.expires_at <= after + ttl)
        for message in future, ancient:
            self.assertTrue(before <= message.created_at <= after)

    def test_summaries_are_refused(self):
        self.cinder.insert(*(
            cinder.make_row(event_id=event_id, action_id=None,
                            detail_id=detail_id)
            for event_id in ('000006', 'VOLUME_000006')
            for detail_id in ('99999', None)))
        counts = self.run_import()
        self.assertEqual((4, 0, 4), (
            counts.read, counts.imported, counts.refused.total))
        self.assertEqual({}, self.messages())

    def test_an_empty_table_is_fine(self):
        self.assertEqual(cinder_import.Counts, type(self.run_import()))
        self.assertEqual({}, self.messages())

    def test_what_its_owner_deleted_does_not_come_back(self):
        row = cinder.make_row()
        self.cinder.insert(row)
        self.run_import()
        self.store.delete(row['id'], fixtures.OWN)

        counts = self.run_import()

        self.assertEqual((0, 1), (counts.imported, counts.known))
        self.assertRaises(exception.MessageNotFound, self.store.get,
                          row['id'], None)

    def test_a_dry_run_counts_and_changes_nothing(self):
        known = cinder.make_row()
        self.cinder.insert(known)
        self.run_import()
        before = self.messages()
        self.cinder.insert(*(cinder.make_row() for _ in range(5)))

        for _ in range(2):
            counts = self.run_import(dry_run=True)
            self.assertEqual((6, 5, 1), (
                counts.read, counts.imported, counts.known))
        self.assertEqual(before, self.messages())

    def test_events_that_are_not_permitted_are_imported_and_named(self):
        row = cinder.make_row(event_id='VOLUME_VOLUME_001_999',
                              detail_id='999')
        self.cinder.insert(row, cinder.make_row(
            event_id='VOLUME_VOLUME_001_999'), cinder.make_row(
            event_id='GROUP_7'), cinder.make_row())

        for imported in (4, 0):
            counts = self.run_import()
            self.assertEqual(imported, counts.imported)
            self.assertEqual(3, counts.unknown_events.total)
            self.assertEqual({'VOLUME_VOLUME_001_999': 2, 'GROUP_7': 1},
                             counts.unknown_events.names)
        event_id = self.store.get(row['id'], fixtures.OWN).event_id
        texts = catalog.Catalog.builtin()
        self.assertEqual('VOLUME_VOLUME_001_999', event_id)
        self.assertEqual(texts.text('000001'), texts.text(event_id))

    def test_an_id_that_is_no_id_is_refused(self):
        self.cinder.insert(cinder.make_row(id='a b'), cinder.make_row(id=''),
                           cinder.make_row())

        counts = self.run_import(1)

        self.assertEqual((3, 1, 2), (
            counts.read, counts.imported, counts.refused.total))

    def test_the_table_may_lie_beside_ours(self):
        self.cinder.insert(cinder.make_row())
        with self.fixture.engine.begin() as connection:
            connection.exec_driver_sql(
                cinder.create_table(self.target))
        self.cinder.url = self.fixture.url

        self.assertEqual(0, self.run_import().read)

    def test_the_table_may_go_meanwhile(self):
        self.cinder.insert(cinder.make_row())

        def drop(counts):
            self.cinder.execute('DROP TABLE messages')

        refused = self.assertRaises(exception.DatabaseUnavailable,
                                    self.run_import, 1, drop)
        self.assertIn('--connection', str(refused))


class TestImportMySQLToPostgreSQL(PairTests, base.TestCase):
    source, target = 'mysql', 'postgresql'


class TestImportPostgreSQLToMySQL(PairTests, base.TestCase):
    source, target = 'postgresql', 'mysql'
