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

"""What is reported when the backup service or a group operation fails."""

from cinder import objects
import fixtures

from tests.integration import service

BACKUP, VOLUME = 'VOLUME_VOLUME_BACKUP_', 'VOLUME_VOLUME_'
GROUP, GROUP_SNAPSHOT = 'VOLUME_VOLUME_GROUP_', 'VOLUME_VOLUME_GROUP_SNAPSHOT_'


class TestBackup(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.backup_manager()

    def backup(self, status='creating', volume_status='backing-up', **values):
        self.volume = self.service.volume(
            self.context, status=volume_status, previous_status='available')
        return self.service.backup(self.volume, status=status, **values)

    def test_create(self):
        backup = self.backup(volume_status='available')
        self.attempt(self.manager.create_backup, self.context, backup)
        self.assert_reported((BACKUP + '013_027', backup))

    def test_create_without_a_connector(self):
        backup = self.backup()
        self.useFixture(fixtures.MockPatch(
            'cinder.volume.volume_utils.brick_get_connector_properties',
            side_effect=FileNotFoundError('sudo')))
        self.attempt(self.manager.continue_backup, self.context, backup, None)
        self.assertEqual('creating', backup.status)
        self.assert_reported((BACKUP + '013_021', backup))

    def test_create_while_the_service_is_down(self):
        backup = self.backup()
        self.manager.is_initialized = False
        self.attempt(self.manager.create_backup, self.context, backup)
        self.assert_reported((BACKUP + '013_018', backup))

    def test_create_without_a_volume_service(self):
        backup = self.backup()
        self.service.break_bus('get_backup_device')
        self.attempt(self.manager.create_backup, self.context, backup)
        self.assert_reported((BACKUP + '013_555', backup))

    def test_delete(self):
        backup = self.backup('deleting')
        self.attempt(self.manager.delete_backup, self.context, backup,
                     delete_backup='RuntimeError')
        self.assert_reported((BACKUP + '014_025', backup))

    def test_delete_of_another_drivers_backup(self):
        backup = self.backup('deleting', service='another.Driver')
        self.attempt(self.manager.delete_backup, self.context, backup)
        self.assert_reported((BACKUP + '014_540', backup))

    def test_restore(self):
        backup = self.backup('restoring', 'restoring-backup')
        self.useFixture(fixtures.MockPatch(
            'cinder.volume.volume_utils.brick_get_connector_properties'))
        self.service.break_bus('initialize_connection')
        self.attempt(self.manager.restore_backup, self.context, backup,
                     self.volume.id, False)
        self.assert_reported((BACKUP + '015_021', backup),
                             (VOLUME + '015_021', self.volume))

    def test_restore_to_a_volume_in_another_state(self):
        backup = self.backup('restoring', 'in-use')
        self.attempt(self.manager.restore_backup, self.context, backup,
                     self.volume.id, False)
        self.assert_reported((BACKUP + '015_027', backup),
                             (VOLUME + '015_027', self.volume))

    def test_import(self):
        backup = self.backup()
        self.attempt(self.manager.import_record, self.context, backup,
                     'failing.FailingBackup', 'unreadable', [])
        self.assert_reported((BACKUP + '120_541', backup))
        self.attempt(self.manager.import_record, self.context, backup,
                     'another.Driver', 'unreadable', [])
        self.assert_reported((BACKUP + '120_540', backup))

    def test_restart(self):
        for status, volume_status, events in (
                ('creating', 'backing-up', ['013']),
                ('restoring', 'restoring-backup', ['015', '015']),
                ('error', 'available', [])):
            backup = self.backup(status, volume_status,
                                 restore_volume_id=None)
            backup.restore_volume_id = self.volume.id
            self.attempt(self.manager._cleanup_one_backup,
                         self.service.admin, backup)
            kinds = [(BACKUP, backup), (VOLUME, self.volume)]
            self.assert_reported(*(
                (kind + event + '_512', resource)
                for event, (kind, resource) in zip(events, kinds)))


class TestGroup(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()

    def group(self, number=2, **values):
        group = self.service.group(self.context, **values)
        self.volumes = [
            self.service.volume(self.context, status='available',
                                group_id=group.id) for _ in range(number)]
        return group

    def test_create(self):
        group = self.group(0)
        self.attempt(self.manager.create_group, self.context, group,
                     create_group='RuntimeError')
        self.assert_reported((GROUP + '111_534', group))

    def test_delete(self):
        group = self.group(status='deleting')
        self.attempt(self.manager.delete_group, self.context, group,
                     delete_group='RuntimeError')
        self.assert_reported((GROUP + '113_534', group), *(
            (VOLUME + '113_501', volume) for volume in self.volumes))

    def test_delete_of_members(self):
        group = self.group(status='deleting')
        self.attempt(self.manager.delete_group, self.context, group,
                     delete_volume='RuntimeError')
        self.assert_reported((GROUP + '113_510', group), *(
            (VOLUME + '113_501', volume) for volume in self.volumes))

    def test_many_members(self):
        group = self.group(60, status='deleting')
        self.attempt(self.manager.delete_group, self.context, group,
                     delete_group='RuntimeError')
        *others, last = self.service.reported
        self.assertEqual(50, len(others))
        self.assertEqual((GROUP + '113_543', group.id, 11),
                         (last.event_id, last.resource_uuid, last.count))

    def test_update(self):
        group = self.group(status='updating')
        self.attempt(self.manager.update_group, self.context, group,
                     None, self.volumes[0].id, update_group='RuntimeError')
        self.assert_reported((GROUP + '112_534', group),
                             (VOLUME + '112_534', self.volumes[0]))

    def test_snapshot(self):
        group = self.group(1, status='available')
        group_snapshot = objects.GroupSnapshot(
            self.context, group_id=group.id, status='creating',
            user_id='user', project_id=group.project_id,
            group_type_id=group.group_type_id, name='name')
        group_snapshot.create()
        snapshot = self.service.snapshot(
            self.volumes[0], group_snapshot_id=group_snapshot.id)
        self.attempt(self.manager.create_group_snapshot, self.context,
                     group_snapshot, create_snapshot='RuntimeError')
        self.assert_reported(
            (GROUP_SNAPSHOT + '114_510', group_snapshot),
            ('VOLUME_VOLUME_SNAPSHOT_114_013', snapshot))

    def test_from_a_snapshot_whose_member_fails(self):
        source = self.group(2, status='available')
        group_snapshot = objects.GroupSnapshot(
            self.context, group_id=source.id, status='available',
            user_id='user', project_id=source.project_id,
            group_type_id=source.group_type_id, name='name')
        group_snapshot.create()
        snapshots = [self.service.snapshot(
            volume, status='available', group_snapshot_id=group_snapshot.id)
            for volume in self.volumes]
        group = self.group(0, group_snapshot_id=group_snapshot.id)
        volumes = [self.service.volume(
            self.context, group_id=group.id, snapshot_id=snapshot.id)
            for snapshot in snapshots]
        self.attempt(
            self.manager.create_group_from_src, self.context, group,
            group_snapshot,
            **{f'create_volume_from_snapshot {volumes[0].id}':
                'RuntimeError'})
        self.assert_reported((GROUP + '123_510', group),
                             (VOLUME + '123_012', volumes[0]))

    def test_replication(self):
        group = self.group(1, replication_status='enabling')
        self.volumes[0].update({'replication_status': 'enabling'})
        self.volumes[0].save()
        self.attempt(self.manager.enable_replication, self.context, group,
                     enable_replication='VolumeBackendAPIException')
        self.assert_reported((GROUP + '117_535', group),
                             (VOLUME + '117_535', self.volumes[0]))
