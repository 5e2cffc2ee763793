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

"""Import paths for cinder.conf, which make Cinder's services report to us.

::

    [DEFAULT]
    scheduler_manager = cinder_messages.integration.managers.SchedulerManager
    volume_manager = cinder_messages.integration.managers.VolumeManager
    backup_manager = cinder_messages.integration.managers.BackupManager

They are Cinder's own classes: what Cinder imports by these names is what it
would import without us, after its message API was made to report.
"""

from oslo_utils import importutils

from cinder_messages.integration import emission

_MANAGERS = {
    'SchedulerManager': 'cinder.scheduler.manager.SchedulerManager',
    'VolumeManager': 'cinder.volume.manager.VolumeManager',
    'BackupManager': 'cinder.backup.manager.BackupManager',
}


def __getattr__(name: str) -> type:
    if name not in _MANAGERS:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    emission.install()
    return importutils.import_class(_MANAGERS[name])
