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

"""Images, placement and killed services in a real Cinder."""

from tests.integration.matrix import cloud as clouds

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'


def image_clone(cloud, error):
    cloud.fail(clone_image=error)
    volume = cloud.create_volume('error', imageRef=cloud.glance.add())
    return {volume: VOLUME + '005_012'}


def image_upload(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(copy_volume_to_image=error)
    cloud.act(volume, {'os-volume_upload_image': {'image_name': 'image'}},
              'available', 202)
    return {volume: VOLUME + '003_004'}


def image_missing(cloud, error):
    image = cloud.glance.add(download=404)
    return {cloud.create_volume('error', imageRef=image): VOLUME + '005_544'}


def image_forbidden(cloud, error):
    image = cloud.glance.add(download=403)
    return {cloud.create_volume('error', imageRef=image): VOLUME + '005_544'}


def image_service_gone(cloud, error):
    image = cloud.glance.add(download=None)
    return {cloud.create_volume('error', imageRef=image): VOLUME + '005_544'}


def image_copy(cloud, error):
    cloud.fail(copy_image_to_volume=error)
    volume = cloud.create_volume('error', imageRef=cloud.glance.add())
    return {volume: VOLUME + '005_504'}


def reimage(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(copy_image_to_volume=error)
    cloud.act(volume, {'os-reimage': {'image_id': cloud.glance.add()}},
              'error', 202)
    return {volume: VOLUME + '016_028'}


def upload_to_service_gone(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(copy_volume_to_image='GlanceConnectionFailed')
    cloud.act(volume, {'os-volume_upload_image': {'image_name': 'image'}},
              'available', 202)
    return {volume: VOLUME + '003_004'}


def image_success(cloud, error):
    image = cloud.glance.add()
    volume = cloud.create_volume(imageRef=image)
    cloud.act(volume, {'os-reimage': {'image_id': image}}, 'available', 202)
    cloud.act(volume, {'os-volume_upload_image': {'image_name': 'image'}},
              'available', 202)
    return {volume: None}


def different_host(cloud, error):
    volumes = cloud.volume_of_each_backend()
    volume = cloud.create_volume('error', hints={'different_host': volumes})
    return {volume: VOLUME + '001_517', **dict.fromkeys(volumes)}


def same_host(cloud, error):
    one, other = cloud.volume_of_each_backend()
    volume = cloud.create_volume('error', hints={
        'same_host': [one], 'different_host': [one]})
    return {volume: VOLUME + '001_517', one: None, other: None}


def kill_create(cloud, error):
    cloud.fail(create_volume='kill')
    return {cloud.create_volume('error'): VOLUME + '008_512'}


def kill_create_from_snapshot(cloud, error):
    snapshot = cloud.create_snapshot(cloud.create_volume())
    cloud.fail(create_volume_from_snapshot='kill')
    volume = cloud.create_volume('error', snapshot_id=snapshot)
    return {volume: VOLUME + '101_512', snapshot: None}


def kill_snapshot(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(create_snapshot='kill')
    snapshot = cloud.create_snapshot(volume, 'error')
    return {snapshot: SNAPSHOT + '009_512', volume: None}


def kill_image(cloud, error):
    cloud.fail(copy_image_to_volume='kill')
    volume = cloud.create_volume('error', imageRef=cloud.glance.add())
    return {volume: VOLUME + '005_512'}


def kill_extend_and_upload(cloud, error):
    extended, uploaded = cloud.volume_of_each_backend()
    cloud.fail(extend_volume='kill')
    cloud.act(extended, {'os-extend': {'new_size': 2}}, 'extending')
    cloud.fail(copy_volume_to_image='kill')
    cloud.act(uploaded, {'os-volume_upload_image': {'image_name': 'image'}},
              'uploading', 202)
    # NOTE: these states last; the services look twice after their start.
    for volume in extended, uploaded:
        cloud.events(volume, 1, clouds.TIMEOUT)
    return {extended: VOLUME + '007_512', uploaded: VOLUME + '003_512'}


def kill_delete_success(cloud, error):
    volume = cloud.create_volume()
    cloud.fail(delete_volume='kill')
    cloud.delete('volumes', volume)
    return {volume: None}
