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

"""What a volume service reports after a restart that has ended its work."""

from cinder_messages.integration import begun_calls
from cinder_messages.integration import interrupted
from tests.integration import service

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'


class TestInterrupted(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()
        self.scheduler = self.service.service('host', 'cinder-scheduler')
        self.addCleanup(lambda: self.scheduler.destroy())

    def volume(self, status, **values):
        volume = self.service.volume(self.context, status=status, **values)
        self.addCleanup(volume.destroy)
        return volume

    def start(self):
        """Return the watch of a service that has started."""
        begun_calls.watched = begun_calls.Calls()
        return interrupted.Watch(self.manager)

    def look(self, watch):
        watch.look(self.service.admin)

    def test_states_that_nobody_ends(self):
        events = {'extending': '007', 'uploading': '003', 'retyping': '106',
                  'reverting': '110', 'managing': '108', 'unmanaging': '006'}
        volumes = {status: self.volume(status) for status in events}
        migrating = self.volume('available', migration_status='migrating')
        snapshot = self.service.snapshot(migrating, status='deleting')
        self.addCleanup(snapshot.destroy)
        watch = self.start()
        self.look(watch)
        self.assert_reported()
        self.look(watch)
        self.assert_reported(
            (VOLUME + '107_512', migrating), (SNAPSHOT + '010_512', snapshot),
            *((VOLUME + event + '_512', volumes[status])
              for status, event in events.items()))
        self.assertTrue(watch.is_over)
        self.assertIsNone(begun_calls.watched)

    def test_states_with_another_end(self):
        self.volume('creating')
        self.volume('extending', host='host@two#pool')
        self.volume('extending', attach_status='attached')
        self.volume('available', migration_status='target:other')
        deleting = self.volume('deleting')
        snapshot = self.service.snapshot(deleting, status='deleting')
        self.addCleanup(snapshot.destroy)
        watch = self.start()
        self.look(watch)
        self.look(watch)
        self.assert_reported()

    def test_request_that_waited_on_the_bus(self):
        volume = self.volume('extending')
        watch = self.start()
        self.look(watch)
        self.service.on_cast('extend_volume', self.fail)
        self.attempt(self.manager.extend_volume, self.context, volume, 2, [])
        volume.update({'status': 'extending'})
        volume.save()
        self.look(watch)
        self.assert_reported()

    def test_state_that_has_changed(self):
        volume = self.volume('extending')
        watch = self.start()
        self.look(watch)
        volume.update({'status': 'available'})
        volume.save()
        self.look(watch)
        self.assert_reported()

    def test_busy_service(self):
        volume = self.volume('extending')
        watch = self.start()
        self.look(watch)
        begun_calls.watched.running = 64
        self.look(watch)
        self.assert_reported()
        begun_calls.watched.running = 0
        self.look(watch)
        self.assert_reported((VOLUME + '007_512', volume))

    def test_scheduler_that_is_down(self):
        volume = self.volume('extending')
        self.scheduler.destroy()
        watch = self.start()
        for _ in range(3):
            self.look(watch)
        self.assert_reported()
        self.scheduler = self.service.service('host', 'cinder-scheduler')
        self.look(watch)
        self.assert_reported((VOLUME + '007_512', volume))

    def test_cluster(self):
        self.volume('extending')
        self.manager.cluster = 'cluster'
        self.assertTrue(self.start().is_over)
        self.assertIsNone(begun_calls.watched)

    def test_task(self):
        volume = self.volume('extending')
        begun_calls.watched = begun_calls.Calls()
        for _ in range(4):
            self.manager._report_interrupted_work(self.service.admin)
        self.assert_reported((VOLUME + '007_512', volume))
