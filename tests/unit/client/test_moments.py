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

"""Durations and times of the command line."""

import datetime

from cinder_messages.client import moments
from tests import base

NOW = datetime.datetime(2026, 11, 24, 12, 0, 0)


class TestParseSince(base.TestCase):

    def test_durations(self):
        for text, delta in (
                ('90s', datetime.timedelta(seconds=90)),
                ('90m', datetime.timedelta(minutes=90)),
                ('12h', datetime.timedelta(hours=12)),
                ('7d', datetime.timedelta(days=7)),
                ('2w', datetime.timedelta(weeks=2)),
                ('1d12h', datetime.timedelta(days=1, hours=12)),
                ('0s', datetime.timedelta())):
            with self.subTest(text):
                self.assertEqual(NOW - delta, moments.parse_since(text, NOW))

    def test_times(self):
        for text, expected in (
                ('2026-11-24', datetime.datetime(2026, 11, 24)),
                ('2026-11-24T08:30', datetime.datetime(2026, 11, 24, 8, 30)),
                ('2026-11-24 08:30:01.5',
                 datetime.datetime(2026, 11, 24, 8, 30, 1, 500000)),
                ('2026-11-24T08:30Z', datetime.datetime(2026, 11, 24, 8, 30)),
                ('2026-11-24T08:30+02:00',
                 datetime.datetime(2026, 11, 24, 6, 30))):
            with self.subTest(text):
                self.assertEqual(expected, moments.parse_since(text, NOW))

    def test_anything_else_is_refused_in_one_line(self):
        for text in ('', 'yesterday', '5', '5x', '-5m', '5 m', '1.5h',
                     '2026-13-01', '999999999w', '9999999999s', 'm',
                     '0001-01-01T00:00+05:00', '٣m', 'a\nb'):
            with self.subTest(text):
                error = self.assertRaises(
                    moments.InvalidTime, moments.parse_since, text, NOW)
                self.assertNotIn('\n', str(error))
                self.assertIn('7d', str(error))


class TestPrint(base.TestCase):

    def test_age(self):
        for seconds, expected in (
                (-5, 'just now'), (59, 'just now'), (60, '1 minute ago'),
                (7199, '1 hour ago'), (7200, '2 hours ago'),
                (86400 * 3 + 5, '3 days ago')):
            with self.subTest(seconds):
                self.assertEqual(expected, moments.print_age(
                    NOW - datetime.timedelta(seconds=seconds), NOW))

    def test_time(self):
        self.assertEqual('2026-11-24 12:00:00 UTC', moments.print_time(NOW))
        self.assertEqual('-', moments.print_time(None))

    def test_now_has_no_zone(self):
        self.assertIsNone(moments.utcnow().tzinfo)
