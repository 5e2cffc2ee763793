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

FAILURES = ('create', 'delete_busy', 'extend_too_far', 'migrate_target',
            'group_delete_of_one', 'image_missing', 'restore', 'kill_create')
SUCCESSES = ('create_at_second_attempt', 'backup_success', 'image_success')


class TestMatrix(base.TestCase):

    def test_a_choice(self):
        matrix = self.useFixture(process.Process(process.python(
            '-m', 'tests.integration.matrix', *FAILURES, *SUCCESSES)))
        # NOTE: a line for each case, so the deadline is that of one case.
        for _ in range(len(FAILURES) + 2 + len(SUCCESSES)):
            matrix.wait_for_line('^[a-z]+ +[a-z_]+ +[A-Z]')
        self.assertEqual(0, matrix.wait(), matrix.lines)
        self.assertIn('10 failures: silent 0, vague 0, wrong 0, doubled 0, '
                      'broken 0, right 10; 3 successes: told 0', matrix.lines)
