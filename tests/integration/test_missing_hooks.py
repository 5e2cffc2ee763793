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

"""Managers in a Cinder that lacks one function after another."""

from cinder import objects
import fixtures

from cinder_messages.integration import hooks
from tests.integration import fixtures as cinder_fixtures
from tests.integration import service

VOLUME = 'VOLUME_VOLUME_'


class TestMissingHooks(service.TestCase):

    def without(self, point):
        """Have Cinder use other functions than the one of a hook point."""
        owner, name, _ = point.find()
        return cinder_fixtures.without(owner, name)

    def points(self, manager):
        for point in hooks.HOOK_POINTS:
            if point.manager in (None, manager):
                hooks.uninstall()
                yield point
        hooks.uninstall()

    def warnings(self, log):
        return [line for line in log.output.splitlines()
                if 'lacks functions' in line]

    def test_volume_service(self):
        for point in self.points('VolumeManager'):
            log = self.useFixture(fixtures.FakeLogger())
            with self.without(point):
                manager = self.service.volume_manager()
            [warning] = self.warnings(log)
            self.assertIn(f'without {point.path}: {point.covers}', warning)
            self.assertEqual(1, warning.count('without '))
            deleted = self.service.volume(self.context, status='deleting')
            extended = self.service.volume(self.context, status='extending')
            self.attempt(manager.delete_volume, self.context, deleted,
                         delete_volume='RuntimeError')
            self.attempt(manager.extend_volume, self.context, extended, 2, [])
            self.assert_reported((VOLUME + '104_501', deleted))

    def test_scheduler(self):
        for point in self.points('SchedulerManager'):
            log = self.useFixture(fixtures.FakeLogger())
            with self.without(point):
                manager = self.service.scheduler_manager()
            [warning] = self.warnings(log)
            self.assertIn(f'without {point.path}: {point.covers}', warning)
            manager.driver.host_manager.get_all_backend_states = (
                lambda context: iter(()))
            volume = self.service.volume(self.context)
            self.attempt(
                manager.create_volume, self.context, volume, None, None,
                objects.RequestSpec.from_primitives({
                    'volume_id': volume.id, 'volume_properties': {'size': 1},
                    'volume_type': {}}), {})
            [(event, id_)] = self.service.events()
            self.assertEqual(volume.id, id_)
            self.assertIn(event, (VOLUME + '001_513', VOLUME + '001_003'))
