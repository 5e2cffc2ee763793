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

"""Rules for the creation of volumes: sources, reschedules, targets."""

import typing

from cinder_messages.integration import choice
from cinder_messages.integration import coverage
from cinder_messages.integration import reasons
from cinder_messages.integration import reporting
from cinder_messages.integration import rules
from cinder_messages.integration import values
from cinder_messages.message import message_field

_A, _D = message_field.Action, message_field.Detail


def create_action(call: coverage.Call) -> str:
    """Return the action of a creation, by the source of the volume."""
    arguments = call.arguments
    spec = arguments.get('request_spec')
    volume = arguments.get('volume')
    for name, action in (('snapshot_id', _A.CREATE_VOLUME_FROM_SNAPSHOT),
                         ('source_volid', _A.CREATE_VOLUME_FROM_VOLUME),
                         ('image_id', _A.COPY_IMAGE_TO_VOLUME),
                         ('backup_id', _A.CREATE_VOLUME_FROM_BACKUP)):
        if (values.get(volume, name) or values.get(spec, name) or
                arguments.get(name)):
            return action
    return _A.CREATE_VOLUME_FROM_BACKEND


def correct_creation(call: coverage.Call,
                     report: reporting.Report) -> reporting.Report | None:
    """Name the source of the volume in a report of the volume service.

    A report about the hidden target of a migration is dropped: the user's
    own volume is reported instead.
    """
    migration = values.get(call.resource, 'migration_status') or ''
    if migration.startswith('target:'):
        return None
    if report.action == _A.CREATE_VOLUME_FROM_BACKEND:
        return report.replace(action=create_action(call))
    return rules.refine(call, report)


def was_not_rescheduled(call: coverage.Call) -> bool:
    """Return whether no other back end is going to be tried."""
    return not call.rescheduled


def read_last_failure(call: coverage.Call) -> dict[str, typing.Any]:
    """Read why the last back end failed, before the scheduler removes it.

    :returns: ``lines``: the formatted traceback, or None for the first
        attempt
    """
    properties = call.arguments.get('filter_properties')
    retry = values.get(properties, 'retry')
    return {'lines': values.get(retry, 'exc')}


def schedule_action(call: coverage.Call) -> str:
    """Return the action of a creation that the scheduler ends."""
    if call.prepared['lines']:
        return create_action(call)
    return _A.SCHEDULE_ALLOCATE_VOLUME


def schedule_detail(call: coverage.Call) -> str:
    """Return why a creation failed that the scheduler ends."""
    lines = call.prepared['lines']
    if not lines:
        return _D.SCHEDULING_FAILED
    return reasons.detail_of_traceback(lines) or _D.DRIVER_FAILED_CREATE


def correct_scheduling(call: coverage.Call,
                       report: reporting.Report) -> reporting.Report:
    """Give the last back end's failure, or what the filters refused."""
    if report.action != _A.SCHEDULE_ALLOCATE_VOLUME:
        return report
    if call.prepared['lines'] and choice.is_refusal(report.error):
        return report.replace(action=create_action(call),
                              detail=schedule_detail(call))
    return report.replace(detail=choice.choose_detail(call, report.error))
