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

"""A back end of Cinder that stores nothing, and fails when it is asked to.

What is called ``broken`` cannot be made.
"""

from cinder.volume import driver


class HollowDriver(driver.VolumeDriver):
    """Has 100 GB."""

    VERSION = '1'

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.configuration.volume_backend_name,
            'vendor_name': 'cinder_messages', 'driver_version': self.VERSION,
            'storage_protocol': 'nothing', 'total_capacity_gb': 100,
            'free_capacity_gb': 100}

    def _make(self, resource):
        if resource.display_name == 'broken':
            raise RuntimeError(f'/dev/secret is full: {resource.id}')

    create_volume = create_snapshot = _make

    def delete_volume(self, volume):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def extend_volume(self, volume, new_size):
        raise RuntimeError('/dev/secret does not grow')

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {'driver_volume_type': 'nothing', 'data': {}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
