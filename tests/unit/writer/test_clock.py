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


import datetime

import fixtures
from oslo_log import log
from oslo_utils import timeutils

from cinder_messages.writer import clock
from tests import base


class FakeStore:

    def __init__(self, *skews):
        self.skews = list(skews)

    def clock_skew(self):
        skew = self.skews.pop(0)
        if isinstance(skew, Exception):
            raise skew
        return skew


class TestDatabaseClock(base.TestCase):

    def setUp(self):
        super().setUp()
        self.logged = self.useFixture(fixtures.FakeLogger(
            level=log.ERROR, name='cinder_messages.writer.clock'))
        self.measured = []

    def make(self, *skews):
        return clock.DatabaseClock(FakeStore(*skews), self.measured.append)

    def test_it_corrects_the_clock_of_the_host(self):
        for skew in 31 * 86400, -10 * 365 * 86400:
            made = self.make(skew)
            made.measure()
            difference = timeutils.utcnow() - made.utcnow()
            self.assertAlmostEqual(skew, difference.total_seconds(), delta=20)

    def test_a_large_skew_is_an_error_in_the_log(self):
        made = self.make(59, -59, 61, -61)
        for _ in range(2):
            self.assertTrue(made.measure())
        self.assertEqual('', self.logged.output)
        for _ in range(2):
            made.measure()
        self.assertIn('by 61 seconds', self.logged.output)
        self.assertIn('by -61 seconds', self.logged.output)
        self.assertEqual([59, -59, 61, -61], self.measured)

    def test_an_outage_keeps_the_last_measurement(self):
        made = self.make(1000, OSError())
        made.measure()
        self.assertFalse(made.measure())
        self.assertLess(made.utcnow(), timeutils.utcnow() -
                        datetime.timedelta(seconds=900))

    def test_it_measures_in_the_background_until_it_stops(self):
        made = self.make(1000)
        made.start()
        made.stop()
        made._thread.join(60)
        self.assertFalse(made._thread.is_alive())
