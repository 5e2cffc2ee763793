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

"""The commands without the extra that they need."""

from tests import base
from tests import process

# NOTE: oslo.service[threading] brings cotyledon, and only our extras need it.
WITHOUT = ("import sys; sys.modules['cotyledon'] = None; "
           "from cinder_messages.cmd import manage")


class TestExtra(base.TestCase):

    def test_the_package_alone_names_the_extra_in_one_line(self):
        done = process.run(process.python('-c', WITHOUT))
        self.assertEqual(1, done.returncode)
        self.assertIn('install cinder-messages[writer]',
                      done.stderr.splitlines()[-1])
        self.assertNotIn('Traceback', done.stderr)
