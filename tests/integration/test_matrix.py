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

"""A choice of the matrix of failures, in a real Cinder."""

from tests import base
from tests import process

CHOICE = ('create', 'delete_busy', 'extend_too_far', 'snapshot',
          'create_at_second_attempt', 'delete_success')


class TestMatrix(base.TestCase):

    def test_a_choice(self):
        done = process.run(
            process.python('-m', 'tests.integration.matrix', *CHOICE), 600)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn('6 failures: silent 0, vague 0, wrong 0, doubled 0, '
                      'broken 0, right 6; 2 successes: told 0', done.stdout)
