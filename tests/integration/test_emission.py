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

"""Cinder's message API reports what it would have stored."""

import itertools

from cinder import exception as cinder_exception
from cinder.message import api as cinder_api
from cinder.message import message_field as cinder_fields
import fixtures as python_fixtures

from cinder_messages.integration import emission
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base
from tests.integration import fixtures

RESOURCE = fixtures.RESOURCE


class TestEmission(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Emission())
        self.api = self.service.api
        self.reported = self.service.reported

    def test_each_pair_is_reported_as_cinder_would_store_it(self):
        context = fixtures.context()
        for action, detail, resource_type in itertools.product(
                cinder_fields.Action.ALL, cinder_fields.Detail.ALL,
                ('VOLUME', 'VOLUME_SNAPSHOT', 'VOLUME_BACKUP')):
            arguments = (context, action, resource_type, RESOURCE, None,
                         detail, 'WARNING')
            self.api.create(*arguments)
            self.assertEqual(
                fixtures.fields_of_record(self.service.store(*arguments)),
                fixtures.fields_of(self.reported[-1]))

    def test_an_exception_selects_the_detail(self):
        self.api.create(
            fixtures.context(), cinder_fields.Action.SCHEDULE_ALLOCATE_VOLUME,
            exception=cinder_exception.NoValidBackend(reason='secret'))

        [message] = self.reported
        self.assertEqual('VOLUME_VOLUME_001_003', message.event_id)
        self.assertEqual(model.ERROR, message.message_level)

    def test_the_exceptions_that_select_a_detail_are_the_same(self):
        known = catalog.Catalog.builtin()
        for detail, names in (
                cinder_fields.Detail.EXCEPTION_DETAIL_MAPPINGS.items()):
            for name in names:
                error = type(name, (Exception,), {})()
                self.assertEqual(
                    detail[0], known.detail_for(error, '001'), name)

    def test_what_the_context_carries_is_reported(self):
        context = fixtures.context()
        context.message_action = cinder_fields.Action.BACKUP_CREATE
        context.message_resource_type = 'VOLUME_BACKUP'
        context.message_resource_id = RESOURCE
        self.api.create_from_request_context(
            context, detail=cinder_fields.Detail.BACKUP_SERVICE_DOWN)

        [message] = self.reported
        self.assertEqual(
            ('VOLUME_VOLUME_BACKUP_013_018', fixtures.PROJECT, RESOURCE),
            (message.event_id, message.project_id, message.resource_uuid))

    def test_the_owner_is_told_of_what_an_administrator_did(self):
        for values in {'is_admin': True}, {'project_id': None}:
            self.api.create(
                fixtures.context(**values),
                cinder_fields.Action.EXTEND_VOLUME, resource_uuid=RESOURCE)
            self.assertEqual(fixtures.OWNER, self.reported[-1].project_id)

    def test_an_owner_who_is_not_known_leaves_the_caller(self):
        for resource_type, uuid in (('VOLUME', 'gone'), ('VOLUME', None),
                                    ('VOLUME_BACKUP', RESOURCE)):
            self.api.create(
                fixtures.context(is_admin=True),
                cinder_fields.Action.EXTEND_VOLUME, resource_type, uuid)
            self.assertEqual(fixtures.PROJECT, self.reported[-1].project_id)

    def test_a_detail_of_a_later_cinder_reads_as_an_unknown_error(self):
        later = '499', 'of a later Cinder'
        self.useFixture(python_fixtures.MockPatchObject(
            cinder_fields.Detail, 'ALL', (later,)))
        self.api.create(fixtures.context(),
                        cinder_fields.Action.EXTEND_VOLUME, detail=later)

        [message] = self.reported
        self.assertEqual('VOLUME_VOLUME_007_001', message.event_id)

    def test_what_cannot_be_reported_does_not_fail_its_caller(self):
        log = self.useFixture(python_fixtures.FakeLogger())
        context = fixtures.context()
        for action in ('499', 'of a later Cinder'), None:
            self.api.create(context, action)

        self.assertEqual([], self.reported)
        self.assertEqual(2, log.output.count(
            f'of request {context.request_id} could not be reported'))

    def test_nothing_is_stored_in_cinder(self):
        self.api.create(fixtures.context(), cinder_fields.Action.EXTEND_VOLUME)
        self.assertEqual((0, 1), (len(self.service.stored),
                                  len(self.reported)))

    def test_uninstall_gives_it_back(self):
        for _ in range(2):
            emission.uninstall()
            self.assertIsNot(emission.create, cinder_api.API.create)
        self.api.create(fixtures.context(), cinder_fields.Action.EXTEND_VOLUME)
        self.assertEqual((1, 0), (len(self.service.stored),
                                  len(self.reported)))
