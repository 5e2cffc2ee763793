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

"""Rules for work that was interrupted by the stop of a service."""

import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import values
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_A, _D = message_field.Action, message_field.Detail


_INTERRUPTED_VOLUME = {'downloading': _A.COPY_IMAGE_TO_VOLUME,
                       'uploading': _A.COPY_VOLUME_TO_IMAGE}
_INTERRUPTED_BACKUP = {'creating': _A.BACKUP_CREATE,
                       'restoring': _A.BACKUP_RESTORE,
                       'deleting': _A.BACKUP_DELETE}


def read_interrupted_work(call: coverage.Call) -> dict[str, typing.Any] | None:
    """Read what was under way when the service stopped.

    :returns: None if nothing has failed: a deletion goes on by itself
    """
    resource = call.resource
    kind, status = type(resource).__name__, str(resource.status)
    action: str | None = None
    if kind == 'Volume':
        action = _INTERRUPTED_VOLUME.get(status)
        if status == 'creating':
            action = create_action_of(resource)
    elif kind == 'Snapshot' and status == 'creating':
        action = _A.SNAPSHOT_CREATE
    elif kind == 'Backup':
        action = _INTERRUPTED_BACKUP.get(status)
        if status == 'deleting' and resource.encryption_key_id is None:
            action = None
    return {'action': action, 'status': status} if action else None


def create_action_of(volume: typing.Any) -> str:
    """Return the action of a creation that was interrupted."""
    if values.get(volume, 'snapshot_id'):
        return _A.CREATE_VOLUME_FROM_SNAPSHOT
    if values.get(volume, 'source_volid'):
        return _A.CREATE_VOLUME_FROM_VOLUME
    return _A.CREATE_VOLUME_FROM_BACKEND


def interrupted_action(call: coverage.Call) -> str:
    """Return the action that was under way."""
    return call.prepared['action']


def interrupted(call: coverage.Call) -> str:
    """Return the detail of all interrupted work."""
    return _D.SERVICE_RESTARTED


def type_of_resource(call: coverage.Call) -> str:
    """Return the type of a resource by its class."""
    return {'Snapshot': resource_types.VOLUME_SNAPSHOT,
            'Backup': resource_types.VOLUME_BACKUP}.get(
                type(call.resource).__name__, resource_types.VOLUME)
