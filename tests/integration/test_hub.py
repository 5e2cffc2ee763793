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

"""A database that takes its time does not hold up all of cinder-api."""

from tests import base
from tests import database
from tests import process

PAUSES = {'mysql': 'SELECT SLEEP(1)', 'postgresql': 'SELECT pg_sleep(1)'}


class TestHub(base.TestCase):

    def test_others_get_their_turn_while_one_waits(self):
        for backend, statement in PAUSES.items():
            done = process.run(process.python(
                '-m', 'tests.integration.hub',
                database.server_url(backend), statement))
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertGreater(int(done.stdout), 5, backend)
