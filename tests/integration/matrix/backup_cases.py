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

"""Backups that fail in a real Cinder, on either side of the data."""

BACKUP, VOLUME = 'VOLUME_VOLUME_BACKUP_', 'VOLUME_VOLUME_'
SNAPSHOT = 'VOLUME_VOLUME_SNAPSHOT_'


def backup_attach(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(initialize_connection=error)
    backup = cloud.create_backup(volume, 'error')
    return {backup: BACKUP + '013_021', volume: None}


def backup_storage(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(backup=error)
    backup = cloud.create_backup(volume, 'error')
    return {backup: BACKUP + '013_020', volume: None}


def backup_detach(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(terminate_connection=error)
    backup = cloud.create_backup(volume, 'error')
    return {backup: BACKUP + '013_022', volume: None}


def backup_of_snapshot(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    cloud.fail(create_export_snapshot=error, create_volume_from_snapshot=error)
    backup = cloud.create_backup(volume, None, snapshot_id=snapshot)
    # NOTE: its status may stay "creating".
    cloud.events(backup, 1)
    return {backup: BACKUP + '013_019', volume: None, snapshot: None}


def backup_without_a_service(cloud, error):
    volume = cloud.create_volume()
    backup = cloud.create_backup(volume, 'error',
                                 availability_zone='elsewhere')
    return {backup: BACKUP + '013_024', volume: None}


def restore(cloud, error):
    volume = cloud.create_volume()
    backup = cloud.create_backup(volume, 'available')
    cloud.fail(restore=error)
    cloud.restore(backup, volume, 'error_restoring')
    return {backup: BACKUP + '015_026', volume: VOLUME + '015_026'}


def restore_attach(cloud, error):
    volume = cloud.create_volume()
    backup = cloud.create_backup(volume, 'available')
    cloud.fail(initialize_connection=error)
    cloud.restore(backup, volume, 'error_restoring')
    return {backup: BACKUP + '015_021', volume: VOLUME + '015_021'}


def create_from_backup(cloud, error):
    backup = cloud.create_backup(cloud.create_volume(), 'available')
    cloud.fail(create_volume_from_backup='NotImplementedError', restore=error)
    volume = cloud.create_volume('error_restoring', backup_id=backup)
    return {volume: VOLUME + '015_026', backup: BACKUP + '015_026'}


def kill_backup(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(backup='kill')
    backup = cloud.create_backup(volume)
    cloud.restart_killed('cinder-backup')
    cloud.wait('backups', backup, 'error')
    return {backup: BACKUP + '013_512', volume: None}


def kill_restore(cloud, error):
    volume = cloud.create_volume()
    backup = cloud.create_backup(volume, 'available')
    cloud.fail(restore='kill')
    cloud.restore(backup, volume)
    cloud.restart_killed('cinder-backup')
    cloud.wait('volumes', volume, 'error_restoring')
    return {backup: BACKUP + '015_512', volume: VOLUME + '015_512'}


def backup_success(cloud, error):
    volume = cloud.create_volume()
    backup = cloud.create_backup(volume, 'available')
    cloud.restore(backup, volume, 'available')
    new = cloud.create_volume(backup_id=backup)
    cloud.delete('backups', backup)
    return {volume: None, backup: None, new: None}


def backup_of_snapshot_success(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    backup = cloud.create_backup(volume, 'available', snapshot_id=snapshot)
    return {volume: None, snapshot: None, backup: None}
