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

"""The table of failures: what a failed manager method is reported as.

A row has the method, the action and the default detail of its messages, the
argument that holds the resource and the type of the resource. A more specific
detail replaces the default if an exception (``reasons.py``), a filter of the
scheduler (``scheduler_refusals.py``) or Cinder itself gives one.

RPC methods that are not here are calls for another request, which reports the
failure: ``UNCOVERED`` lists them with the reason.
"""

from cinder_messages.integration import creation
from cinder_messages.integration import restarts
from cinder_messages.integration import rule
from cinder_messages.integration import rules
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_A, _D = message_field.Action, message_field.Detail
_Row = rule.Rule

_VOLUME = resource_types.VOLUME
_SNAPSHOT = resource_types.VOLUME_SNAPSHOT
_BACKUP = resource_types.VOLUME_BACKUP
_GROUP = resource_types.VOLUME_GROUP
_GROUP_SNAPSHOT = resource_types.VOLUME_GROUP_SNAPSHOT

_CONNECTOR = {'InvalidInput': _D.CONNECTOR_INVALID}
_NO_MIGRATION = {'InvalidVolume': _D.MIGRATION_NOT_ALLOWED}
_OTHER_DRIVER = {'InvalidBackup': _D.BACKUP_OTHER_DRIVER}

# What a restarted service finds half done; not RPC methods.
_RESTART = _Row(
    '_do_cleanup', restarts.interrupted_action, restarts.interrupted,
    'vo_resource', restarts.type_of_resource,
    prepare=restarts.read_interrupted_work, swallowed=restarts.interrupted,
    always=True)

VOLUME_ROWS = (
    _Row('create_volume', creation.create_action, _D.DRIVER_FAILED_CREATE,
         'volume', _VOLUME, new=True, holds=True,
         is_final=creation.was_not_rescheduled,
         correct=creation.correct_creation,
         member_action=_A.USE_VOLUME_AS_IMAGE),
    _Row('delete_volume', rules.delete_action, rules.delete_detail,
         'volume', _VOLUME, always=True, swallowed=rules.busy_volume,
         prepare=rules.read_purpose,
         details={'InvalidSnapshot': _D.SNAPSHOT_NOT_DELETED}),
    _Row('extend_volume', _A.EXTEND_VOLUME, _D.DRIVER_FAILED_EXTEND,
         'volume', _VOLUME),
    _Row('extend_volume_completion', _A.EXTEND_VOLUME,
         _D.DRIVER_FAILED_EXTEND, 'volume', _VOLUME),
    _Row('revert_to_snapshot', _A.REVERT_TO_SNAPSHOT, _D.REVERT_FAILED,
         'volume', _VOLUME, correct=rules.correct_revert),
    _Row('retype', _A.RETYPE_VOLUME, rules.retype_detail, 'volume', _VOLUME,
         details=_NO_MIGRATION),
    _Row('migrate_volume', _A.MIGRATE_VOLUME, _D.DRIVER_FAILED_MIGRATE,
         'volume', _VOLUME, details=_NO_MIGRATION),
    _Row('migrate_volume_completion', _A.MIGRATE_VOLUME,
         _D.DRIVER_FAILED_MIGRATE, 'volume', _VOLUME),
    _Row('manage_existing', _A.MANAGE_EXISTING, _D.DRIVER_FAILED_MANAGE,
         'volume', _VOLUME),
    _Row('accept_transfer', _A.ACCEPT_TRANSFER, _D.TRANSFER_FAILED,
         'volume_id', _VOLUME, reader=rules.requester),
    _Row('copy_volume_to_image', _A.COPY_VOLUME_TO_IMAGE,
         _D.FAILED_TO_UPLOAD_VOLUME, 'volume_id', _VOLUME,
         member_action=_A.USE_VOLUME_AS_IMAGE),
    _Row('reimage', _A.REIMAGE_VOLUME, _D.REIMAGE_VOLUME_FAILED,
         'volume', _VOLUME,
         details={'ImageCopyFailure': _D.REIMAGE_VOLUME_FAILED}),
    # Attachments.
    _Row('attach_volume', _A.ATTACH_VOLUME, _D.DRIVER_FAILED_ATTACH,
         'volume_id', _VOLUME, is_internal=rules.is_for_other_request),
    _Row('detach_volume', _A.DETACH_VOLUME, _D.DRIVER_FAILED_DETACH,
         'volume_id', _VOLUME, is_internal=rules.is_for_other_request),
    _Row('initialize_connection', _A.ATTACH_VOLUME, _D.DRIVER_FAILED_ATTACH,
         'volume', _VOLUME, details=_CONNECTOR,
         is_internal=rules.is_for_other_request),
    _Row('terminate_connection', _A.DETACH_VOLUME, _D.DRIVER_FAILED_DETACH,
         'volume_id', _VOLUME, is_internal=rules.is_for_other_request),
    _Row('attachment_update', _A.UPDATE_ATTACHMENT, _D.DRIVER_FAILED_ATTACH,
         'vref', _VOLUME, details=_CONNECTOR,
         is_internal=rules.is_for_other_request),
    _Row('attachment_delete', _A.DETACH_VOLUME, _D.DRIVER_FAILED_DETACH,
         'vref', _VOLUME, is_internal=rules.is_for_other_request),
    # Snapshots.
    _Row('create_snapshot', _A.SNAPSHOT_CREATE, _D.SNAPSHOT_CREATE_ERROR,
         'snapshot', _SNAPSHOT),
    _Row('delete_snapshot', rules.unmanage_snapshot_action,
         _D.SNAPSHOT_DELETE_ERROR, 'snapshot', _SNAPSHOT,
         correct=rules.correct_unmanage_snapshot),
    _Row('manage_existing_snapshot', _A.MANAGE_EXISTING,
         _D.DRIVER_FAILED_MANAGE, 'snapshot', _SNAPSHOT),
    # Groups.
    _Row('create_group', _A.GROUP_CREATE, _D.DRIVER_FAILED_GROUP,
         'group', _GROUP),
    # NOTE: Cinder sets a group to available whose members could not be made.
    _Row('create_group_from_src', _A.GROUP_CREATE_FROM_SOURCE,
         rules.group_detail, 'group', _GROUP, keeps_errors=True,
         member_detail=_D.DRIVER_FAILED_CREATE),
    _Row('update_group', _A.GROUP_UPDATE, _D.DRIVER_FAILED_GROUP,
         'group', _GROUP),
    _Row('delete_group', _A.GROUP_DELETE, rules.group_detail,
         'group', _GROUP, member_detail=_D.DRIVER_FAILED_DELETE),
    _Row('create_group_snapshot', _A.GROUP_SNAPSHOT_CREATE,
         rules.group_detail, 'group_snapshot', _GROUP_SNAPSHOT,
         member_detail=_D.SNAPSHOT_CREATE_ERROR),
    _Row('delete_group_snapshot', _A.GROUP_SNAPSHOT_DELETE,
         rules.group_detail, 'group_snapshot', _GROUP_SNAPSHOT,
         member_detail=_D.SNAPSHOT_DELETE_ERROR),
    # Replication.
    _Row('enable_replication', _A.ENABLE_REPLICATION,
         _D.DRIVER_FAILED_REPLICATION, 'group', _GROUP),
    _Row('disable_replication', _A.DISABLE_REPLICATION,
         _D.DRIVER_FAILED_REPLICATION, 'group', _GROUP),
    _Row('failover_replication', _A.FAILOVER_GROUP,
         _D.DRIVER_FAILED_REPLICATION, 'group', _GROUP),
    _Row('failover', _A.FAILOVER_REPLICATION, _D.FAILOVER_FAILED,
         None, _VOLUME),
    _Row('failover_host', _A.FAILOVER_REPLICATION, _D.FAILOVER_FAILED,
         None, _VOLUME),
    # Backups: the volume service prepares what the backup service reads.
    _Row('get_backup_device', _A.BACKUP_CREATE, _D.BACKUP_CREATE_DEVICE_ERROR,
         'backup', _BACKUP),
    # Restarts.
    _Row('init_host', _A.EXPORT_VOLUME, _D.EXPORT_FAILED, None, _VOLUME,
         is_container=True),
    _RESTART,
)

SCHEDULER_ROWS = (
    _Row('create_volume', creation.schedule_action, creation.schedule_detail,
         'volume', _VOLUME, new=True, wanted=rules.source_backend,
         prepare=creation.read_last_failure,
         correct=creation.correct_scheduling),
    _Row('create_group', _A.GROUP_CREATE, rules.group_schedule_detail,
         'group', _GROUP, new=True),
    _Row('create_snapshot', _A.SNAPSHOT_CREATE, _D.SCHEDULING_FAILED,
         'snapshot', _SNAPSHOT, wanted=rules.requested_backend),
    _Row('migrate_volume', _A.MIGRATE_VOLUME, _D.SCHEDULING_FAILED,
         'volume', _VOLUME, wanted=rules.requested_backend),
    _Row('retype', _A.RETYPE_VOLUME, _D.SCHEDULING_FAILED, 'volume', _VOLUME,
         swallowed=rules.refused_retype),
    _Row('manage_existing', _A.MANAGE_EXISTING, _D.SCHEDULING_FAILED,
         'volume', _VOLUME, wanted=rules.present_backend),
    _Row('manage_existing_snapshot', _A.MANAGE_EXISTING,
         _D.SCHEDULING_FAILED, 'snapshot', _SNAPSHOT,
         wanted=rules.present_backend),
    _Row('extend_volume', _A.EXTEND_VOLUME, _D.SCHEDULING_FAILED,
         'volume', _VOLUME, wanted=rules.present_backend),
    _Row('create_backup', _A.BACKUP_CREATE, _D.BACKUP_SCHEDULE_ERROR,
         'backup', _BACKUP),
    _RESTART,
)

BACKUP_ROWS = (
    _Row('create_backup', _A.BACKUP_CREATE, _D.BACKUP_CREATE_DRIVER_ERROR,
         'backup', _BACKUP,
         details={'InvalidSnapshot': _D.RESOURCE_INVALID_STATE}),
    _Row('continue_backup', _A.BACKUP_CREATE, rules.backup_detail,
         'backup', _BACKUP),
    _Row('restore_backup', _A.BACKUP_RESTORE, rules.restore_detail,
         'backup', _BACKUP, details=_OTHER_DRIVER,
         correct=rules.correct_restore, member_action=_A.BACKUP_RESTORE),
    _Row('delete_backup', _A.BACKUP_DELETE, _D.BACKUP_DELETE_DRIVER_ERROR,
         'backup', _BACKUP, details=_OTHER_DRIVER),
    _Row('import_record', _A.IMPORT_BACKUP, _D.BACKUP_RECORD_INVALID,
         'backup', _BACKUP,
         details={'InvalidBackup': _D.BACKUP_RECORD_INVALID,
                  'ServiceNotFound': _D.BACKUP_OTHER_DRIVER}),
    _Row('reset_status', _A.RESET_BACKUP_STATUS, _D.BACKUP_OTHER_DRIVER,
         'backup', _BACKUP, details=_OTHER_DRIVER),
    _Row('_cleanup_one_backup', restarts.interrupted_action,
         restarts.interrupted, 'backup', _BACKUP,
         prepare=restarts.read_interrupted_work,
         swallowed=restarts.interrupted, always=True),
)

# Cinder's managers, and the rows of each.
TABLE = {
    'VolumeManager': ('cinder.volume.manager', VOLUME_ROWS),
    'SchedulerManager': ('cinder.scheduler.manager', SCHEDULER_ROWS),
    'BackupManager': ('cinder.backup.manager', BACKUP_ROWS),
}

_INTERNAL = 'a call for another request, which reports the failure'
_ANSWER = 'an answer to the API, which passes the error on to the caller'
_OPERATOR = 'about a service or a back end, not a resource of a user'

# RPC methods without a row, and why.
UNCOVERED = {
    'VolumeManager': {
        'initialize_connection_snapshot': _INTERNAL,
        'terminate_connection_snapshot': _INTERNAL,
        'remove_export': _INTERNAL,
        'remove_export_snapshot': _INTERNAL,
        'secure_file_operations_enabled': _INTERNAL,
        'update_migrated_volume': _INTERNAL,
        'get_capabilities': _ANSWER,
        'get_manageable_volumes': _ANSWER,
        'get_manageable_snapshots': _ANSWER,
        'list_replication_targets': _ANSWER,
        'failover_completed': _OPERATOR,
        'finish_failover': _OPERATOR,
        'freeze_host': _OPERATOR,
        'thaw_host': _OPERATOR,
        'publish_service_capabilities': _OPERATOR,
        'driver_delete_volume': _INTERNAL,
        'driver_delete_snapshot': _INTERNAL,
    },
    'SchedulerManager': {
        'migrate_volume_to_host': 'calls migrate_volume, which has a row',
        'validate_host_capacity': _ANSWER,
        'get_pools': _ANSWER,
        'work_cleanup': _OPERATOR,
        'request_service_capabilities': _OPERATOR,
        'update_service_capabilities': _OPERATOR,
        'notify_service_capabilities': _OPERATOR,
    },
    'BackupManager': {
        'export_record': _ANSWER,
        'check_support_to_force_delete': _ANSWER,
        'publish_service_capabilities': _OPERATOR,
        'setup_backup_backend': _OPERATOR,
    },
}
