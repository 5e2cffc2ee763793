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


import os
import pathlib
import threading

import fixtures

from cinder_messages.emit import quarantine
from cinder_messages.emit import spool_directory
from tests import base


class TestQuarantine(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.quarantine = quarantine.Quarantine(str(self.directory))

    def entries(self, numbers, code='UNKNOWN_EVENT'):
        return [quarantine.Entry.make({'id': str(number)}, code, 'why')
                for number in numbers]

    def ids(self):
        return [int(entry.id) for entry in self.quarantine.entries()]

    def test_threads_keep_each_report_once(self):
        threads = [threading.Thread(target=lambda start=start: [
            self.quarantine.keep(self.entries([number]))
            for number in range(start, start + 100)])
            for start in range(0, 2000, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(range(2000)), sorted(self.ids()))

    def test_what_the_disk_does_not_take_waits_in_memory(self):
        with fixtures.MockPatchObject(
                os, 'writev', side_effect=OSError('full')):
            self.quarantine.keep(self.entries(range(5)))
            self.assertIsNotNone(self.quarantine.save())
        self.assertEqual([], self.ids())
        self.quarantine.keep(self.entries([5]))
        self.assertIsNone(self.quarantine.save())
        self.assertEqual(list(range(6)), self.ids())

    def test_a_short_write_leaves_nothing(self):
        self.quarantine.add(self.entries([1]))
        with fixtures.MockPatchObject(os, 'writev', return_value=3):
            self.assertRaises(OSError, self.quarantine.add,
                              self.entries([2]))
        self.assertEqual([1], self.ids())

    def test_it_is_bounded(self):
        self.useFixture(fixtures.MockPatchObject(
            quarantine, 'MAX_SIZE', 1000))
        self.quarantine.add(self.entries(range(3)))
        self.assertRaises(OSError, self.quarantine.add,
                          self.entries(range(10)))

    def test_what_is_not_kept_stays(self):
        self.quarantine.add(self.entries(range(5)))
        answers = [True, False, True, False, True]
        self.assertEqual(3, self.quarantine.remove(
            lambda entry: True, lambda line: answers.pop(0)))
        self.assertEqual([1, 3], self.ids())

    def test_in_memory_it_offers_once_a_minute(self):
        memory = quarantine.Quarantine('')
        memory.keep(self.entries([1]) + self.entries([2], 'INVALID_REPORT'))
        lines = []
        self.assertEqual(0, memory.offer(lines.append))
        memory._offer_at = 0
        self.assertEqual(1, memory.offer(lambda line: True))
        self.assertEqual(['2'], [entry.id for entry in memory._unsaved])

    def test_unreadable_lines_stay_and_harm_nothing(self):
        self.quarantine.add(self.entries([1]))
        with open(self.directory / quarantine.NAME, 'ab') as file:
            file.write(b'garbage\n')
        self.quarantine.add(self.entries([2]))
        self.assertEqual([1, 2], self.ids())
        self.quarantine.remove(lambda entry: True)
        self.assertEqual(b'garbage\n', (
            self.directory / quarantine.NAME).read_bytes())

    def test_another_process_that_uses_it_for_long_is_an_error(self):
        self.useFixture(fixtures.MockPatchObject(
            quarantine, '_PATIENCE', 0.05))
        self.useFixture(fixtures.MockPatchObject(
            spool_directory, 'lock', return_value=False))
        self.assertRaises(OSError, self.quarantine.add, self.entries([1]))
