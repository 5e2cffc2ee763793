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

from tests.integration.matrix import backup_cases
from tests.integration.matrix import cases
from tests.integration.matrix import group_cases
from tests.integration.matrix import image_cases
from tests.integration.matrix import moving_cases

# What drivers raise in turns.
ERRORS = ('RuntimeError', 'VolumeBackendAPIException', 'CinderException')

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

# The same, with one exception only: what matters is how Cinder goes on.
MORE_DRIVER_FAILURES = (
    moving_cases.failover,  # First: it takes every volume of a back end.
    backup_cases.backup_attach, backup_cases.backup_storage,
    backup_cases.backup_detach, backup_cases.backup_of_snapshot,
    backup_cases.restore, backup_cases.restore_attach,
    backup_cases.create_from_backup,
    moving_cases.retype_by_driver, moving_cases.retype_target,
    moving_cases.migrate_target, moving_cases.migrate_copy,
    moving_cases.extend_attached, moving_cases.attachment_update,
    moving_cases.attachment_delete, moving_cases.manage_wrong_size,
    moving_cases.unmanage_snapshot, moving_cases.revert_by_copy,
    group_cases.group_delete_of_one, group_cases.group_snapshot_delete,
    group_cases.group_from_snapshot,
    image_cases.image_copy, image_cases.reimage)

# Failures without an exception of a driver, or with one of its own.
OTHER_FAILURES = (
    cases.create_too_large, cases.create_of_impossible_type,
    cases.delete_busy, cases.extend_too_far, cases.snapshot_busy,
    cases.retype_impossible,
    group_cases.group_snapshot, group_cases.group_snapshot_without_end,
    group_cases.group_of_impossible_type,
    backup_cases.backup_without_a_service,
    moving_cases.retype_elsewhere, moving_cases.retype_with_snapshot,
    moving_cases.migrate_without_room,
    moving_cases.extend_attached_without_compute,
    moving_cases.manage_unknown, moving_cases.cascade,
    moving_cases.source_elsewhere, moving_cases.no_service,
    moving_cases.refused_by_rule,
    image_cases.image_missing, image_cases.image_forbidden,
    image_cases.image_service_gone, image_cases.upload_to_service_gone,
    image_cases.different_host, image_cases.same_host,
    image_cases.kill_create, image_cases.kill_create_from_snapshot,
    image_cases.kill_snapshot, image_cases.kill_image,
    image_cases.kill_extend_and_upload,
    backup_cases.kill_backup, backup_cases.kill_restore)

SUCCESSES = (
    cases.create_success, cases.create_at_second_attempt,
    cases.delete_success, cases.extend_success, cases.snapshot_success,
    cases.attach_success, image_cases.kill_delete_success,
    image_cases.image_success, backup_cases.backup_success,
    backup_cases.backup_of_snapshot_success, group_cases.group_success,
    moving_cases.retype_success, moving_cases.migrate_success,
    moving_cases.transfer_success, moving_cases.revert_success,
    moving_cases.attachment_success, moving_cases.manage_success,
    moving_cases.cascade_success)

FAILURES = (*((case, ERRORS[0]) for case in MORE_DRIVER_FAILURES),
            *((case, error) for case in DRIVER_FAILURES for error in ERRORS),
            *((case, ERRORS[0]) for case in OTHER_FAILURES))
