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

"""All cases of the matrix: what is made to fail, and what succeeds."""

from tests.integration.matrix import cases
from tests.integration.matrix import group_cases
from tests.integration.matrix import image_cases

# What drivers raise in turns.
ERRORS = ('RuntimeError', 'VolumeBackendAPIException')

DRIVER_FAILURES = (
    cases.create, cases.create_from_snapshot, cases.create_from_volume,
    cases.delete, cases.extend, cases.snapshot, cases.snapshot_delete,
    cases.revert, cases.attach, cases.detach, cases.unmanage, cases.transfer,
    cases.backup_device, cases.migrate,
    group_cases.group_create, group_cases.group_delete,
    group_cases.group_delete_of_member, group_cases.group_update,
    group_cases.group_snapshot_of_member,
    group_cases.backup_import, group_cases.backup_delete,
    group_cases.manage, group_cases.manage_unknown_size,
    group_cases.manage_snapshot,
    image_cases.image_clone, image_cases.image_upload)

# Failures without an exception of a driver, or with one of its own.
OTHER_FAILURES = (
    cases.create_too_large, cases.create_of_impossible_type,
    cases.delete_busy, cases.extend_too_far, cases.snapshot_busy,
    cases.retype_impossible,
    group_cases.group_snapshot, group_cases.group_snapshot_without_end,
    image_cases.different_host, image_cases.same_host,
    image_cases.kill_create, image_cases.kill_create_from_snapshot,
    image_cases.kill_snapshot)

SUCCESSES = (
    cases.create_success, cases.create_at_second_attempt,
    cases.delete_success, cases.extend_success, cases.snapshot_success,
    cases.attach_success, image_cases.kill_delete_success)

FAILURES = (*((case, error) for case in DRIVER_FAILURES for error in ERRORS),
            *((case, ERRORS[0]) for case in OTHER_FAILURES))
