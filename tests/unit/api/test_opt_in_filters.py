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

from cinder_messages.api import opt_in_filters
from cinder_messages import exception
from cinder_messages.message import catalog
from cinder_messages.message import definition
from cinder_messages.message import extension
from cinder_messages.storage import query
from tests import base


class TestOptInFilters(base.TestCase):

    def setUp(self):
        super().setUp()
        self.filters = opt_in_filters.OptInFilters(catalog.Catalog([
            extension.Extension('ACME', details=(definition.Definition(
                'ACME1', 'It sleeps.', reason='ACME_ASLEEP'),))]))

    def test_names_become_ids_and_the_rest_is_left(self):
        parameters = {'reason': 'QUOTA_EXCEEDED', 'limit': '5',
                      'action': 'EXTEND_VOLUME', 'global_request_id': 'req-1'}
        found = self.filters.pop(parameters)

        self.assertEqual({'limit': '5'}, parameters)
        self.assertEqual((
            query.Filter('action_id', 'eq', '007'),
            query.Filter('detail_id', 'eq', '006'),
            query.Filter('global_request_id', 'eq', 'req-1')), found)

    def test_the_reason_of_a_flat_event_is_its_event(self):
        self.assertEqual(
            (query.Filter('event_id', 'either',
                          ('000002', 'VOLUME_000002')),),
            self.filters.pop({'reason': 'UNABLE_TO_ALLOCATE'}))
        self.assertEqual(
            (query.Filter('event_id', 'eq', '000006'),),
            self.filters.pop({'reason': 'MESSAGES_SUPPRESSED'}))

    def test_reasons_of_extensions_are_known(self):
        self.assertEqual(
            (query.Filter('detail_id', 'eq', 'ACME1'),),
            self.filters.pop({'reason': 'ACME_ASLEEP'}))

    def test_any_other_value_is_refused_by_the_name_of_its_parameter(self):
        for name in ('action', 'reason'):
            for value in ('', '006', 'quota_exceeded', 'NO_SUCH', 'x' * 9999):
                error = self.assertRaises(
                    exception.InvalidParameter, self.filters.pop,
                    {name: value})
                self.assertIn(f'{name} {value[:64]!r} is not known',
                              str(error))
                self.assertLess(len(str(error)), 200)

    def test_a_global_request_id_is_one_that_a_message_can_have(self):
        for value in ('', ' ', 'a b', 'é', 'x' * 256, 'a\n'):
            error = self.assertRaises(
                exception.InvalidParameter, self.filters.pop,
                {'global_request_id': value})
            self.assertIn('global_request_id must be', str(error))
