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

"""A spool directory, seen from outside."""

import pathlib

import fixtures

from cinder_messages.emit import spool_file
from cinder_messages.emit import survey
from tests import base


class TestLook(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('spool'))
        self.directory.mkdir(mode=0o700)

    def look(self):
        return survey.look(str(self.directory))

    def test_nothing_is_there(self):
        self.assertEqual([], survey.look(f'{self.directory}/none'))
        self.assertEqual([], self.look())

    def test_an_owner_and_what_it_has_written(self):
        file = spool_file.SpoolFile.create(self.directory)
        file.append_all(['a', 'b'])

        found, = self.look()
        self.assertEqual((2, True), (found.waiting, found.has_owner))

        file.close()
        before = sorted(self.directory.iterdir())
        found, = self.look()
        self.assertEqual((2, False), (found.waiting, found.has_owner))
        self.assertEqual(before, sorted(self.directory.iterdir()))

    def test_a_file_can_go_while_it_is_looked_at(self):
        (self.directory / 'gone.spool').symlink_to('nowhere')
        self.assertEqual([], self.look())

    def test_a_damaged_file_and_one_without_a_lock(self):
        (self.directory / 'x.corrupt').write_text('nothing of SQLite')
        (self.directory / 'other').write_text('')

        found, = self.look()

        self.assertEqual((None, False), (found.waiting, found.has_owner))
