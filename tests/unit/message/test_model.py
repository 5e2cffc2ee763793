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

"""The ids that new messages get."""

import concurrent.futures
import datetime
import os
import uuid

from cinder_messages.message import model
from tests import base

# The example of RFC 9562, A.6.
MOMENT = datetime.datetime(2022, 2, 22, 19, 22, 22)
PREFIX = '017f22e2-79b0-7'


def make_ids(count):
    return [model.make_id(MOMENT) for _ in range(count)]


class TestMakeId(base.TestCase):

    def test_is_a_uuid_of_version_7(self):
        for text in make_ids(1000):
            made = uuid.UUID(text)
            self.assertEqual(str(made), text)
            self.assertEqual(7, made.version)
            self.assertEqual(uuid.RFC_4122, made.variant)

    def test_begins_with_the_millisecond(self):
        self.assertEqual({PREFIX}, {
            text[:len(PREFIX)] for text in make_ids(1000)})

    def test_62_bits_are_random(self):
        ones, zeros = 0, 0
        for text in make_ids(1000):
            ones |= uuid.UUID(text).int
            zeros |= ~uuid.UUID(text).int
        self.assertEqual((1 << 62) - 1, ones & zeros)

    def test_is_greater_a_microsecond_later(self):
        made = [model.make_id(MOMENT + datetime.timedelta(microseconds=number))
                for number in range(2000)]
        self.assertEqual(sorted(made), made)

    def test_holds_all_moments_from_1970_on(self):
        self.assertTrue(
            model.make_id(model.EPOCH).startswith('00000000-0000-7'))
        uuid.UUID(model.make_id(datetime.datetime.max))

    def test_a_clock_before_1970_makes_an_id_as_well(self):
        for moment in (datetime.datetime.min,
                       model.EPOCH - datetime.timedelta(microseconds=1)):
            self.assertEqual(7, uuid.UUID(model.make_id(moment)).version)

    def test_is_unique_across_threads(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = [text for found in pool.map(make_ids, [1000] * 8)
                    for text in found]
        self.assertEqual(8000, len(set(made)))

    def test_is_unique_across_forks(self):
        made = make_ids(100)
        for _ in range(4):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(writing, ' '.join(make_ids(100)).encode())
                os._exit(0)
            os.close(writing)
            with open(reading) as pipe:
                made += pipe.read().split()
            os.waitpid(child, 0)
        self.assertEqual(500, len(set(made)))
