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

"""The arguments of the report of an operator."""

import argparse
import datetime

from oslo_utils import timeutils

from cinder_messages.cmd import manage_report
from tests import base


class TestSince(base.TestCase):

    def since(self, text):
        parser = argparse.ArgumentParser(exit_on_error=False)
        manage_report.add_report_arguments(parser)
        return parser.parse_args(['--since', text]).since

    def test_a_duration_ends_now(self):
        before = timeutils.utcnow()
        found = self.since('2h')
        after = timeutils.utcnow()
        hours = datetime.timedelta(hours=2)
        self.assertTrue(before - hours <= found <= after - hours)

    def test_a_duration_before_the_first_year_is_without_a_bound(self):
        self.assertEqual(datetime.datetime.min, self.since('999999w'))

    def test_a_time_is_converted_to_utc(self):
        self.assertEqual(datetime.datetime(2026, 11, 24, 8),
                         self.since('2026-11-24T10:00:00+02:00'))

    def test_any_other_text_is_refused(self):
        self.assertRaises(argparse.ArgumentError, self.since, 'yesterday')
