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

"""Groups, backups and existing storage that fail in a real Cinder."""

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'
BACKUP = 'VOLUME_VOLUME_BACKUP_'
GROUP, GROUP_SNAPSHOT = 'VOLUME_VOLUME_GROUP_', 'VOLUME_VOLUME_GROUP_SNAPSHOT_'


def group_create(cloud, error):
    cloud.fail(create_group=error)
    group, _ = cloud.create_group('error')
    return {group: GROUP + '111_534'}


def group_delete(cloud, error):
    group, volumes = cloud.create_group(number=2)
    cloud.fail(delete_group=error)
    cloud.delete_group(group, 'error')
    return {group: GROUP + '113_534',
            **dict.fromkeys(volumes, VOLUME + '113_501')}


def group_delete_of_member(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    cloud.fail(delete_volume=error)
    cloud.delete_group(group, 'error')
    return {group: GROUP + '113_510', volume: VOLUME + '113_501'}


def group_update(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    cloud.fail(update_group=error)
    cloud.request('PUT', f'/groups/{group}', {'group': {
        'remove_volumes': volume}}, 202)
    cloud.wait('groups', group, 'error')
    return {group: GROUP + '112_534', volume: VOLUME + '112_534'}


def group_snapshot(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    cloud.fail(create_group_snapshot='VolumeBackendAPIException')
    created = cloud.create_group_snapshot(group, 'error')
    [snapshot] = cloud.members('snapshots', created)
    return {created: GROUP_SNAPSHOT + '114_534',
            snapshot: SNAPSHOT + '114_013', group: None, volume: None}


def group_snapshot_without_end(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    cloud.fail(create_group_snapshot='RuntimeError')
    # NOTE: its status, and those of its snapshots, stay "creating".
    created = cloud.create_group_snapshot(group, 'creating')
    cloud.events(created, 1)
    return {created: GROUP_SNAPSHOT + '114_534', group: None, volume: None}


def group_snapshot_of_member(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    cloud.fail(create_snapshot=error)
    created = cloud.create_group_snapshot(group, 'error')
    [snapshot] = cloud.members('snapshots', created)
    return {created: GROUP_SNAPSHOT + '114_510',
            snapshot: SNAPSHOT + '114_013', group: None, volume: None}


def backup_import(cloud, error):
    cloud.fail(import_record=error)
    backup = cloud.import_backup('error')
    return {backup: BACKUP + '120_541'}


def backup_delete(cloud, error):
    backup = cloud.import_backup()
    cloud.fail(delete_backup=error)
    cloud.delete('backups', backup, 'error')
    return {backup: BACKUP + '014_025'}


def manage(cloud, error):
    cloud.fail(manage_existing=error)
    return {cloud.manage('error'): VOLUME + '108_533'}


def manage_unknown_size(cloud, error):
    cloud.fail(manage_existing_get_size=error)
    return {cloud.manage('error'): VOLUME + '108_533'}


def manage_snapshot(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(manage_existing_snapshot=error)
    snapshot = cloud.manage_snapshot(volume, 'error')
    return {snapshot: SNAPSHOT + '108_533', volume: None}


def group_delete_of_one(cloud, error):
    group, [failed, deleted] = cloud.create_group(number=2)
    cloud.fail(**{f'delete_volume {failed}': error})
    cloud.delete_group(group, 'error')
    return {group: GROUP + '113_510', failed: VOLUME + '113_501',
            deleted: None}


def group_snapshot_delete(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    created = cloud.create_group_snapshot(group)
    [snapshot] = cloud.members('snapshots', created)
    cloud.fail(delete_snapshot=error)
    cloud.delete('group_snapshots', created, 'error')
    return {created: GROUP_SNAPSHOT + '115_510',
            snapshot: SNAPSHOT + '115_016', group: None, volume: None}


def group_from_snapshot(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    created = cloud.create_group_snapshot(group)
    cloud.fail(create_volume_from_snapshot=error)
    # NOTE: Cinder says so of the group and of a volume without storage.
    new = cloud.create_group_from(created, 'available')
    [member] = cloud.members('volumes', new)
    return {new: GROUP + '123_510', member: VOLUME + '123_012', group: None,
            volume: None, created: None}


def group_of_impossible_type(cloud, error):
    group, _ = cloud.create_group('error', extra_specs={
        'speed': 'impossible'})
    return {group: GROUP + '111_516'}


def group_success(cloud, error):
    group, [volume] = cloud.create_group(number=1)
    created = cloud.create_group_snapshot(group)
    new = cloud.create_group_from(created)
    [member] = cloud.members('volumes', new)
    cloud.delete('group_snapshots', created)
    cloud.delete_group(new)
    return dict.fromkeys((group, volume, created, new, member))
