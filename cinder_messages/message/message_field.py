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
    ENABLE_REPLICATION = definition.Action(
        '117', N_('Enabling the replication of the group'),
        name='ENABLE_REPLICATION')
    DISABLE_REPLICATION = definition.Action(
        '118', N_('Disabling the replication of the group'),
        name='DISABLE_REPLICATION')
    FAILOVER_GROUP = definition.Action(
        '119', N_('Failing over the group to its replica'),
        name='FAILOVER_GROUP')
    IMPORT_BACKUP = definition.Action(
        '120', N_('Importing the backup'),
        name='IMPORT_BACKUP')
    UNMANAGE_SNAPSHOT = definition.Action(
        '121', N_('Unmanaging the snapshot'),
        name='UNMANAGE_SNAPSHOT')
    USE_VOLUME_AS_IMAGE = definition.Action(
        '122', N_('Taking a copy of the volume for its image'),
        name='USE_VOLUME_AS_IMAGE')
    GROUP_CREATE_FROM_SOURCE = definition.Action(
        '123', N_('Creating the group from another group or a group snapshot'),
        name='GROUP_CREATE_FROM_SOURCE')
    EXPORT_VOLUME = definition.Action(
        '124', N_('Making the volume available to its server'),
        name='EXPORT_VOLUME')
    RESET_BACKUP_STATUS = definition.Action(
        '125', N_('Resetting the status of the backup'),
        name='RESET_BACKUP_STATUS')


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
            'The volume does not allow the requested attach mode. A '
            'read-only volume can only be attached read-only.'),
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
            'ImageLimitExceeded', 'BackupLimitExceeded',
            'SnapshotLimitExceeded'))
    NOT_ENOUGH_SPACE_FOR_IMAGE = definition.Definition(
        '007', N_(
            'There is not enough space to prepare the image for the volume.'),
        reason='NOT_ENOUGH_SPACE_FOR_IMAGE',
        remedy=N_(
            'Use a smaller image, or contact your administrator.'),
        retry=definition.AFTER_CHANGE,
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
        retry=definition.AFTER_CHANGE)
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
        retry=definition.AFTER_CHANGE)
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
        retry=definition.AFTER_CHANGE)
    BACKUP_CREATE_CLEANUP_ERROR = definition.Definition(
        '023', N_(
            'Temporary resources of the backup could not be removed.'),
        reason='BACKUP_CLEANUP_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
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
        retry=definition.AFTER_CHANGE)
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
        exceptions=(
            'VolumeIsBusy',
            'VolumeAttached'))
    DRIVER_FAILED_DETACH = definition.Definition(
        '503', N_(
            'The storage system could not detach the volume.'),
        reason='BACKEND_DETACH_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    DRIVER_FAILED_COPY = definition.Definition(
        '504', N_(
            'The data could not be copied.'),
        reason='COPY_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW,
        exceptions=('ImageCopyFailure',))
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
        retry=definition.AFTER_CHANGE)
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
        retry=definition.AFTER_CHANGE)
    SERVICE_RESTARTED = definition.Definition(
        '512', N_(
            'The service was restarted before the request was finished.'),
        reason='SERVICE_RESTARTED',
        remedy=N_(
            'Check the status of the resource, then make the request again.'),
        retry=definition.NOW)
    NO_BACKEND_SERVICE = definition.Definition(
        '513', N_(
            'No storage service is available at the moment.'),
        reason='NO_BACKEND_SERVICE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    NO_BACKEND_WITH_ROOM = definition.Definition(
        '514', N_(
            'No storage system has enough free space.'),
        reason='NO_BACKEND_WITH_ROOM',
        remedy=N_(
            'Try a smaller size, or try again later.'),
        retry=definition.AFTER_CHANGE)
    NO_BACKEND_IN_ZONE = definition.Definition(
        '515', N_(
            'No storage system is available in the requested availability '
            'zone.'),
        reason='NO_BACKEND_IN_ZONE',
        remedy=N_(
            'Choose another availability zone.'),
        retry=definition.AFTER_CHANGE)
    NO_BACKEND_FOR_TYPE = definition.Definition(
        '516', N_(
            'No storage system offers what the volume type requires.'),
        reason='NO_BACKEND_FOR_TYPE',
        remedy=N_(
            'Choose another volume type, or contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    NO_BACKEND_FOR_HINTS = definition.Definition(
        '517', N_(
            'No storage system satisfies the placement hints of the request.'),
        reason='NO_BACKEND_FOR_HINTS',
        remedy=N_(
            'Change the placement hints or leave them out.'),
        retry=definition.AFTER_CHANGE)
    NO_BACKEND_BY_RULE = definition.Definition(
        '518', N_(
            'No storage system accepts the request by its own rules.'),
        reason='NO_BACKEND_BY_RULE',
        remedy=N_(
            'Try another size or volume type, or contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    NO_BACKEND_MEETS_ALL = definition.Definition(
        '519', N_(
            'No storage system meets all requirements at once: the size, the '
            'volume type, the availability zone and the placement hints.'),
        reason='NO_BACKEND_MEETS_ALL',
        remedy=N_(
            'Change one of them, then try again.'),
        retry=definition.AFTER_CHANGE)
    ALL_BACKENDS_FAILED = definition.Definition(
        '520', N_(
            'All suitable storage systems failed to carry out the request.'),
        reason='ALL_BACKENDS_FAILED',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    BACKEND_NOT_AVAILABLE = definition.Definition(
        '521', N_(
            'The storage system of the volume is not available at the '
            'moment.'),
        reason='BACKEND_NOT_AVAILABLE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    BACKEND_HAS_NO_ROOM = definition.Definition(
        '522', N_(
            'The storage system does not have enough free space.'),
        reason='BACKEND_HAS_NO_ROOM',
        remedy=N_(
            'Try a smaller size, or contact your administrator.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'RemoteFSNoSuitableShareFound',))
    BACKEND_IN_OTHER_ZONE = definition.Definition(
        '523', N_(
            'The storage system is not in the availability zone of the '
            'volume.'),
        reason='BACKEND_IN_OTHER_ZONE',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKEND_LACKS_TYPE = definition.Definition(
        '524', N_(
            'The storage system does not offer what the volume type '
            'requires.'),
        reason='BACKEND_LACKS_TYPE',
        remedy=N_(
            'Choose another volume type, or contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKEND_REFUSES_HINTS = definition.Definition(
        '525', N_(
            'The storage system does not satisfy the placement hints of the '
            'volume.'),
        reason='BACKEND_REFUSES_HINTS',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKEND_RULE_REFUSES = definition.Definition(
        '526', N_(
            'The storage system does not accept the request by its own '
            'rules.'),
        reason='BACKEND_RULE_REFUSES',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKEND_MEETS_NOT_ALL = definition.Definition(
        '527', N_(
            'No storage system that the volume could use meets all '
            'requirements at once: the size, the volume type and the '
            'availability zone.'),
        reason='BACKEND_MEETS_NOT_ALL',
        remedy=N_(
            'Change the request, or contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKEND_NOT_SUITABLE = definition.Definition(
        '528', N_(
            'The storage system of the volume cannot accept the request.'),
        reason='BACKEND_NOT_SUITABLE',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    SERVICE_DOWN = definition.Definition(
        '529', N_(
            'The service that has to finish the request is not running.'),
        reason='SERVICE_DOWN',
        remedy=N_(
            'Wait until the service runs again, or contact your '
            'administrator.'),
        retry=definition.LATER)
    SCHEDULING_FAILED = definition.Definition(
        '530', N_(
            'An internal error occurred while a storage system was being '
            'chosen.'),
        reason='SCHEDULING_FAILED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    DRIVER_FAILED_ATTACH = definition.Definition(
        '531', N_(
            'The storage system could not connect the volume.'),
        reason='DRIVER_FAILED_ATTACH',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    DRIVER_FAILED_UNMANAGE = definition.Definition(
        '532', N_(
            'The storage system could not release the storage.'),
        reason='DRIVER_FAILED_UNMANAGE',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    DRIVER_FAILED_MANAGE = definition.Definition(
        '533', N_(
            'The storage system could not take over the existing storage.'),
        reason='DRIVER_FAILED_MANAGE',
        remedy=N_(
            'Check the reference. If it is right, contact your '
            'administrator.'),
        retry=definition.AFTER_CHANGE)
    DRIVER_FAILED_GROUP = definition.Definition(
        '534', N_(
            'The storage system could not carry out the request for the '
            'group.'),
        reason='DRIVER_FAILED_GROUP',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW)
    DRIVER_FAILED_REPLICATION = definition.Definition(
        '535', N_(
            'The storage system could not change the replication.'),
        reason='DRIVER_FAILED_REPLICATION',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'UnableToFailOver', 'ReplicationError'))
    NOT_REPLICATED = definition.Definition(
        '536', N_(
            'The storage system was failed over, and the resource has no '
            'replica.'),
        reason='NOT_REPLICATED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.NEVER)
    EXPORT_FAILED = definition.Definition(
        '537', N_(
            'After a restart of the storage service, the volume could not be '
            'made available to its server.'),
        reason='EXPORT_FAILED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    MIGRATION_NOT_ALLOWED = definition.Definition(
        '538', N_(
            'The volume would have to be migrated, which is not possible '
            'while it has snapshots or is replicated.'),
        reason='MIGRATION_NOT_ALLOWED',
        remedy=N_(
            'Delete its snapshots, or choose another volume type.'),
        retry=definition.AFTER_CHANGE)
    SNAPSHOT_NOT_DELETED = definition.Definition(
        '539', N_(
            'A snapshot of the volume could not be deleted, so the volume was'
            ' not deleted.'),
        reason='SNAPSHOT_NOT_DELETED',
        remedy=N_(
            'Check the snapshots of the volume, then try again.'),
        retry=definition.NOW)
    BACKUP_OTHER_DRIVER = definition.Definition(
        '540', N_(
            'The backup belongs to backup storage that the backup service '
            'does not use.'),
        reason='BACKUP_OTHER_DRIVER',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE)
    BACKUP_RECORD_INVALID = definition.Definition(
        '541', N_(
            'The backup record cannot be read, or does not describe this '
            'backup.'),
        reason='BACKUP_RECORD_INVALID',
        remedy=N_(
            'Check the backup record and its backup service, then import it '
            'again.'),
        retry=definition.AFTER_CHANGE)
    BACKUP_RESTORE_CANCELED = definition.Definition(
        '542', N_(
            'The restoring of the backup was canceled, and the content of the'
            ' volume is incomplete.'),
        reason='BACKUP_RESTORE_CANCELED',
        remedy=N_(
            'Restore the backup again, or delete the volume.'),
        retry=definition.NOW,
        exceptions=(
            'BackupRestoreCancel',))
    MORE_RESOURCES_FAILED = definition.Definition(
        '543', N_(
            'The request failed for further resources that have no message of'
            ' their own.'),
        reason='MORE_RESOURCES_FAILED',
        remedy=N_(
            'Check the status of the resources of the request.'),
        retry=definition.AFTER_CHANGE)
    IMAGE_NOT_READABLE = definition.Definition(
        '544', N_(
            'The image could not be read from the image service.'),
        reason='IMAGE_NOT_READABLE',
        remedy=N_(
            'Check that the image exists, is active and is accessible, then '
            'try again later.'),
        retry=definition.LATER,
        exceptions=(
            'ImageNotFound', 'ImageNotAuthorized', 'GlanceConnectionFailed',
            'ImageDownloadFailed', 'GlanceStoreNotFound', 'InvalidImageRef'))
    IMAGE_NOT_USABLE = definition.Definition(
        '545', N_(
            'The image cannot be used: its format or content is not accepted,'
            ' or it is larger than the volume.'),
        reason='IMAGE_NOT_USABLE',
        remedy=N_(
            'Use another image or a larger volume.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'ImageUnacceptable', 'ImageCompressionNotAllowed'))
    NO_ROOM_TO_CONVERT_IMAGE = definition.Definition(
        '546', N_(
            'There is not enough room to convert the image.'),
        reason='NO_ROOM_TO_CONVERT_IMAGE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER)
    BACKEND_NOT_REACHABLE = definition.Definition(
        '547', N_(
            'The storage could not be reached.'),
        reason='BACKEND_NOT_REACHABLE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER,
        exceptions=(
            'ConnectionError', 'NoValidConnectionsError', 'SSHException',
            'TargetPortalNotFound', 'FailedISCSITargetPortalLogin',
            'VolumeDeviceNotFound', 'VolumePathsNotFound',
            'NoFibreChannelVolumeDeviceFound', 'NoFibreChannelHostsFound',
            'DeviceUnavailable', 'RemoteFSNoSharesMounted',
            'SwiftConnectionFailed', 'EndpointConnectionError'))
    TIMED_OUT = definition.Definition(
        '548', N_(
            'The storage, or a service that it needs, did not answer in '
            'time.'),
        reason='TIMED_OUT',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW,
        exceptions=(
            'TimeoutError', 'MessagingTimeout', 'RPCTimeout', 'APITimeout',
            'Timeout', 'ExecutionTimeout', 'LoopingCallTimeOut'))
    LIMIT_REACHED = definition.Definition(
        '549', N_(
            'The storage system does not allow more snapshots or clones of '
            'the volume.'),
        reason='LIMIT_REACHED',
        remedy=N_(
            'Delete snapshots or clones that are not needed, then try again.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'SnapshotLimitReached',))
    RESOURCE_INVALID_STATE = definition.Definition(
        '550', N_(
            'The status of the resource does not allow the request any more.'),
        reason='RESOURCE_INVALID_STATE',
        remedy=N_(
            'Check the status of the resource, then try again.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'InvalidSnapshot', 'InvalidGroup', 'InvalidGroupStatus',
            'InvalidGroupSnapshot', 'InvalidGroupSnapshotStatus',
            'SnapshotUnavailable', 'CleanableInUse'))
    STATUS_NOT_RESET = definition.Definition(
        '551', N_(
            'The request was carried out, but the status of the resource '
            'could not be reset.'),
        reason='STATUS_NOT_RESET',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.NEVER,
        exceptions=(
            'BadResetResourceStatus',))
    KEY_MANAGER_FAILED = definition.Definition(
        '552', N_(
            'The key manager could not provide the encryption key.'),
        reason='KEY_MANAGER_FAILED',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER,
        exceptions=(
            'KeyManagerError', 'CastellanException',
            'ManagedObjectNotFoundError', 'EncryptedBackupOperationFailed'))
    NOT_SUPPORTED = definition.Definition(
        '553', N_(
            'The storage system does not support the request.'),
        reason='NOT_SUPPORTED',
        remedy=N_(
            'Choose another volume type, or contact your administrator.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'NotImplementedError', 'NotSupportedOperation',
            'ProtocolNotSupported', 'VolumeEncryptionNotSupported',
            'InvalidConnectorProtocol'))
    SOURCE_NOT_FOUND = definition.Definition(
        '554', N_(
            'A resource that the request needs does not exist any more.'),
        reason='SOURCE_NOT_FOUND',
        remedy=N_(
            'Check the resources that the request refers to.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'VolumeNotFound', 'SnapshotNotFound', 'VolumeSnapshotNotFound',
            'BackupNotFound', 'GroupNotFound', 'GroupSnapshotNotFound',
            'VolumeTypeNotFound', 'GroupTypeNotFound',
            'VolumeAttachmentNotFound'))
    SERVICE_UNAVAILABLE = definition.Definition(
        '555', N_(
            'An internal service that the request needs is not available.'),
        reason='SERVICE_UNAVAILABLE',
        remedy=N_(
            'Try again later. If it keeps failing, contact your '
            'administrator.'),
        retry=definition.LATER,
        exceptions=(
            'ServiceNotFound', 'ServiceUnavailable', 'ServiceTooOld',
            'MessageDeliveryFailure', 'MessageUndeliverable',
            'DBConnectionError', 'LockCreationFailed', 'ToozError'))
    CONNECTOR_INVALID = definition.Definition(
        '556', N_(
            'The server cannot be connected to this storage system.'),
        reason='CONNECTOR_INVALID',
        remedy=N_(
            'Use another server or volume type, or contact your '
            'administrator.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'InvalidConnectorException',))
    METADATA_NOT_UPDATED = definition.Definition(
        '557', N_(
            'The data was stored, but its metadata could not be updated.'),
        reason='METADATA_NOT_UPDATED',
        remedy=N_(
            'Try again. If it keeps failing, contact your administrator.'),
        retry=definition.NOW,
        exceptions=(
            'MetadataCopyFailure', 'MetadataUpdateFailure'))
    INVALID_REPLICATION_TARGET = definition.Definition(
        '558', N_(
            'The replication target does not exist or cannot be used.'),
        reason='INVALID_REPLICATION_TARGET',
        remedy=N_(
            'Choose another replication target.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'InvalidReplicationTarget',))
    ACCESS_DENIED = definition.Definition(
        '559', N_(
            'Another service denied access to what the request needs.'),
        reason='ACCESS_DENIED',
        remedy=N_(
            'Contact your administrator.'),
        retry=definition.AFTER_CHANGE,
        exceptions=(
            'NotAuthorized', 'ServiceUserTokenNoAuth'))


ACTIONS = definition.collect(vars(Action))
DETAILS = definition.collect(vars(Detail))

# The text of MORE_RESOURCES_FAILED with ``count`` of the message.
MORE_RESOURCES_COUNT = N_(
    'Further resources that failed and have no message of their own: '
    '%(count)s.')
