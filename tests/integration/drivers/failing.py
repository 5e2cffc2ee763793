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

"""Drivers of Cinder that store nothing and fail as a file tells them to.

The file is JSON: ``{"one.create_volume": "RuntimeError"}``. A key is the
name of a back end and of a method, of a method alone, or of a method and the
id of a resource (``delete_volume ID``); a value is the dotted name of an
exception (of a built-in one, or of ``cinder.exception``), ``kill``, which ends
the process once, or what the method returns.
"""

import copy
import importlib
import json
import os
import pathlib
import signal

from cinder.backup import driver as backup_driver
from cinder import exception
from cinder.volume import driver

FILE = 'CINDER_MESSAGES_TEST_FAILURES'
# What os-brick gives to services that read or write a volume.
DEVICE = 'CINDER_MESSAGES_TEST_DEVICE'
SECRET = '/dev/secret'


def told(method, backend=None, resources=()):
    """Return what the file says about a method, or None.

    :param resources: the arguments of the call
    """
    try:
        failures = json.loads(pathlib.Path(os.environ[FILE]).read_text())
    except (KeyError, OSError, ValueError):
        return None
    keys = [f'{method} {getattr(resource, "id", None)}'
            for resource in resources] + [f'{backend}.{method}', method]
    return next((failures[key] for key in keys if key in failures), None)


def fail(method, backend=None, resources=()):
    """Fail if the file says so; return what it says otherwise."""
    failure = told(method, backend, resources)
    if not isinstance(failure, str):
        return failure
    if failure == 'kill':
        # NOTE: the process that takes its place may repeat the call.
        pathlib.Path(os.environ[FILE]).write_text('{}')
        os.kill(os.getpid(), signal.SIGKILL)
    raise make(failure)


def make(name):
    """Return the exception of a dotted name."""
    module, _, attribute = name.rpartition('.')
    if module:
        cls = getattr(importlib.import_module(module), attribute)
    else:
        cls = getattr(exception, name, None) or __builtins__[name]
    return cls(SECRET)


def failing(name, result=None):
    """Return a method that fails if the file says so."""
    def method(self, *args, **kwargs):
        changed = fail(name, self.backend, args)
        # NOTE: Cinder changes what it gets.
        return copy.deepcopy(result) if changed is None else changed
    method.__name__ = name
    return method


def missing(name):
    """Return a method that is not implemented if the file is silent."""
    def method(self, *args):
        changed = fail(name, self.backend, args)
        if changed is None:
            raise NotImplementedError
        return changed
    method.__name__ = name
    return method


class FailingDriver(driver.VolumeDriver):
    """A back end of 100 GB."""

    VERSION = '1'

    @property
    def backend(self):
        return self.configuration.volume_backend_name

    def check_for_setup_error(self):
        fail('check_for_setup_error', self.backend)

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.backend, 'vendor_name': 'tests',
            'driver_version': self.VERSION, 'storage_protocol': 'nothing',
            'total_capacity_gb': 100,
            'free_capacity_gb': (told('free_capacity_gb', self.backend) or
                                 100),
            'consistent_group_snapshot_enabled': True,
            'replication_enabled': True,
            'filter_function': told('filter_function', self.backend)}

    create_volume = failing('create_volume')
    create_volume_from_snapshot = failing('create_volume_from_snapshot')
    create_cloned_volume = failing('create_cloned_volume')
    delete_volume = failing('delete_volume')
    extend_volume = failing('extend_volume')
    create_snapshot = failing('create_snapshot')
    delete_snapshot = failing('delete_snapshot')
    revert_to_snapshot = failing('revert_to_snapshot')
    unmanage = failing('unmanage')
    unmanage_snapshot = failing('unmanage_snapshot')
    manage_existing = failing('manage_existing')
    manage_existing_get_size = failing('manage_existing_get_size', 1)
    manage_existing_snapshot = failing('manage_existing_snapshot')
    manage_existing_snapshot_get_size = failing(
        'manage_existing_snapshot_get_size', 1)
    retype = failing('retype', True)
    migrate_volume = failing('migrate_volume', (True, None))
    update_migrated_volume = failing('update_migrated_volume')
    accept_transfer = failing('accept_transfer')
    ensure_export = failing('ensure_export')
    create_export = failing('create_export')
    remove_export = failing('remove_export')
    create_export_snapshot = failing('create_export_snapshot')
    remove_export_snapshot = failing('remove_export_snapshot')
    validate_connector = failing('validate_connector')
    initialize_connection = failing(
        'initialize_connection',
        {'driver_volume_type': 'local',
         'data': {'device_path': os.environ.get(DEVICE)}})
    terminate_connection = failing('terminate_connection')
    copy_image_to_volume = failing('copy_image_to_volume')
    copy_volume_to_image = failing('copy_volume_to_image')
    clear_download = failing('clear_download')
    create_group = failing('create_group')
    # NOTE: Cinder handles the members one by one in place of these.
    create_group_from_src = missing('create_group_from_src')
    create_group_snapshot = missing('create_group_snapshot')
    delete_group = missing('delete_group')
    delete_group_snapshot = missing('delete_group_snapshot')
    update_group = failing('update_group', (None, None, None))
    enable_replication = failing('enable_replication', ({}, []))
    disable_replication = failing('disable_replication', ({}, []))
    failover_replication = failing('failover_replication', ({}, []))
    failover_host = failing('failover_host', ('replica', [], []))

    def clone_image(self, *args):
        fail('clone_image', self.backend)
        return None, False

    def create_volume_from_backup(self, volume, backup):
        fail('create_volume_from_backup', self.backend)

    def get_backup_device(self, context, backup):
        fail('get_backup_device', self.backend)
        return super().get_backup_device(context, backup)

    def get_volume_stats(self, refresh=False):
        self._update_volume_stats()
        return self._stats


class FailingBackup(backup_driver.BackupDriver):
    """Backup storage."""

    backend = 'backup'

    def check_for_setup_error(self):
        fail('backup.check_for_setup_error')

    def backup(self, backup, volume_file, backup_metadata=True):
        fail('backup', 'backup')

    def restore(self, backup, volume_id, volume_file, volume_is_new):
        fail('restore', 'backup')

    def delete_backup(self, backup):
        fail('delete_backup', 'backup')

    def export_record(self, backup):
        return {}

    def import_record(self, backup, driver_info):
        fail('import_record', 'backup')
