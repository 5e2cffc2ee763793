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

"""The file of a spool, apart from what is in it."""

import sys

import fixtures

from cinder_messages.emit import spool_file
from tests import base
from tests import process

# Lets go of a file while another thread reads from it, over and over.
LETTING_GO = '''
import pathlib
import sys
import threading

from cinder_messages.emit import spool_file

for number in range(200):
    one = spool_file.SpoolFile.create(pathlib.Path(sys.argv[1]))
    one.append('report')
    begun = threading.Event()

    def read():
        while one.read(0, 1):
            one.checkpoint()
            begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    begun.wait()
    getattr(one, sys.argv[2])()
    reader.join()
print('ended')
'''


class TestLettingGo(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = spool_file.prepare_directory(
            self.useFixture(fixtures.TempDir()).join('spool'))

    def test_a_reader_does_not_bring_the_process_down(self):
        # NOTE: in a process of its own, which is what is at stake.
        for way in 'close', 'delete':
            done = process.run([sys.executable, '-c', LETTING_GO,
                                str(self.directory), way])
            self.assertEqual((0, 'ended\n', ''), (
                done.returncode, done.stdout, done.stderr))

    def test_nothing_is_read_any_more(self):
        one = spool_file.SpoolFile.create(self.directory)
        one.append('report')
        self.assertEqual([(1, 'report')], one.read(0, 9))
        one.close()
        self.assertEqual([], one.read(0, 9))
