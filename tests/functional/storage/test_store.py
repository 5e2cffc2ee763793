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

"""Messages go in once, are seen by their project, and go."""

from concurrent import futures
import datetime

from oslo_db import exception as db_exc
from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages import exception
from cinder_messages.storage import models
from cinder_messages.storage import query
from cinder_messages.storage import schema
from tests import base
from tests import database
from tests.functional.storage import fixtures

EVERYTHING = query.Query(limit=1000)


class StoreTests:
    """The tests, for each database."""

    backend: str

    def setUp(self):
        super().setUp()
        database.skip_unless_available(self, self.backend)
        self.fixture = self.useFixture(fixtures.StoreFixture(self.backend))
        self.store = self.fixture.store
        self.other = fixtures.make_message(project_id=fixtures.OTHER)
        self.store.create([self.other])

    def rows(self):
        """Every row that is in the table, by id."""
        with self.fixture.engine.connect() as connection:
            return {row.id: row for row in connection.execute(
                sa.select(models.MESSAGES))}

    def test_get_returns_what_was_created(self):
        message = fixtures.make_message(
            id='0f8fad5b-d9cb-469f-a165-70867728950e',
            event_id='VOLUME_VOLUME_001_003', action_id='001',
            detail_id='003', message_level='WARNING', resource_type='VOLUME',
            resource_uuid='volume-1', request_id='req-1', user_id='user-1',
            created_at=datetime.datetime(2026, 11, 24, 0, 29, 10, 180001),
            expires_at=datetime.datetime(2126, 11, 24, 0, 29, 10, 999999),
            count=4294967, global_request_id='req-global', host='node-1@lvm')
        bare = fixtures.make_message()

        self.store.create([message, bare])

        self.assertEqual(message, self.store.get(message.id, fixtures.OWN))
        self.assertEqual(bare, self.store.get(bare.id, fixtures.OWN))

    def test_a_writer_of_the_release_before_goes_on(self):
        added = {'count', 'global_request_id', 'host'}
        message = fixtures.make_message()
        with self.fixture.engine.begin() as connection:
            connection.execute(sa.insert(models.MESSAGES), [{
                name: value for name, value in message._asdict().items()
                if name not in added}])

        self.assertEqual(message, self.store.get(message.id, fixtures.OWN))

    def test_text_beyond_ascii_is_kept(self):
        message = fixtures.make_message(resource_uuid='\xe9\u65e5\U0001f600')

        self.store.create([message])

        self.assertEqual(message, self.store.get(message.id, fixtures.OWN))

    def test_details_are_read_on_request_only(self):
        details = {'action_id': '001', 'detail_id': '003', 'user_id': 'fred',
                   'global_request_id': 'req-1', 'host': 'volume-1'}
        message = fixtures.make_message(
            count=2, request_id='req-2', resource_type='VOLUME',
            resource_uuid='volume', **details)
        self.store.create([message])
        brief = message._replace(**dict.fromkeys(details))
        asked = query.Query(limit=1)

        for has_details, found in (True, message), (False, brief):
            self.assertEqual(found, self.store.get(
                message.id, fixtures.OWN, has_details))
            self.assertEqual([found], self.store.list(
                asked, fixtures.OWN, has_details).messages)

    def test_get_hides_other_projects(self):
        self.assertRaises(exception.MessageNotFound, self.store.get,
                          self.other.id, fixtures.OWN)
        self.assertEqual(self.other,
                         self.store.get(self.other.id, fixtures.OTHER))
        self.assertEqual(self.other, self.store.get(self.other.id, None))

    def test_get_hides_expired(self):
        expired = fixtures.make_expired()
        self.store.create([expired])

        for project_id in (fixtures.OWN, None):
            self.assertRaises(exception.MessageNotFound, self.store.get,
                              expired.id, project_id)

    def test_an_id_is_found_only_as_it_is(self):
        message = fixtures.make_message(id='abc')
        self.store.create([message])

        for message_id in ('ABC', 'abc ', ' abc', 'ab', 'ab_', 'abc\0', '',
                           'abc' * 1000, '\U0001f600'):
            self.assertRaises(exception.MessageNotFound, self.store.get,
                              message_id, fixtures.OWN)
            self.assertRaises(exception.MessageNotFound, self.store.delete,
                              message_id, fixtures.OWN)
        self.assertEqual(message, self.store.get('abc', fixtures.OWN))

    def test_ids_that_differ_in_case_are_two(self):
        messages = [fixtures.make_message(id='abc'),
                    fixtures.make_message(id='ABC')]

        self.assertEqual((2, 0, ()), self.store.create(messages))

    def test_an_empty_batch_is_fine(self):
        self.assertEqual((0, 0, ()), self.store.create([]))

    def test_what_is_there_is_counted_and_kept(self):
        first = fixtures.make_message(resource_uuid='first')
        self.assertEqual((1, 0, ()), self.store.create([first]))

        again = fixtures.make_message(id=first.id, resource_uuid='again')
        more = [fixtures.make_message() for _ in range(3)]
        self.assertEqual((3, 1, ()), self.store.create(
            [more[0], again, *more[1:]]))
        self.assertEqual((0, 4, ()), self.store.create([first, *more]))
        self.assertEqual((0, 1, ()), self.store.create([first]))

        self.assertEqual(first, self.store.get(first.id, fixtures.OWN))
        self.assertEqual(5, len(self.rows()))

    def test_a_row_of_another_owner_is_not_changed(self):
        before = self.rows()
        stolen = fixtures.make_message(id=self.other.id, resource_uuid='x')
        again = fixtures.make_message(project_id=fixtures.OTHER,
                                      id=self.other.id)
        new = fixtures.make_message()

        self.assertEqual((1, 2, (self.other.id,)),
                         self.store.create([again, new, stolen]))
        self.assertEqual(before[self.other.id], self.rows()[self.other.id])

    def test_expiry_is_set_by_the_clock_of_the_database(self):
        for wrong in (datetime.timedelta(days=31), -datetime.timedelta(
                days=3650)):
            message = fixtures.make_message(expires_at=None)
            # NOTE: the clock of the process, as every module here reads it.
            with fixtures.clock_ahead(wrong):
                skew = self.store.clock_skew()
                self.assertEqual(1, self.store.create([message], 60).stored)
                self.assertEqual(0, self.store.count_expired())
                self.assertEqual(0, self.store.delete_expired(10))
                self.store.get(message.id, fixtures.OWN)
                self.assertEqual(1, self.store.count(EVERYTHING,
                                                     fixtures.OWN))
                self.store.delete(message.id, fixtures.OWN)
            self.assertLess(abs(skew - wrong.total_seconds()), 30)
            row = self.rows()[message.id]
            self.assertLess(
                abs((row.expires_at - timeutils.utcnow()).total_seconds()
                    - 60), 30)
            self.assertLess(abs((row.deleted_at - timeutils.utcnow()
                                 ).total_seconds()), 30)
        self.assertLess(abs(self.store.clock_skew()), 30)

    def test_expiry_has_microseconds(self):
        messages = [fixtures.make_message(expires_at=None) for _ in range(5)]
        for message in messages:
            self.store.create([message], 3600)

        rows = self.rows()
        self.assertNotEqual(
            {0}, {rows[message.id].expires_at.microsecond % 1000
                  for message in messages})

    def test_the_longest_ttl(self):
        message = fixtures.make_message(expires_at=None)
        self.store.create([message], 100 * 365 * 86400)

        self.assertLess(2120, self.rows()[message.id].expires_at.year)

    def test_a_schema_that_does_not_fit_loses_nothing(self):
        """Each is kept by the emitter, and the reason names the change."""
        for change, undo, text in self.misfits:
            message = fixtures.make_message(
                event_id='VOLUME_VOLUME_001_003', resource_type='VOLUME',
                expires_at=None)
            before = self.rows()
            self.execute(change)

            error = self.assertRaises(
                exception.DatabaseUnavailable, self.store.create,
                [fixtures.make_message(expires_at=None), message], 60)
            self.assertIn(text, str(error))
            self.assertEqual([text], [
                text for found in schema.differences(self.fixture.engine)
                if text in found])

            self.execute(undo)
            self.assertEqual(before, self.rows())
            self.assertEqual([], schema.differences(self.fixture.engine))
            self.assertEqual((1, 0, ()), self.store.create([message], 60))
            self.execute(f"DELETE FROM user_messages WHERE id = "
                         f"'{message.id}'")

    misfits: tuple[tuple[str, str, str], ...] = ()

    def execute(self, statement):
        with self.fixture.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def test_an_id_twice_in_one_batch_is_stored_once(self):
        message = fixtures.make_message()
        new = fixtures.make_message()

        self.assertEqual((2, 2, ()), self.store.create(
            [message, message, new, message]))
        self.assertEqual({message.id, new.id, self.other.id},
                         set(self.rows()))

    def test_counts_are_right_in_a_batch_of_many(self):
        messages = [fixtures.make_message(
            resource_uuid='x' * 255, request_id='x' * 255, user_id='x' * 255)
            for _ in range(1000)]
        self.store.create(messages[::3])

        self.assertEqual((666, 334, ()), self.store.create(messages))

    def test_a_deleted_message_does_not_come_back(self):
        message = fixtures.make_message()
        self.store.create([message])
        self.store.delete(message.id, fixtures.OWN)

        self.assertEqual((0, 1, ()), self.store.create([message]))

        self.assertRaises(exception.MessageNotFound, self.store.get,
                          message.id, fixtures.OWN)
        self.assertEqual([], self.store.list(
            EVERYTHING, fixtures.OWN).messages)
        self.assertEqual(0, self.store.count(EVERYTHING, fixtures.OWN))

    def test_delete_hides_other_projects(self):
        self.assertRaises(exception.MessageNotFound, self.store.delete,
                          self.other.id, fixtures.OWN)

        self.store.get(self.other.id, fixtures.OTHER)
        self.store.delete(self.other.id, None)
        self.assertRaises(exception.MessageNotFound, self.store.get,
                          self.other.id, fixtures.OTHER)

    def test_delete_leaves_the_row_and_says_when(self):
        message = fixtures.make_message()
        self.store.create([message])

        before = timeutils.utcnow()
        self.store.delete(message.id, fixtures.OWN)

        row = self.rows()[message.id]
        self.assertTrue(row.deleted)
        self.assertLessEqual(before, row.deleted_at)
        self.assertLessEqual(before, row.updated_at)
        self.assertFalse(self.rows()[self.other.id].deleted)

    def test_delete_finds_nothing_deleted_or_expired(self):
        message = fixtures.make_message()
        expired = fixtures.make_expired()
        self.store.create([message, expired])
        self.store.delete(message.id, fixtures.OWN)

        for gone in (message, expired):
            self.assertRaises(exception.MessageNotFound, self.store.delete,
                              gone.id, fixtures.OWN)

    def test_expired_rows_are_removed_deleted_ones_too(self):
        kept = fixtures.make_message()
        deleted = fixtures.make_message()
        expired = [fixtures.make_expired() for _ in range(4)]
        old = fixtures.make_expired(project_id=fixtures.OTHER)
        self.store.create([kept, deleted, old, *expired])
        self.store.delete(deleted.id, fixtures.OWN)
        with self.fixture.engine.begin() as connection:
            connection.execute(sa.update(models.MESSAGES).where(
                models.MESSAGES.c.id == expired[0].id).values(deleted=True))

        self.assertEqual(5, self.store.count_expired())
        self.assertEqual(3, self.store.delete_expired(3))
        self.assertEqual(2, self.store.count_expired())
        self.assertEqual(2, self.store.delete_expired(3))
        self.assertEqual(0, self.store.delete_expired(3))
        self.assertEqual({kept.id, deleted.id, self.other.id},
                         set(self.rows()))

    def test_several_reapers_and_writers_at_once(self):
        self.store.create([fixtures.make_expired() for _ in range(300)])

        def reap():
            return [self.store.delete_expired(20) for _ in range(10)]

        def write():
            return [self.store.create([
                fixtures.make_message(), fixtures.make_expired()])
                for _ in range(10)]

        with futures.ThreadPoolExecutor(5) as pool:
            reapers = [pool.submit(reap) for _ in range(3)]
            writers = [pool.submit(write) for _ in range(2)]
        removed = sum(sum(reaper.result()) for reaper in reapers)

        self.assertEqual([(2, 0, ())] * 20,
                         [one for writer in writers for one in
                          writer.result()])
        self.assertEqual(320, removed + self.store.count_expired())
        self.assertEqual(20, self.store.count(EVERYTHING, fixtures.OWN))

    def test_two_writers_of_the_same_batch_store_it_once(self):
        messages = [fixtures.make_message() for _ in range(200)]
        stores = [type(self.store)(self.fixture.connect())
                  for _ in range(3)]

        with futures.ThreadPoolExecutor(3) as pool:
            done = list(pool.map(
                lambda store: store.create(messages), stores))

        self.assertEqual(200, sum(one.stored for one in done))
        self.assertEqual(400, sum(one.duplicates for one in done))
        self.assertEqual(200, self.store.count(EVERYTHING, fixtures.OWN))

    def test_a_write_that_lost_a_deadlock_is_tried_again(self):
        deadlocks = [db_exc.DBDeadlock()]

        @sa.event.listens_for(self.fixture.engine, 'before_cursor_execute')
        def lose(*_args):
            if deadlocks:
                raise deadlocks.pop()

        self.assertEqual((1, 0, ()),
                         self.store.create([fixtures.make_message()]))

    def test_a_table_that_is_missing_may_be_there_later(self):
        with self.fixture.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE user_messages')

        for method, args in (
                (self.store.create, [[fixtures.make_message()]]),
                (self.store.get, ['abc', None]),
                (self.store.list, [EVERYTHING, None]),
                (self.store.count, [EVERYTHING, None]),
                (self.store.delete, ['abc', None]),
                (self.store.count_expired, []),
                (self.store.delete_expired, [1])):
            self.assertRaises(exception.DatabaseUnavailable, method, *args)


class TestStoreSQLite(StoreTests, base.TestCase):
    backend = 'sqlite'

    def test_half_a_character_is_never_taken(self):
        self.assertRaises(
            exception.InvalidParameter, self.store.create,
            [fixtures.make_message(resource_uuid='\udc80')])

    def test_a_bug_of_ours_is_not_the_database_being_away(self):
        self.assertRaises(
            db_exc.DBError, self.store.create,
            [fixtures.make_message(created_at='yesterday')])

    def test_readers_do_not_wait_for_a_writer(self):
        with self.fixture.engine.begin() as connection:
            connection.execute(sa.delete(models.MESSAGES))

            self.assertEqual(self.other, self.store.get(self.other.id, None))

    def test_a_file_that_stays_locked_is_a_database_that_is_away(self):
        impatient = type(self.store)(self.fixture.connect(timeout='0.1'))
        with self.fixture.engine.begin() as connection:
            connection.execute(sa.delete(models.MESSAGES))

            self.assertRaises(exception.DatabaseUnavailable, impatient.create,
                              [fixtures.make_message()])


class TestStoreMySQL(StoreTests, base.TestCase):
    backend = 'mysql'
    misfits = (
        ('ALTER TABLE user_messages ADD COLUMN extra INTEGER NOT NULL',
         'ALTER TABLE user_messages DROP COLUMN extra',
         'column extra is NOT NULL without a default'),
        ("ALTER TABLE user_messages ADD CONSTRAINT strange "
         "CHECK (event_id <> 'VOLUME_VOLUME_001_003')",
         'ALTER TABLE user_messages DROP CONSTRAINT strange',
         'CHECK constraint strange'),
        ('ALTER TABLE user_messages MODIFY resource_type VARCHAR(4)',
         'ALTER TABLE user_messages MODIFY resource_type VARCHAR(36)',
         'column resource_type holds 4 characters instead of 36'),
        ('ALTER TABLE user_messages DROP COLUMN host',
         'ALTER TABLE user_messages ADD COLUMN host VARCHAR(255)',
         'column host is missing'))

    def test_a_batch_is_sent_in_one_statement(self):
        statements = []
        sa.event.listen(
            self.fixture.engine, 'after_cursor_execute',
            lambda _connection, cursor, *_: statements.append(
                str(cursor._executed)))
        self.store.create([fixtures.make_message(expires_at=None)
                           for _ in range(50)], 60)

        self.assertEqual(2, len(statements))
        self.assertEqual(50, statements[1].count(fixtures.OWN))

    def test_the_session_is_strict_and_in_utc(self):
        engine = self.fixture.connect()
        with engine.connect() as connection:
            mode, zone = connection.exec_driver_sql(
                'SELECT @@sql_mode, @@time_zone').one()
        self.assertIn('STRICT_ALL_TABLES', mode)
        self.assertEqual('+00:00', zone)


class TestStorePostgreSQL(StoreTests, base.TestCase):
    backend = 'postgresql'
    misfits = (
        ('ALTER TABLE user_messages ADD COLUMN extra INTEGER NOT NULL '
         'DEFAULT 1; ALTER TABLE user_messages ALTER extra DROP DEFAULT',
         'ALTER TABLE user_messages DROP COLUMN extra',
         'column extra is NOT NULL without a default'),
        ("ALTER TABLE user_messages ADD CONSTRAINT strange "
         "CHECK (event_id <> 'VOLUME_VOLUME_001_003')",
         'ALTER TABLE user_messages DROP CONSTRAINT strange',
         'CHECK constraint strange'),
        ('ALTER TABLE user_messages ALTER resource_type TYPE VARCHAR(4)',
         'ALTER TABLE user_messages ALTER resource_type TYPE VARCHAR(36)',
         'column resource_type holds 4 characters instead of 36'),
        ('ALTER TABLE user_messages DROP COLUMN host',
         'ALTER TABLE user_messages ADD COLUMN host VARCHAR(255)',
         'column host is missing'))

    def test_rows_are_locked_in_the_order_of_their_ids(self):
        """The same ids in different orders do not deadlock."""
        messages = [fixtures.make_message() for _ in range(300)]
        stores = [type(self.store)(self.fixture.connect()) for _ in range(6)]
        orders = [messages[start:] + messages[:start]
                  for start in range(0, 300, 50)]
        before = self.deadlocks()

        with futures.ThreadPoolExecutor(6) as pool:
            done = list(pool.map(
                lambda store, order: store.create(order), stores, orders))

        self.assertEqual(300, sum(one.stored for one in done))
        self.assertEqual(1500, sum(one.duplicates for one in done))
        self.assertEqual(before, self.deadlocks())

    def deadlocks(self):
        with self.fixture.engine.connect() as connection:
            return connection.exec_driver_sql(
                'SELECT deadlocks FROM pg_stat_database WHERE datname = '
                'current_database()').scalar_one()
