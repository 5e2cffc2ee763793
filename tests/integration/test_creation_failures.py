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

"""Volumes that cannot be created, from nothing or from a source."""

from cinder import objects

from tests.integration import service

VOLUME = 'VOLUME_VOLUME_'


class TestCreateVolume(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()

    def create(self, volume, spec=None, retry=None, **failures):
        return self.attempt(
            self.manager.create_volume, self.context, volume,
            objects.RequestSpec(**(spec or {})),
            {'retry': retry} if retry else {}, bool(retry), **failures)

    def test_success(self):
        volume = self.service.volume(self.context)
        self.assertIsNone(self.create(volume))
        self.assert_reported()

    def test_driver(self):
        for failure in 'RuntimeError', 'VolumeBackendAPIException':
            volume = self.service.volume(self.context)
            self.create(volume, create_volume=failure)
            self.assert_reported((VOLUME + '008_012', volume))

    def test_exception_that_says_more(self):
        for failure, detail in (('ConnectionRefusedError', '547'),
                                ('requests.ReadTimeout', '548'),
                                ('VolumeSizeExceedsAvailableQuota', '006')):
            volume = self.service.volume(self.context)
            source = self.service.volume(self.context)
            volume.source_volid = source.id
            volume.save()
            self.create(volume, create_cloned_volume=failure)
            self.assert_reported((VOLUME + '102_' + detail, volume))

    def test_from_snapshot(self):
        source = self.service.volume(self.context, status='available')
        snapshot = self.service.snapshot(source, status='available')
        volume = self.service.volume(self.context, snapshot_id=snapshot.id)
        self.create(volume, create_volume_from_snapshot='RuntimeError')
        self.assert_reported((VOLUME + '101_012', volume))

    def test_from_backup(self):
        source = self.service.volume(self.context, status='available')
        backup = self.service.backup(source, status='available')
        volume = self.service.volume(self.context)
        self.create(volume, {'backup_id': backup.id},
                    create_volume_from_backup='RuntimeError')
        self.assert_reported((VOLUME + '103_012', volume))

    def test_from_backup_by_the_backup_service(self):
        source = self.service.volume(self.context, status='available')
        backup = self.service.backup(source, status='available')
        volume = self.service.volume(self.context)
        self.create(volume, {'backup_id': backup.id},
                    create_volume_from_backup='NotImplementedError',
                    create_volume='VolumeBackendAPIException')
        self.assert_reported((VOLUME + '103_012', volume))

    def test_driver_that_is_not_ready(self):
        volume = self.service.volume(self.context)
        self.manager.driver._initialized = False
        self.create(volume)
        self.assert_reported((VOLUME + '008_002', volume))

    def test_source_that_is_gone(self):
        volume = self.service.volume(self.context)
        self.create(volume, {'backup_id': 'gone'})
        self.assert_reported((VOLUME + '103_554', volume))

    def test_rescheduled_attempt(self):
        volume = self.service.volume(self.context)
        error = self.create(volume, retry={'num_attempts': 1},
                            create_volume='RuntimeError')
        self.assertIsInstance(error, RuntimeError)
        self.assertEqual('creating', volume.status)
        self.assertIn('create_volume', [name for name, _ in self.service.sent])
        self.assert_reported()

    def test_reschedule_that_fails(self):
        volume = self.service.volume(self.context)
        self.service.break_bus('create_volume')
        self.create(volume, retry={'num_attempts': 1},
                    create_volume='RuntimeError')
        self.assert_reported((VOLUME + '008_012', volume))

    def test_target_of_a_migration(self):
        for status, action in (('available', '107'), ('retyping', '106')):
            source = self.service.volume(self.context, status=status)
            target = self.service.volume(
                self.context, migration_status='target:' + source.id)
            self.create(target, create_volume='RuntimeError')
            self.assert_reported((VOLUME + action + '_012', source))

    def test_owner_reads_what_an_administrator_did(self):
        volume = self.service.volume(self.service.context(project_id='owner'))
        self.manager.driver._initialized = False
        self.create(volume)
        [message] = self.service.reported
        self.assertEqual('owner', message.project_id)
