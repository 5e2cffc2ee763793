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

"""Volumes that change place, type or owner in a real Cinder, and replicas."""

from tests.integration.matrix import cloud as clouds

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'
GROUP = 'VOLUME_VOLUME_GROUP_'
GENERIC = {'migrate_volume': [False, None], 'retype': False}


def _move(cloud, volume, status='available', forced=False):
    cloud.act(volume, {'os-migrate_volume': {
        'host': cloud.other_host(volume), 'force_host_copy': forced}}, status,
        202)
    cloud.wait_for_migration(volume)


def _retype(cloud, volume, new_type, policy='on-demand'):
    cloud.act(volume, {'os-retype': {
        'new_type': new_type, 'migration_policy': policy}}, 'available', 202)


def _on_one(cloud):
    return cloud.create_volume(volume_type=cloud.type(
        {'volume_backend_name': 'one'}))


def _two(cloud):
    return cloud.type({'volume_backend_name': 'two'})


def retype_by_driver(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(retype=error)
    _retype(cloud, volume, cloud.type(
        {'volume_backend_name': clouds.backend(cloud.host(volume))}), 'never')
    return {volume: VOLUME + '106_505'}


def retype_elsewhere(cloud, error):
    volume = _on_one(cloud)
    _retype(cloud, volume, _two(cloud), 'never')
    return {volume: VOLUME + '106_505'}


def retype_target(cloud, error):
    volume = _on_one(cloud)
    cloud.fail(**GENERIC, create_volume=error)
    _retype(cloud, volume, _two(cloud))
    return {volume: VOLUME + '106_012'}


def retype_with_snapshot(cloud, error):
    volume = _on_one(cloud)
    snapshot = cloud.create_snapshot(volume)
    cloud.fail(**GENERIC)
    _retype(cloud, volume, _two(cloud))
    return {volume: VOLUME + '106_538', snapshot: None}


def migrate_target(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(create_volume=error)
    _move(cloud, volume, forced=True)
    return {volume: VOLUME + '107_012'}


def migrate_copy(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(initialize_connection=error)
    _move(cloud, volume, forced=True)
    return {volume: VOLUME + '107_506'}


def migrate_without_room(cloud, error):
    volume = cloud.create_volume()
    with cloud.stats(free_capacity_gb=0.5):
        _move(cloud, volume)
    return {volume: VOLUME + '107_522'}


def extend_attached(cloud, error):
    volume = cloud.create_volume()
    cloud.attach(volume)
    cloud.fail(extend_volume=error)
    cloud.act(volume, {'os-extend': {'new_size': 2}}, 'error_extending')
    return {volume: VOLUME + '007_010'}


def extend_attached_without_compute(cloud, error):
    volume = cloud.create_volume()
    cloud.attach(volume)
    cloud.act(volume, {'os-extend': {'new_size': 2}}, 'in-use')
    return {volume: VOLUME + '007_009'}


def attachment_update(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(initialize_connection=error)
    cloud.request('POST', '/attachments', cloud.attachment(volume), 500)
    return {volume: VOLUME + '004_531'}


def attachment_delete(cloud, error):
    volume = cloud.create_volume()
    attachment = cloud.attach(volume, server=None)
    cloud.fail(terminate_connection=error)
    cloud.request('DELETE', f'/attachments/{attachment}', status=500)
    return {volume: VOLUME + '105_503'}


def manage_wrong_size(cloud, error):
    cloud.fail(manage_existing_get_size='large')
    return {cloud.manage('error'): VOLUME + '108_533'}


def manage_unknown(cloud, error):
    cloud.fail(manage_existing='ManageExistingInvalidReference')
    return {cloud.manage('error'): VOLUME + '108_507'}


def cascade(cloud, error):
    volume = cloud.create_volume()
    gone, busy = cloud.create_snapshot(volume), cloud.create_snapshot(volume)
    cloud.fail(**{f'delete_snapshot {busy}': 'SnapshotIsBusy',
                  'delete_volume': 'VolumeIsBusy'})
    cloud.request('DELETE', f'/volumes/{volume}?cascade=True', status=202)
    cloud.wait('volumes', volume, 'available')
    return {volume: VOLUME + '104_539', busy: SNAPSHOT + '010_015',
            gone: None}


def unmanage_snapshot(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    cloud.fail(unmanage_snapshot=error)
    cloud.request('POST', f'/snapshots/{snapshot}/action',
                  {'os-unmanage': {}}, 202)
    cloud.wait('snapshots', snapshot, 'error_deleting')
    return {snapshot: SNAPSHOT + '121_532', volume: None}


def revert_by_copy(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    cloud.fail(create_snapshot=error)
    cloud.act(volume, {'revert': {'snapshot_id': snapshot}}, 'error')
    return {volume: VOLUME + '110_013', snapshot: None}


def source_elsewhere(cloud, error):
    one, other = cloud.volume_of_each_backend()
    snapshot = cloud.create_snapshot(one)
    volume = cloud.create_volume('error', snapshot_id=snapshot,
                                 hints={'same_host': [other]})
    return {volume: VOLUME + '001_517', one: None, other: None,
            snapshot: None}


def no_service(cloud, error):
    with cloud.disabled('cinder-volume'):
        volume = cloud.create_volume('error')
    return {volume: VOLUME + '001_513'}


def refused_by_rule(cloud, error):
    with cloud.stats(filter_function='1 > 2'):
        volume = cloud.create_volume('error')
    return {volume: VOLUME + '001_518'}


def failover(cloud, error):
    one, other = cloud.volume_of_each_backend()
    snapshot = cloud.create_snapshot(one)
    cloud.fail(failover_host=['replica', [
        {'volume_id': one, 'updates': {'status': 'error'}}], []])
    with cloud.failed_over(one):
        cloud.wait('volumes', one, 'error')
        return {one: VOLUME + '116_511', snapshot: SNAPSHOT + '116_511',
                other: None}


def retype_success(cloud, error):
    volume = _on_one(cloud)
    cloud.fail(**GENERIC)
    _retype(cloud, volume, _two(cloud))
    cloud.wait_for_migration(volume)
    return {volume: None}


def migrate_success(cloud, error):
    volume = cloud.create_volume()
    _move(cloud, volume)
    _move(cloud, volume, forced=True)
    return {volume: None}


def transfer_success(cloud, error):
    volume = cloud.create_volume()
    cloud.transfer(volume, 202)
    return {volume: None}


def revert_success(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    cloud.act(volume, {'revert': {'snapshot_id': snapshot}}, 'available')
    return {volume: None, snapshot: None}


def attachment_success(cloud, error):
    volume = cloud.create_volume()
    attachment = cloud.attach(volume, server=None)
    cloud.request('DELETE', f'/attachments/{attachment}', status=200)
    cloud.wait('volumes', volume, 'available')
    return {volume: None}


def manage_success(cloud, error):
    volume = cloud.manage('available')
    cloud.act(volume, {'os-unmanage': {}}, None, 202)
    cloud.wait('volumes', volume, None)
    return {volume: None}


def cascade_success(cloud, error):
    volume = cloud.create_volume()
    snapshot = cloud.create_snapshot(volume)
    cloud.request('DELETE', f'/volumes/{volume}?cascade=True', status=202)
    cloud.wait('volumes', volume, None)
    return {volume: None, snapshot: None}
