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

"""Functions for fields of the table of failures that are not constant.

Each receives the covered call; some also receive a report of Cinder's.
"""

from cinder_messages.integration import choice
from cinder_messages.integration import coverage
from cinder_messages.integration import reasons
from cinder_messages.integration import reporting
from cinder_messages.integration import values
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_A, _D = message_field.Action, message_field.Detail


# States of a migration that is under way.
_MIGRATING = frozenset(('starting', 'migrating', 'completing'))


def nothing(call: coverage.Call) -> None:
    """Return None: nothing to say about any call."""


# What Cinder reports too vaguely

def refine(call: coverage.Call, report: reporting.Report) -> reporting.Report:
    """Replace an unknown error, or a wrong reason, by what is known."""
    detail: str | None = None
    if choice.is_refusal(report.error):
        detail = choice.refusal_of(call)
    elif (report.detail == _D.UNKNOWN_ERROR or
            report.detail == _D.NOT_ENOUGH_SPACE_FOR_IMAGE):
        detail = reasons.detail_of(report.error, call.rule.details)
        if report.detail == _D.UNKNOWN_ERROR:
            detail = detail or call.rule.detail_of(call)
    return report.replace(detail=detail) if detail else report


# Connections

def is_for_other_request(call: coverage.Call) -> bool:
    """Return whether Cinder connects a volume for a backup or migration.

    The request that needs the connection reports the failure.
    """
    if getattr(call.context, 'message_action', None):
        return True
    volume = call.resource
    if isinstance(volume, str):
        volume = reporting.Lookup(call.manager.db, call.context).find(
            resource_types.VOLUME, volume)
    migration = values.get(volume, 'migration_status') or ''
    return migration in _MIGRATING or migration.startswith('target:')


# Deleting

def delete_action(call: coverage.Call) -> str:
    """Return whether a volume was to be deleted or unmanaged."""
    return (_A.UNMANAGE_VOLUME if call.arguments.get('unmanage_only')
            else _A.DELETE_VOLUME)


def delete_detail(call: coverage.Call) -> str:
    """Return why a volume could not be deleted or unmanaged."""
    if call.arguments.get('unmanage_only'):
        return _D.DRIVER_FAILED_UNMANAGE
    return (_D.SNAPSHOT_NOT_DELETED if _snapshot_failed(call)
            else _D.DRIVER_FAILED_DELETE)


def _snapshot_failed(call: coverage.Call) -> bool:
    """Return whether a snapshot of the volume could not be deleted."""
    return bool(call.arguments.get('cascade')) and any(
        kind == resource_types.VOLUME_SNAPSHOT
        for kind, _ in [*call.reported, *call.in_error()])


def busy_volume(call: coverage.Call) -> str | None:
    """Return the detail of a busy volume, which Cinder sets to available."""
    states = call.states.get(call.key or ('', ''), {})
    if states.get('status') != 'available':
        return None
    return (_D.SNAPSHOT_NOT_DELETED if _snapshot_failed(call)
            else _D.VOLUME_IS_BUSY)


def read_purpose(call: coverage.Call) -> bool | None:
    """Return None if Cinder removes a volume that it made for itself.

    That is the target or the former source of a migration, or a temporary
    volume of a backup. It must be read before the volume is deleted.
    """
    migration = values.get(call.resource, 'migration_status') or ''
    internal = (migration.startswith('target:') or migration == 'deleting' or
                bool(getattr(call.context, 'message_action', None)))
    return None if internal else True


def unmanage_snapshot_action(call: coverage.Call) -> str:
    """Return whether a snapshot was to be deleted or unmanaged."""
    return (_A.UNMANAGE_SNAPSHOT if call.arguments.get('unmanage_only')
            else _A.SNAPSHOT_DELETE)


def correct_unmanage_snapshot(call: coverage.Call,
                              report: reporting.Report) -> reporting.Report:
    """Do not call it a deletion if a snapshot was to be unmanaged."""
    if not call.arguments.get('unmanage_only'):
        return refine(call, report)
    detail = (_D.DRIVER_FAILED_UNMANAGE
              if report.detail == _D.SNAPSHOT_DELETE_ERROR else report.detail)
    return report.replace(action=_A.UNMANAGE_SNAPSHOT, detail=detail)


# Reverting, restoring, moving

def correct_revert(call: coverage.Call,
                   report: reporting.Report) -> reporting.Report | None:
    """Drop a report about the snapshot that Cinder takes before."""
    if report.resource_type == resource_types.VOLUME_SNAPSHOT:
        return None
    return report


def correct_restore(call: coverage.Call,
                    report: reporting.Report) -> reporting.Report:
    """Name the backup where Cinder gives the id of the volume."""
    if (report.resource_type == resource_types.VOLUME_BACKUP and
            report.resource_uuid == call.arguments.get('volume_id')):
        return report.replace(resource_uuid=call.resource_id)
    return report


def backup_detail(call: coverage.Call) -> str:
    """Return whether a backup failed before its service had the volume."""
    return (_D.BACKUP_CREATE_DRIVER_ERROR if call.states
            else _D.ATTACH_ERROR)


def restore_detail(call: coverage.Call) -> str:
    """Return whether a restore failed or was canceled."""
    return (_D.BACKUP_RESTORE_CANCELED if call.error is None
            else _D.BACKUP_RESTORE_ERROR)


def retype_detail(call: coverage.Call) -> str:
    """Return why a volume could not be retyped."""
    policy = (call.arguments.get('migration_policy') or values.get(
        call.arguments.get('request_spec'), 'migration_policy'))
    return (_D.RETYPE_NOT_POSSIBLE if (policy or 'never') == 'never'
            else _D.DRIVER_FAILED_MIGRATE)


def refused_retype(call: coverage.Call) -> str | None:
    """Return the detail if other back ends could take the volume only."""
    left = any(run and run[-1][2] for run in call.runs)
    if choice.is_refusal(call.swallowed) and left:
        return _D.RETYPE_NOT_POSSIBLE
    return None


def requester(call: coverage.Call) -> str | None:
    """Return the project of the request, whatever the owner."""
    return call.context.project_id


# Groups

def group_detail(call: coverage.Call) -> str:
    """Return whether the whole group failed, or members of it."""
    names = {cls.__name__ for cls in type(call.error).__mro__}
    if len(call.in_error()) > 1 and (
            call.error is None or 'VolumeDriverException' in names):
        return _D.GROUP_MEMBER_FAILED
    return _D.DRIVER_FAILED_GROUP


def group_schedule_detail(call: coverage.Call) -> str:
    """Return why the scheduler failed a group."""
    return (_D.NO_BACKEND_AVAILABLE if call.error is None
            else _D.SCHEDULING_FAILED)


# Back ends that the scheduler was bound to

def requested_backend(call: coverage.Call) -> str | None:
    """Return the back end that a migration or a snapshot needs."""
    return call.arguments.get('backend')


def present_backend(call: coverage.Call) -> str | None:
    """Return the back end that has the volume."""
    return values.get(call.arguments.get('volume'), 'service_topic_queue')


def source_backend(call: coverage.Call) -> str | None:
    """Return the back end of the source of a new volume."""
    return values.get(call.arguments.get('request_spec'), 'resource_backend')
