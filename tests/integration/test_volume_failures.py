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

"""What is reported when a method of the volume manager fails."""

from cinder import exception
from cinder import objects

from tests.integration import service

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'


class TestVolume(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()

    def volume(self, **values):
        return self.service.volume(
            self.context, **{'status': 'available', **values})

    def test_delete(self):
        volume = self.volume(status='deleting')
        self.attempt(self.manager.delete_volume, self.context, volume,
                     delete_volume='RuntimeError')
        self.assert_reported((VOLUME + '104_501', volume))

    def test_delete_of_a_busy_volume(self):
        volume = self.volume(status='deleting')
        error = self.attempt(
            self.manager.delete_volume, self.context, volume,
            delete_volume='VolumeIsBusy')
        self.assertIsNone(error)
        self.assert_reported((VOLUME + '104_502', volume))

    def test_delete_success(self):
        volume = self.volume(status='deleting')
        self.attempt(self.manager.delete_volume, self.context, volume)
        self.assert_reported()

    def test_delete_of_an_attached_volume(self):
        volume = self.volume(status='deleting', attach_status='attached')
        self.attempt(self.manager.delete_volume, self.context, volume)
        self.assert_reported((VOLUME + '104_502', volume))

    def test_cascade(self):
        volume = self.volume(status='deleting')
        snapshot = self.service.snapshot(volume, status='deleting')
        self.attempt(self.manager.delete_volume, self.context, volume, False,
                     True, delete_snapshot='RuntimeError')
        self.assert_reported((VOLUME + '104_539', volume),
                             (SNAPSHOT + '010_016', snapshot))

    def test_cascade_with_a_busy_snapshot(self):
        volume = self.volume(status='deleting')
        snapshot = self.service.snapshot(volume, status='deleting')
        self.attempt(self.manager.delete_volume, self.context, volume, False,
                     True, delete_snapshot='SnapshotIsBusy',
                     delete_volume='VolumeIsBusy')
        self.assert_reported((VOLUME + '104_539', volume),
                             (SNAPSHOT + '010_015', snapshot))

    def test_unmanage(self):
        volume = self.volume(status='unmanaging')
        self.attempt(self.manager.delete_volume, self.context, volume, True,
                     unmanage='RuntimeError')
        self.assert_reported((VOLUME + '006_532', volume))

    def test_delete_of_a_migration_target(self):
        source = self.volume()
        volume = self.volume(status='deleting',
                             migration_status='target:' + source.id)
        self.attempt(self.manager.delete_volume, self.context, volume,
                     delete_volume='RuntimeError')
        self.assert_reported()

    def test_extend(self):
        volume = self.volume(status='extending')
        self.attempt(self.manager.extend_volume, self.context, volume, 2, [],
                     extend_volume='RuntimeError')
        self.assert_reported((VOLUME + '007_010', volume))

    def test_extend_without_a_driver(self):
        volume = self.volume(status='extending')
        self.manager.driver._initialized = False
        self.attempt(self.manager.extend_volume, self.context, volume, 2, [])
        self.assert_reported((VOLUME + '007_002', volume))

    def test_extend_success(self):
        volume = self.volume(status='extending')
        self.attempt(self.manager.extend_volume, self.context, volume, 2, [])
        self.assertEqual('available', volume.status)
        self.assert_reported()

    def test_revert(self):
        volume = self.volume(status='reverting')
        snapshot = self.service.snapshot(volume, status='restoring')
        self.attempt(self.manager.revert_to_snapshot, self.context, volume,
                     snapshot, revert_to_snapshot='RuntimeError')
        self.assert_reported((VOLUME + '110_509', volume))

    def test_revert_whose_temporary_snapshot_fails(self):
        volume = self.volume(status='reverting')
        snapshot = self.service.snapshot(volume, status='restoring')
        self.attempt(self.manager.revert_to_snapshot, self.context, volume,
                     snapshot, create_snapshot='RuntimeError')
        self.assert_reported((VOLUME + '110_013', volume))

    def test_transfer(self):
        acceptor = self.service.context(project_id='acceptor')
        volume = self.volume(status='awaiting-transfer')
        self.attempt(self.manager.accept_transfer, acceptor, volume.id,
                     'user', 'acceptor', accept_transfer='RuntimeError')
        self.assertEqual('acceptor', self.service.reported[0].project_id)
        self.assert_reported((VOLUME + '109_508', volume))

    def test_attach(self):
        for failure, detail in (
                ('RuntimeError', '531'), ('ConnectionResetError', '547'),
                ('VolumeBackendAPIException', '531')):
            volume = self.volume(status='attaching')
            self.attempt(self.manager.initialize_connection, self.context,
                         volume, {}, initialize_connection=failure)
            self.assert_reported((VOLUME + '002_' + detail, volume))

    def test_connector_that_is_refused(self):
        volume = self.volume(status='attaching')
        self.attempt(self.manager.initialize_connection, self.context, volume,
                     {}, validate_connector='InvalidConnectorException')
        self.assert_reported((VOLUME + '002_556', volume))

    def test_connection_for_a_backup_or_a_migration(self):
        context = self.service.context()
        context.message_action = ('013', 'create backup')
        for volume, used in ((self.volume(status='backing-up'), context),
                             (self.volume(migration_status='migrating'),
                              self.context)):
            error = self.attempt(
                self.manager.initialize_connection, used, volume, {},
                initialize_connection='RuntimeError')
            self.assertIsInstance(error, exception.VolumeBackendAPIException)
            self.attempt(self.manager.terminate_connection, used, volume.id,
                         {}, terminate_connection='RuntimeError')
            self.assert_reported()

    def test_detach(self):
        volume = self.volume(status='detaching')
        self.attempt(self.manager.terminate_connection, self.context,
                     volume.id, {}, terminate_connection='RuntimeError')
        self.assert_reported((VOLUME + '105_503', volume))

    def test_attachments(self):
        volume = self.volume(status='reserved')
        attachment = objects.VolumeAttachment(
            self.context, volume_id=volume.id, attach_status='reserved',
            attach_mode='rw', connector={'host': 'server'})
        attachment.create()
        self.attempt(self.manager.attachment_update, self.context, volume,
                     {'host': 'server'}, attachment.id,
                     create_export='RuntimeError')
        self.assert_reported((VOLUME + '004_531', volume))
        self.attempt(self.manager.attachment_delete, self.context,
                     attachment.id, volume,
                     terminate_connection='RuntimeError')
        self.assert_reported((VOLUME + '105_503', volume))

    def test_retype_without_migration(self):
        volume = self.volume(status='retyping', previous_status='available')
        self.attempt(self.manager.retype, self.context, volume,
                     self.service.other_type(), {'host': 'host@two#pool'})
        self.assert_reported((VOLUME + '106_505', volume))

    def test_retype_of_a_volume_with_snapshots(self):
        volume = self.volume(status='retyping', previous_status='available')
        self.service.snapshot(volume, status='available')
        self.attempt(self.manager.retype, self.context, volume,
                     self.service.other_type(), {'host': 'host@two#pool'},
                     'on-demand')
        self.assert_reported((VOLUME + '106_538', volume))

    def test_retype_that_migrates(self):
        volume = self.volume(status='retyping', previous_status='available')
        self.service.service('host@two')
        self.service.on_cast('create_volume', self.fail_target)
        self.attempt(self.manager.retype, self.context, volume,
                     self.service.other_type(), {'host': 'host@two#pool'},
                     'on-demand')
        self.assert_reported((VOLUME + '106_012', volume))

    def test_migrate(self):
        volume = self.volume()
        self.attempt(self.manager.migrate_volume, self.context, volume,
                     {'host': 'host@two#pool'}, migrate_volume='RuntimeError')
        self.assert_reported((VOLUME + '107_506', volume))

    def test_migrate_whose_target_fails(self):
        self.service.service('host@two')
        volume = self.volume()
        self.service.on_cast('create_volume', self.fail_target)
        self.attempt(self.manager.migrate_volume, self.context, volume,
                     {'host': 'host@two#pool'}, True)
        self.assert_reported((VOLUME + '107_012', volume))

    def fail_target(self, volume, **arguments):
        self.service.fail(create_volume='RuntimeError')
        self.assertRaises(RuntimeError, self.manager.create_volume,
                          self.context, volume, None, None, False)

    def test_migrate_completion(self):
        volume, new = self.volume(previous_status='available'), self.volume()
        self.attempt(self.manager.migrate_volume_completion, self.context,
                     volume, new, True)
        self.assert_reported((VOLUME + '107_506', volume))

    def test_manage(self):
        for method, failure, detail in (
                ('manage_existing', 'RuntimeError', '533'),
                ('manage_existing_get_size', 'RuntimeError', '533'),
                ('manage_existing', 'ManageExistingAlreadyManaged', '507')):
            volume = self.volume(status='managing')
            self.attempt(self.manager.manage_existing, self.context, volume,
                         {'name': 'x'}, **{method: failure})
            self.assert_reported((VOLUME + '108_' + detail, volume))

    def test_snapshots(self):
        volume = self.volume()
        snapshot = self.service.snapshot(volume)
        self.attempt(self.manager.create_snapshot, self.context, snapshot,
                     create_snapshot='RuntimeError')
        self.assert_reported((SNAPSHOT + '009_013', snapshot))
        self.attempt(self.manager.delete_snapshot, self.context, snapshot,
                     delete_snapshot='RuntimeError')
        self.assert_reported((SNAPSHOT + '010_016', snapshot))
        self.attempt(self.manager.delete_snapshot, self.context, snapshot,
                     delete_snapshot='SnapshotIsBusy')
        self.assert_reported((SNAPSHOT + '010_015', snapshot))
        self.attempt(self.manager.delete_snapshot, self.context, snapshot,
                     True, unmanage_snapshot='RuntimeError')
        self.assert_reported((SNAPSHOT + '121_532', snapshot))
        self.attempt(self.manager.delete_snapshot, self.context, snapshot)
        self.assert_reported()

    def test_manage_snapshot(self):
        snapshot = self.service.snapshot(self.volume())
        self.attempt(self.manager.manage_existing_snapshot, self.context,
                     snapshot, {'name': 'x'},
                     manage_existing_snapshot='RuntimeError')
        self.assert_reported((SNAPSHOT + '108_533', snapshot))

    def test_upload(self):
        volume = self.volume(status='uploading')
        self.attempt(self.manager.copy_volume_to_image, self.context,
                     volume.id, {'id': 'image', 'disk_format': 'raw'},
                     copy_volume_to_image='RuntimeError')
        self.assert_reported((VOLUME + '003_004', volume))

    def test_backup_device(self):
        backup = self.service.backup(self.volume(status='backing-up'))
        self.attempt(self.manager.get_backup_device, self.context, backup,
                     False, True, get_backup_device='RuntimeError')
        self.assert_reported(('VOLUME_VOLUME_BACKUP_013_019', backup))
