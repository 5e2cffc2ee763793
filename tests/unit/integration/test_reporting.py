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

"""Reports about Cinder's resources and their owners."""

import types
import uuid

from cinder_messages import fixture
from cinder_messages.integration import reporting
from cinder_messages.message import message_field
from tests import base

VOLUME = '11111111-2222-4333-8444-000000000001'


class Database:
    """Stand in for ``cinder.db.api``."""

    def __init__(self):
        self.read = []

    def volume_get(self, context, id_):
        self.read.append((context, id_))
        if id_ != VOLUME:
            raise LookupError(id_)
        return types.SimpleNamespace(id=id_, project_id='owner')


class Context(types.SimpleNamespace):
    project_id = 'actor'

    def elevated(self, read_deleted):
        return f'elevated {read_deleted}'


class TestLookup(base.TestCase):

    def test_a_resource_is_read_once_and_also_if_deleted(self):
        db = Database()
        lookup = reporting.Lookup(db, Context())
        for _ in range(2):
            self.assertEqual('owner',
                             lookup.find('VOLUME', VOLUME).project_id)
        self.assertEqual([('elevated yes', VOLUME)], db.read)

    def test_a_failure_is_logged_and_not_repeated(self):
        db = Database()
        lookup = reporting.Lookup(db, Context())
        with self.assertLogs(reporting.LOG, 'WARNING') as logs:
            for _ in range(2):
                self.assertIsNone(lookup.find('VOLUME', 'other'))
        self.assertIn('VOLUME other could not be read (LookupError)',
                      logs.output[0])
        self.assertEqual(1, len(db.read))

    def test_nothing_is_read_without_an_id_a_getter_or_time(self):
        db = Database()
        self.assertIsNone(reporting.Lookup(db, Context()).find('VOLUME', None))
        self.assertIsNone(
            reporting.Lookup(db, Context()).find('ACME_ARRAY', VOLUME))
        self.assertIsNone(
            reporting.Lookup(db, Context(), seconds=-1).find('VOLUME', VOLUME))
        self.assertEqual([], db.read)


class TestRecent(base.TestCase):

    def test_the_last_ids_are_remembered_and_older_ones_are_not(self):
        recent = reporting._Recent()
        ids = [str(number) for number in range(recent.SIZE + 1)]
        for id_ in ids:
            self.assertFalse(recent.seen(id_))
        self.assertTrue(recent.seen(ids[-1]))
        self.assertTrue(recent.seen(ids[1]))
        self.assertFalse(recent.seen(ids[0]))


class TestSharedId(base.TestCase):

    def test_it_depends_on_every_part(self):
        first = reporting.shared_id('stuck', 'VOLUME', VOLUME)
        self.assertEqual(first, reporting.shared_id('stuck', 'VOLUME', VOLUME))
        self.assertNotEqual(first, reporting.shared_id('stuck', 'VOLUME'))
        uuid.UUID(first)


class TestDeliver(base.TestCase):

    def test_a_detail_that_is_not_permitted_is_an_unknown_error(self):
        captured = self.useFixture(fixture.MessagesFixture())
        report = reporting.Report(
            types.SimpleNamespace(request_id='req-1'),
            message_field.Action.CREATE_VOLUME_FROM_BACKEND, '999', 'VOLUME',
            VOLUME, project_id='owner')
        with self.assertLogs(reporting.LOG, 'WARNING') as logs:
            reporting.deliver(report)
        [message] = captured.messages
        self.assertEqual(message_field.Detail.UNKNOWN_ERROR,
                         message.detail_id)
        self.assertEqual('owner', message.project_id)
        self.assertIn('The detail 999 is not permitted', logs.output[0])
