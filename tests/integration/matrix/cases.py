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

"""Requests that are made to fail in a real Cinder, and what users must read.

A case is a function of a :class:`~tests.integration.matrix.cloud.Cloud`. It
makes requests and returns the events that it expects, by resource.
"""

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'
BACKUP = 'VOLUME_VOLUME_BACKUP_'


def create(cloud, error):
    cloud.fail(create_volume=error)
    volume = cloud.create_volume('error')
    return {volume: VOLUME + '008_012'}


def create_at_second_attempt(cloud, error):
    volumes = {}
    for backend in 'one', 'two':    # One of them is tried first.
        cloud.fail(**{f'{backend}.create_volume': error})
        volumes[cloud.create_volume()] = None
    return volumes


def create_success(cloud, error):
    return {cloud.create_volume(): None}


def create_too_large(cloud, error):
    return {cloud.create_volume('error', size=5000): VOLUME + '001_514'}


def create_of_impossible_type(cloud, error):
    volume = cloud.create_volume('error', volume_type=cloud.type(
        {'speed': 'impossible'}))
    return {volume: VOLUME + '001_516'}


def create_from_snapshot(cloud, error):
    snapshot = cloud.create_snapshot(cloud.create_volume())
    cloud.fail(create_volume_from_snapshot=error)
    volume = cloud.create_volume('error', snapshot_id=snapshot)
    return {volume: VOLUME + '101_012', snapshot: None}


def create_from_volume(cloud, error):
    source = cloud.create_volume()
    cloud.fail(create_cloned_volume=error)
    volume = cloud.create_volume('error', source_volid=source)
    return {volume: VOLUME + '102_012', source: None}


def delete(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(delete_volume=error)
    cloud.delete('volumes', volume, 'error_deleting')
    return {volume: VOLUME + '104_501'}


def delete_busy(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(delete_volume='VolumeIsBusy')
    cloud.delete('volumes', volume, 'available')
    return {volume: VOLUME + '104_502'}


def delete_success(cloud, error):
    volume = cloud.create_volume()
    cloud.delete('volumes', volume)
    return {volume: None}


def extend(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(extend_volume=error)
    cloud.act(volume, {'os-extend': {'new_size': 2}}, 'error_extending')
    return {volume: VOLUME + '007_010'}


def extend_too_far(cloud, error):
    volume = cloud.create_volume()
    cloud.act(volume, {'os-extend': {'new_size': 5000}}, 'available')
    return {volume: VOLUME + '007_522'}


def extend_success(cloud, error):
    volume = cloud.create_volume()
    cloud.act(volume, {'os-extend': {'new_size': 2}}, 'available')
    return {volume: None}


def snapshot(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(create_snapshot=error)
    created = cloud.create_snapshot(volume, 'error')
    return {created: SNAPSHOT + '009_013', volume: None}


def snapshot_success(cloud, error):
    volume = cloud.create_volume()
    created = cloud.create_snapshot(volume)
    cloud.delete('snapshots', created)
    return {created: None, volume: None}


def snapshot_delete(cloud, error):
    created = cloud.create_snapshot(cloud.create_volume())
    cloud.fail(delete_snapshot=error)
    cloud.delete('snapshots', created, 'error_deleting')
    return {created: SNAPSHOT + '010_016'}


def snapshot_busy(cloud, error):
    created = cloud.create_snapshot(cloud.create_volume())
    cloud.fail(delete_snapshot='SnapshotIsBusy')
    cloud.delete('snapshots', created, 'available')
    return {created: SNAPSHOT + '010_015'}


def revert(cloud, error):
    volume = cloud.create_volume()
    created = cloud.create_snapshot(volume)
    cloud.fail(revert_to_snapshot=error)
    cloud.act(volume, {'revert': {'snapshot_id': created}}, 'error')
    return {volume: VOLUME + '110_509', created: None}


def attach(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(initialize_connection=error)
    cloud.act(volume, {'os-initialize_connection': {
        'connector': {'host': 'server'}}}, None, 500)
    return {volume: VOLUME + '002_531'}


def detach(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(terminate_connection=error)
    cloud.act(volume, {'os-terminate_connection': {
        'connector': {'host': 'server'}}}, None, 500)
    return {volume: VOLUME + '105_503'}


def attach_success(cloud, error):
    volume = cloud.create_volume()
    cloud.act(volume, {'os-initialize_connection': {
        'connector': {'host': 'server'}}}, None)
    return {volume: None}


def retype_impossible(cloud, error):
    volume = cloud.create_volume()
    cloud.act(volume, {'os-retype': {
        'new_type': cloud.type({'speed': 'impossible'}),
        'migration_policy': 'never'}}, 'available')
    return {volume: VOLUME + '106_524'}


def unmanage(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(unmanage=error)
    cloud.act(volume, {'os-unmanage': {}}, 'error_unmanaging')
    return {volume: VOLUME + '006_532'}


def transfer(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(accept_transfer=error)
    cloud.transfer(volume)
    return {volume: VOLUME + '109_508'}


def backup_device(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(get_backup_device=error)
    backup = cloud.create_backup(volume)
    # NOTE: its status stays "creating".
    cloud.events(backup, 1)
    return {backup: BACKUP + '013_019', volume: None}


def migrate(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(migrate_volume=error)
    cloud.act(volume, {'os-migrate_volume': {
        'host': cloud.other_host(volume)}}, 'available')
    return {volume: VOLUME + '107_506'}
