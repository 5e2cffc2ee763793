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

"""Volumes from images that cannot be read or used."""

import errno

from cinder import exception
from cinder import objects
import fixtures
from oslo_utils import imageutils

from tests.integration import service

VOLUME = 'VOLUME_VOLUME_005_'
GB = 1 << 30
IMAGE = '5d0c2a0e-7f4f-4c55-9c64-8f5d2c3f0a11'


class FakeImages:
    """An image service with one image.

    :param error: raised in place of its content
    """

    temp_images = None

    def __init__(self, error=None, **values):
        self._error = error
        self._image = {'id': IMAGE, 'name': 'image', 'size': 512,
                       'disk_format': 'raw', 'container_format': 'bare',
                       'status': 'active', 'properties': {}, **values}

    def show(self, context, image_id):
        return self._image

    def get_location(self, context, image_id):
        return None, None

    def download(self, context, image_id, data=None):
        if self._error is not None:
            raise self._error


class TestImage(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.volume_manager()

    def create(self, images, retry=None, virtual_size=GB, **failures):
        """Create a volume of 1 GB from an image; return the volume."""
        volume = self.service.volume(self.context)
        info = imageutils.QemuImgInfo(
            f'{{"virtual-size": {virtual_size}, "format": "raw"}}', 'json')
        for target, value in (
                ('cinder.image.glance.get_remote_image_service',
                 lambda *args: (images, IMAGE)),
                ('cinder.image.image_utils.qemu_img_info',
                 lambda *args, **kwargs: info)):
            self.useFixture(fixtures.MonkeyPatch(target, value))
        self.attempt(
            self.manager.create_volume, self.context, volume,
            objects.RequestSpec(image_id=IMAGE),
            {'retry': retry} if retry else {}, bool(retry), **failures)
        return volume

    def test_success(self):
        volume = self.create(FakeImages())
        self.assertEqual('available', volume.status)
        self.assert_reported()

    def test_content_that_cannot_be_read(self):
        for error in (exception.ImageNotFound(image_id=IMAGE),
                      exception.ImageNotAuthorized(image_id=IMAGE),
                      exception.GlanceConnectionFailed(reason='secret'),
                      exception.ImageDownloadFailed(image_href=IMAGE,
                                                    reason='secret')):
            volume = self.create(FakeImages(error))
            self.assert_reported((VOLUME + '544', volume))

    def test_image_larger_than_the_volume(self):
        volume = self.create(FakeImages(virtual_size=2 * GB))
        self.assert_reported((VOLUME + '545', volume))
        volume = self.create(FakeImages(), virtual_size=2 * GB)
        self.assert_reported((VOLUME + '545', volume))

    def test_no_room_for_the_content(self):
        self.useFixture(fixtures.MockPatch('shutil.disk_usage'
                                           )).mock.return_value.free = 0
        volume = self.create(FakeImages())
        self.assert_reported((VOLUME + '546', volume))

    def test_room_that_ends_while_the_content_is_read(self):
        volume = self.create(FakeImages(OSError(errno.ENOSPC, 'secret')))
        self.assert_reported((VOLUME + '546', volume))

    def test_content_that_is_too_large_for_the_back_end(self):
        volume = self.create(FakeImages(), copy_image_to_volume='ImageTooBig')
        self.assert_reported((VOLUME + '007', volume))

    def test_content_that_cannot_be_copied(self):
        for failure, detail in (('RuntimeError', '504'),
                                ('ConnectionResetError', '547')):
            volume = self.create(FakeImages(), copy_image_to_volume=failure)
            self.assert_reported((VOLUME + detail, volume))

    def test_clone_that_fails(self):
        volume = self.create(FakeImages(), clone_image='RuntimeError')
        self.assert_reported((VOLUME + '012', volume))

    def test_clone_that_another_back_end_repeats(self):
        self.create(FakeImages(), {'num_attempts': 1},
                    clone_image='RuntimeError')
        self.assert_reported()

    def test_copy_that_no_other_back_end_repeats(self):
        volume = self.create(FakeImages(), {'num_attempts': 1},
                             copy_image_to_volume='RuntimeError')
        self.assertEqual('error', volume.status)
        self.assert_reported((VOLUME + '504', volume))
