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

"""The permitted messages that consist of an action and a detail.

The event id is ``VOLUME_{resource type}_{action}_{detail}``. Users read
``action: text remedy``: the action is a phrase that names the operation
("Extending the volume"), the detail says in sentences why it failed and what
the user can do. Action ids up to 100 and detail ids up to 500 are Cinder's.
"""

from cinder_messages.i18n import N_
from cinder_messages.message import definition
from cinder_messages.message import resource_types


class Resource:
    """The type of the resource that failed."""

    VOLUME = resource_types.VOLUME
    VOLUME_SNAPSHOT = resource_types.VOLUME_SNAPSHOT
    VOLUME_BACKUP = resource_types.VOLUME_BACKUP
    VOLUME_GROUP = resource_types.VOLUME_GROUP
    VOLUME_GROUP_SNAPSHOT = resource_types.VOLUME_GROUP_SNAPSHOT


class Action:
    """The operation that failed."""

    SCHEDULE_ALLOCATE_VOLUME = definition.Action(
        '001', N_('Allocating storage for the volume'),
        name='SCHEDULE_ALLOCATE_VOLUME')
    ATTACH_VOLUME = definition.Action(
        '002', N_('Attaching the volume'),
        name='ATTACH_VOLUME')
    COPY_VOLUME_TO_IMAGE = definition.Action(
        '003', N_('Copying the volume to an image'),
        name='COPY_VOLUME_TO_IMAGE')
    UPDATE_ATTACHMENT = definition.Action(
        '004', N_('Updating the attachment of the volume'),
        name='UPDATE_ATTACHMENT')
    COPY_IMAGE_TO_VOLUME = definition.Action(
        '005', N_('Copying the image to the volume'),
        name='COPY_IMAGE_TO_VOLUME')
    UNMANAGE_VOLUME = definition.Action(
        '006', N_('Unmanaging the volume'),
        name='UNMANAGE_VOLUME')
    EXTEND_VOLUME = definition.Action(
        '007', N_('Extending the volume'),
        name='EXTEND_VOLUME')
    CREATE_VOLUME_FROM_BACKEND = definition.Action(
        '008', N_('Creating the volume'),
        name='CREATE_VOLUME_FROM_BACKEND')
    SNAPSHOT_CREATE = definition.Action(
        '009', N_('Creating the snapshot'),
        name='SNAPSHOT_CREATE')
    SNAPSHOT_DELETE = definition.Action(
        '010', N_('Deleting the snapshot'),
        name='SNAPSHOT_DELETE')
    SNAPSHOT_UPDATE = definition.Action(
        '011', N_('Updating the snapshot'),
        name='SNAPSHOT_UPDATE')
    SNAPSHOT_METADATA_UPDATE = definition.Action(
        '012', N_('Updating the metadata of the snapshot'),
        name='SNAPSHOT_METADATA_UPDATE')
    BACKUP_CREATE = definition.Action(
        '013', N_('Creating the backup'),
        name='BACKUP_CREATE')
    BACKUP_DELETE = definition.Action(
        '014', N_('Deleting the backup'),
        name='BACKUP_DELETE')
    BACKUP_RESTORE = definition.Action(
        '015', N_('Restoring the backup'),
        name='BACKUP_RESTORE')
    REIMAGE_VOLUME = definition.Action(
        '016', N_('Writing a new image to the volume'),
        name='REIMAGE_VOLUME')

    # Operations for which Cinder 29 reports no message.
    CREATE_VOLUME_FROM_SNAPSHOT = definition.Action(
        '101', N_('Creating the volume from a snapshot'),
        name='CREATE_VOLUME_FROM_SNAPSHOT')
    CREATE_VOLUME_FROM_VOLUME = definition.Action(
        '102', N_('Creating the volume from another volume'),
        name='CREATE_VOLUME_FROM_VOLUME')
    CREATE_VOLUME_FROM_BACKUP = definition.Action(
        '103', N_('Creating the volume from a backup'),
        name='CREATE_VOLUME_FROM_BACKUP')
    DELETE_VOLUME = definition.Action(
        '104', N_('Deleting the volume'),
        name='DELETE_VOLUME')
    DETACH_VOLUME = definition.Action(
        '105', N_('Detaching the volume'),
        name='DETACH_VOLUME')
    RETYPE_VOLUME = definition.Action(
        '106', N_('Changing the type of the volume'),
        name='RETYPE_VOLUME')
    MIGRATE_VOLUME = definition.Action(
        '107', N_('Migrating the volume'),
        name='MIGRATE_VOLUME')
    MANAGE_EXISTING = definition.Action(
        '108', N_('Managing existing storage'),
        name='MANAGE_EXISTING')
    ACCEPT_TRANSFER = definition.Action(
        '109', N_('Accepting the transfer of the volume'),
        name='ACCEPT_TRANSFER')
    REVERT_TO_SNAPSHOT = definition.Action(
        '110', N_('Reverting the volume to a snapshot'),
        name='REVERT_TO_SNAPSHOT')
    GROUP_CREATE = definition.Action(
        '111', N_('Creating the group of volumes'),
        name='GROUP_CREATE')
    GROUP_UPDATE = definition.Action(
        '112', N_('Updating the group of volumes'),
        name='GROUP_UPDATE')
    GROUP_DELETE = definition.Action(
        '113', N_('Deleting the group of volumes'),
        name='GROUP_DELETE')
    GROUP_SNAPSHOT_CREATE = definition.Action(
        '114', N_('Creating the group snapshot'),
        name='GROUP_SNAPSHOT_CREATE')
    GROUP_SNAPSHOT_DELETE = definition.Action(
        '115', N_('Deleting the group snapshot'),
        name='GROUP_SNAPSHOT_DELETE')
    FAILOVER_REPLICATION = definition.Action(
        '116', N_('Failing over to the replica'),
        name='FAILOVER_REPLICATION')


class Detail:
    """Why the operation failed."""

    UNKNOWN_ERROR = definition.Definition(
        '001', N_(
            'An unknown error occurred.'),
        reason='UNKNOWN_ERROR',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator and quote the request ID.'),
        retry=definition.LATER)
    DRIVER_NOT_INITIALIZED = definition.Definition(
        '002', N_(
            'The storage system is not ready.'),
        reason='BACKEND_NOT_READY',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER,
        exceptions=('DriverNotInitialized',))
    NO_BACKEND_AVAILABLE = definition.Definition(
        '003', N_(
            'No storage system has enough free space and offers everything '
            'that the request requires.'),
        reason='NO_BACKEND_AVAILABLE',
        remedy=N_(
            'Choose a smaller size, another volume type or another '
            'availability zone.'),
        retry=definition.AFTER_CHANGE,
        exceptions=('NoValidBackend',))
    FAILED_TO_UPLOAD_VOLUME = definition.Definition(
        '004', N_(
            'The content of the volume could not be uploaded to the image '
            'service.'),
        reason='IMAGE_UPLOAD_FAILED',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    VOLUME_ATTACH_MODE_INVALID = definition.Definition(
        '005', N_(
            'The volume does not allow the requested attach mode. A read- '
            'only volume can only be attached read-only.'),
        reason='ATTACH_MODE_INVALID',
        remedy=N_(
            'Attach the volume read-only, or make it writable first.'),
        retry=definition.AFTER_CHANGE,
        exceptions=('InvalidVolumeAttachMode',))
    QUOTA_EXCEED = definition.Definition(
        '006', N_(
            'The request exceeds a quota of the project.'),
        reason='QUOTA_EXCEEDED',
        remedy=N_(
            'Delete what you no longer need, or ask your administrator for '
            'more quota.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'ImageLimitExceeded',
            'BackupLimitExceeded',
            'SnapshotLimitExceeded'))
    NOT_ENOUGH_SPACE_FOR_IMAGE = definition.Definition(
        '007', N_(
            'There is not enough space to prepare the image for the volume.'),
        reason='NOT_ENOUGH_SPACE_FOR_IMAGE',
        remedy=N_(
            'Use a smaller image, or contact your administrator.'),
        retry=definition.LATER,
        exceptions=('ImageTooBig',))
    UNMANAGE_ENC_NOT_SUPPORTED = definition.Definition(
        '008', N_(
            'An encrypted volume cannot be unmanaged.'),
        reason='UNMANAGE_ENCRYPTED_NOT_SUPPORTED',
        retry=definition.NEVER)
    NOTIFY_COMPUTE_SERVICE_FAILED = definition.Definition(
        '009', N_(
            'The volume was extended, but the server that uses it was not '
            'informed.'),
        reason='NOTIFY_COMPUTE_SERVICE_FAILED',
        remedy=N_(
            'Detach the volume and attach it again, or restart the server, '
            'to use the new size.'),
        retry=definition.NEVER)
    DRIVER_FAILED_EXTEND = definition.Definition(
        '010', N_(
            'The storage system could not extend the volume.'),
        reason='BACKEND_EXTEND_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    SIGNATURE_VERIFICATION_FAILED = definition.Definition(
        '011', N_(
            'The signature of the image could not be verified.'),
        reason='IMAGE_SIGNATURE_VERIFICATION_FAILED',
        remedy=N_(
            'Check the signature and the certificate of the image.'),
        retry=definition.AFTER_CHANGE)
    DRIVER_FAILED_CREATE = definition.Definition(
        '012', N_(
            'The storage system could not create the volume.'),
        reason='BACKEND_CREATE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    SNAPSHOT_CREATE_ERROR = definition.Definition(
        '013', N_(
            'The storage system could not create the snapshot.'),
        reason='SNAPSHOT_CREATE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    SNAPSHOT_UPDATE_METADATA_FAILED = definition.Definition(
        '014', N_(
            'The snapshot was created, but its metadata could not be '
            'updated.'),
        reason='SNAPSHOT_UPDATE_METADATA_FAILED',
        remedy=N_(
            'Set the metadata again.'),
        retry=definition.NOW)
    SNAPSHOT_IS_BUSY = definition.Definition(
        '015', N_(
            'The snapshot is in use.'),
        reason='SNAPSHOT_IS_BUSY',
        remedy=N_(
            'Delete the volumes and other resources that depend on it, then '
            'try again.'),
        retry=definition.AFTER_CHANGE,
        exceptions=('SnapshotIsBusy',))
    SNAPSHOT_DELETE_ERROR = definition.Definition(
        '016', N_(
            'The storage system could not delete the snapshot.'),
        reason='SNAPSHOT_DELETE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    BACKUP_INVALID_STATE = definition.Definition(
        '017', N_(
            'The status of the backup changed before the request was '
            'carried out.'),
        reason='BACKUP_INVALID_STATE',
        remedy=N_(
            'Check the status of the backup, then try again.'),
        retry=definition.NOW)
    BACKUP_SERVICE_DOWN = definition.Definition(
        '018', N_(
            'The backup service is not running.'),
        reason='BACKUP_SERVICE_DOWN',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    BACKUP_CREATE_DEVICE_ERROR = definition.Definition(
        '019', N_(
            'The backup service could not read the volume.'),
        reason='BACKUP_VOLUME_UNREADABLE',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    BACKUP_CREATE_DRIVER_ERROR = definition.Definition(
        '020', N_(
            'The backup could not be stored.'),
        reason='BACKUP_STORE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    ATTACH_ERROR = definition.Definition(
        '021', N_(
            'The volume could not be attached to the backup service.'),
        reason='BACKUP_ATTACH_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    DETACH_ERROR = definition.Definition(
        '022', N_(
            'The volume could not be detached from the backup service.'),
        reason='BACKUP_DETACH_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    BACKUP_CREATE_CLEANUP_ERROR = definition.Definition(
        '023', N_(
            'Temporary resources of the backup could not be removed.'),
        reason='BACKUP_CLEANUP_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    BACKUP_SCHEDULE_ERROR = definition.Definition(
        '024', N_(
            'No backup service could take the request.'),
        reason='NO_BACKUP_SERVICE_AVAILABLE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    BACKUP_DELETE_DRIVER_ERROR = definition.Definition(
        '025', N_(
            'The stored backup could not be deleted.'),
        reason='BACKUP_DELETE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    BACKUP_RESTORE_ERROR = definition.Definition(
        '026', N_(
            'The backup could not be written to the volume.'),
        reason='BACKUP_RESTORE_FAILED',
        remedy=N_(
            'Restore it to a new volume. If that fails too, contact your '
            'administrator.'),
        retry=definition.AFTER_CHANGE)
    VOLUME_INVALID_STATE = definition.Definition(
        '027', N_(
            'The status of the volume changed before the request was '
            'carried out.'),
        reason='VOLUME_INVALID_STATE',
        remedy=N_(
            'Check the status of the volume, then try again.'),
        retry=definition.NOW)
    REIMAGE_VOLUME_FAILED = definition.Definition(
        '028', N_(
            'The new image could not be written to the volume, and the '
            'content of the volume may be incomplete.'),
        reason='REIMAGE_VOLUME_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    IMAGE_FORMAT_UNACCEPTABLE = definition.Definition(
        '029', N_(
            'The format of the image is not accepted, or differs from the '
            'format that the image is registered with.'),
        reason='IMAGE_FORMAT_UNACCEPTABLE',
        remedy=N_(
            'Use an image with an accepted and correctly registered format.'),
        retry=definition.AFTER_CHANGE)
    INCREMENTAL_BACKUP_FORCES_FULL_BACKUP = definition.Definition(
        '030', N_(
            'An incremental backup was not possible, so a full backup was '
            'created instead.'),
        reason='INCREMENTAL_BACKUP_FORCES_FULL_BACKUP',
        retry=definition.NEVER)

    # Failures for which Cinder 29 reports no message.
    DRIVER_FAILED_DELETE = definition.Definition(
        '501', N_(
            'The storage system could not delete the volume.'),
        reason='BACKEND_DELETE_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    VOLUME_IS_BUSY = definition.Definition(
        '502', N_(
            'The volume is in use.'),
        reason='VOLUME_IS_BUSY',
        remedy=N_(
            'Detach the volume, or delete the snapshots and other resources '
            'that depend on it, then try again.'),
        retry=definition.AFTER_CHANGE,
        exceptions=('VolumeIsBusy',))
    DRIVER_FAILED_DETACH = definition.Definition(
        '503', N_(
            'The storage system could not detach the volume.'),
        reason='BACKEND_DETACH_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    DRIVER_FAILED_COPY = definition.Definition(
        '504', N_(
            'The data could not be copied.'),
        reason='COPY_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    RETYPE_NOT_POSSIBLE = definition.Definition(
        '505', N_(
            'The volume cannot be changed to this type at its present '
            'location.'),
        reason='RETYPE_REQUIRES_MIGRATION',
        remedy=N_(
            'Allow the volume to migrate, or choose another type.'),
        retry=definition.AFTER_CHANGE)
    DRIVER_FAILED_MIGRATE = definition.Definition(
        '506', N_(
            'The volume could not be migrated and remains at its present '
            'location.'),
        reason='BACKEND_MIGRATE_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    MANAGE_REFERENCE_INVALID = definition.Definition(
        '507', N_(
            'The existing storage was not found or cannot be managed.'),
        reason='MANAGE_REFERENCE_INVALID',
        remedy=N_(
            'Check the reference that you gave, the volume type and whether '
            'the storage is managed already.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'ManageExistingInvalidReference',
            'ManageExistingVolumeTypeMismatch',
            'ManageExistingAlreadyManaged'))
    TRANSFER_FAILED = definition.Definition(
        '508', N_(
            'The storage system could not change the owner of the volume.'),
        reason='TRANSFER_FAILED',
        remedy=N_(
            'Accept the transfer again. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.NOW)
    REVERT_FAILED = definition.Definition(
        '509', N_(
            'The volume could not be reverted, and its content may be '
            'incomplete.'),
        reason='REVERT_FAILED',
        remedy=N_(
            'Try again, or create a volume from the snapshot.'),
        retry=definition.NOW)
    GROUP_MEMBER_FAILED = definition.Definition(
        '510', N_(
            'The request failed for at least one member of the group.'),
        reason='GROUP_MEMBER_FAILED',
        remedy=N_(
            'Check the status of the volumes and snapshots of the group.'),
        retry=definition.AFTER_CHANGE)
    FAILOVER_FAILED = definition.Definition(
        '511', N_(
            'The volume could not be switched to its replica and may not be '
            'available.'),
        reason='FAILOVER_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.LATER)
    SERVICE_RESTARTED = definition.Definition(
        '512', N_(
            'The service was restarted before the request was finished.'),
        reason='SERVICE_RESTARTED',
        remedy=N_(
            'Check the status of the resource, then make the request again.'),
        retry=definition.NOW)


ACTIONS = definition.collect(vars(Action))
DETAILS = definition.collect(vars(Detail))
