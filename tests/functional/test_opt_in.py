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

"""The opt-in fields and filters of messages that older software has made."""

import datetime
import uuid

import webob

from cinder_messages.api import app
from cinder_messages.integration import cinder_import
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog
from cinder_messages.message import defined_messages
from cinder_messages.storage import engine
from cinder_messages.storage import store
from cinder_messages.writer import endpoint
from tests import base
from tests import cinder
from tests import fixtures

PROJECT = 'project-own'
# What a report of the first contract and a row of Cinder have nothing for.
NEW_FIELDS = {'global_request_id', 'count', 'user_id', 'host'}


class TestOlderSoftware(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(fixtures.StandaloneFixture()).conf
        self.engine = engine.make_engine(self.conf)
        self.addCleanup(self.engine.dispose)
        self.application = app.loadapp(self.conf)

    def import_rows(self, *rows):
        source = self.useFixture(cinder.CinderFixture('sqlite'))
        source.insert(*rows)
        table = cinder_table.CinderTable(source.url, '--connection')
        self.addCleanup(table.close)
        counts = cinder_import.Importer(
            table, self.engine, catalog.Catalog.builtin(), 60).run(100)
        self.assertEqual(len(rows), counts.imported)

    def report(self, **values):
        """Report as an emitter of the first version does."""
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        answer = endpoint.MessagesEndpoint(
            store.MessageStore(self.engine), catalog.Catalog.builtin(),
            86400, lambda: now,
        ).create_messages({}, [{
            'id': str(uuid.uuid4()), 'project_id': PROJECT,
            'created_at': now.isoformat(), **values}])
        self.assertEqual(1, answer['stored'], answer)

    def list(self, query=''):
        """List as an administrator, who may read every field."""
        response = webob.Request.blank(
            f'/v3/{PROJECT}/messages{query}',
            environ={'REMOTE_ADDR': '127.0.0.1'}, headers={
                'X-Auth-Token': f'root:{PROJECT}:admin',
                'OpenStack-API-Version': 'volume 3.71, user-messages 1.0',
            }).get_response(self.application)
        self.assertEqual(200, response.status_int, response.text)
        return response.json['messages']

    def test_imported_messages_leave_the_new_fields_out(self):
        self.import_rows(cinder.make_row())

        [message] = self.list()

        self.assertEqual('NO_BACKEND_AVAILABLE', message['reason'])
        self.assertEqual(set(), NEW_FIELDS & set(message))

    def test_reports_of_an_older_emitter_leave_the_new_fields_out(self):
        """It sent the user, too, and of an administrator for a tenant."""
        self.report(event_id='VOLUME_VOLUME_001_003', user_id='root')

        [message] = self.list()

        self.assertEqual('NO_BACKEND_AVAILABLE', message['reason'])
        self.assertEqual(set(), NEW_FIELDS & set(message))

    def test_the_reason_of_a_flat_event_finds_the_old_form_of_cinder(self):
        for event in defined_messages.DEFINITIONS:
            self.import_rows(cinder.make_row(
                event_id=f'VOLUME_{event}', action_id=None,
                detail_id=None))
            self.report(event_id=str(event))

            found = self.list(f'?reason={event.reason}')

            self.assertEqual({str(event), f'VOLUME_{event}'},
                             {message['event_id'] for message in found})
            self.assertEqual({event.reason},
                             {message['reason'] for message in found})
            self.assertEqual(found[1:], self.list(
                f'?reason={event.reason}&marker={found[0]["id"]}'))
            self.assertEqual([], self.list(
                f'?reason={event.reason}&action=EXTEND_VOLUME'))
