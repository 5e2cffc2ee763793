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

"""Storage systems that are failed over to a replica."""

from tests.integration import service

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_116_', 'VOLUME_VOLUME_SNAPSHOT_116_'
GROUP = 'VOLUME_VOLUME_GROUP_116_'


class TestFailover(service.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.service('host@one')

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()
        self.replicated = self.volume('enabled')
        self.other = self.volume('disabled')
        self.snapshot = self.service.snapshot(self.other, status='available')

    def volume(self, replication_status):
        volume = self.service.volume(
            self.context, status='available',
            replication_status=replication_status)
        self.addCleanup(volume.destroy)
        return volume

    def fail_over(self, target='replica', **failures):
        return self.attempt(self.manager.failover, self.service.admin, target,
                            **failures)

    def test_a_volume_that_has_no_replica(self):
        self.assertIsNone(self.fail_over())
        self.assertEqual({self.context.project_id}, {
            message.project_id for message in self.service.reported})
        self.assert_reported((VOLUME + '536', self.other),
                             (SNAPSHOT + '536', self.snapshot))

    def test_a_volume_that_fails(self):
        snapshot = self.service.snapshot(self.replicated, status='available')
        self.fail_over(failover_host=['replica', [
            {'volume_id': self.replicated.id,
             'updates': {'status': 'error'}}], []])
        self.assert_reported(
            (VOLUME + '511', self.replicated), (SNAPSHOT + '511', snapshot),
            (VOLUME + '536', self.other), (SNAPSHOT + '536', self.snapshot))

    def test_a_driver_that_fails(self):
        self.fail_over(failover_host='RuntimeError')
        # NOTE: Cinder leaves the replicated volume as it was.
        self.assert_reported((VOLUME + '536', self.other),
                             (SNAPSHOT + '536', self.snapshot))

    def test_the_way_back(self):
        self.assertIsNone(self.fail_over('default'))
        self.assert_reported()
