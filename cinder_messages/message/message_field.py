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

"""The permitted messages made of two parts: what was done, why it failed.

An event id joins the two with the type of the resource,
``VOLUME_{resource}_{action}_{detail}``, and its text reads
``action:detail``: the action as a phrase that names what was going on, not one
that reads like an order to the user; the detail as sentences, by the rules in
``defined_messages``. Ids to 100 of actions and to 500 of details are Cinder's.
"""

from cinder_messages.i18n import N_
from cinder_messages.message import definition
from cinder_messages.message import resource_types


class Resource:
    """What failed."""

    VOLUME = resource_types.VOLUME
    VOLUME_SNAPSHOT = resource_types.VOLUME_SNAPSHOT
    VOLUME_BACKUP = resource_types.VOLUME_BACKUP


class Action:
    """What was being done."""

    SCHEDULE_ALLOCATE_VOLUME = definition.Definition(
        '001', N_('Allocating storage for the volume'))
    ATTACH_VOLUME = definition.Definition(
        '002', N_('Attaching the volume'))
    COPY_VOLUME_TO_IMAGE = definition.Definition(
        '003', N_('Copying the volume to an image'))
    UPDATE_ATTACHMENT = definition.Definition(
        '004', N_('Updating the attachment of the volume'))
    COPY_IMAGE_TO_VOLUME = definition.Definition(
        '005', N_('Copying the image to the volume'))
    UNMANAGE_VOLUME = definition.Definition(
        '006', N_('Unmanaging the volume'))
    EXTEND_VOLUME = definition.Definition(
        '007', N_('Extending the volume'))
    CREATE_VOLUME_FROM_BACKEND = definition.Definition(
        '008', N_('Creating the volume'))
    SNAPSHOT_CREATE = definition.Definition(
        '009', N_('Creating the snapshot'))
    SNAPSHOT_DELETE = definition.Definition(
        '010', N_('Deleting the snapshot'))
    SNAPSHOT_UPDATE = definition.Definition(
        '011', N_('Updating the snapshot'))
    SNAPSHOT_METADATA_UPDATE = definition.Definition(
        '012', N_('Updating the metadata of the snapshot'))
    BACKUP_CREATE = definition.Definition(
        '013', N_('Creating the backup'))
    BACKUP_DELETE = definition.Definition(
        '014', N_('Deleting the backup'))
    BACKUP_RESTORE = definition.Definition(
        '015', N_('Restoring the backup'))
    REIMAGE_VOLUME = definition.Definition(
        '016', N_('Writing a new image to the volume'))

    # Ours: what fails in Cinder 29 without any message.
    CREATE_VOLUME_FROM_SNAPSHOT = definition.Definition(
        '101', N_('Creating the volume from a snapshot'))
    CREATE_VOLUME_FROM_VOLUME = definition.Definition(
        '102', N_('Creating the volume from another volume'))
    CREATE_VOLUME_FROM_BACKUP = definition.Definition(
        '103', N_('Creating the volume from a backup'))
    DELETE_VOLUME = definition.Definition(
        '104', N_('Deleting the volume'))
    DETACH_VOLUME = definition.Definition(
        '105', N_('Detaching the volume'))
    RETYPE_VOLUME = definition.Definition(
        '106', N_('Changing the type of the volume'))
    MIGRATE_VOLUME = definition.Definition(
        '107', N_('Migrating the volume'))
    MANAGE_EXISTING = definition.Definition(
        '108', N_('Managing existing storage'))
    ACCEPT_TRANSFER = definition.Definition(
        '109', N_('Accepting the transfer of the volume'))
    REVERT_TO_SNAPSHOT = definition.Definition(
        '110', N_('Reverting the volume to a snapshot'))
    GROUP_CREATE = definition.Definition(
        '111', N_('Creating the group of volumes'))
    GROUP_UPDATE = definition.Definition(
        '112', N_('Updating the group of volumes'))
    GROUP_DELETE = definition.Definition(
        '113', N_('Deleting the group of volumes'))
    GROUP_SNAPSHOT_CREATE = definition.Definition(
        '114', N_('Creating the group snapshot'))
    GROUP_SNAPSHOT_DELETE = definition.Definition(
        '115', N_('Deleting the group snapshot'))
    FAILOVER_REPLICATION = definition.Definition(
        '116', N_('Failing over to the replica'))


class Detail:
    """Why it failed."""

    UNKNOWN_ERROR = definition.Definition('001', N_(
        'An unknown error occurred. Try the request again; if it keeps '
        'failing, contact your administrator and quote the request ID.'))
    DRIVER_NOT_INITIALIZED = definition.Definition('002', N_(
        'The storage back end is not ready. Try the request again later.'),
        exceptions=('DriverNotInitialized',))
    NO_BACKEND_AVAILABLE = definition.Definition('003', N_(
        'No storage back end has room for the volume or can give it what its '
        'type asks for. Try a smaller size, another type or another '
        'availability zone.'),
        exceptions=('NoValidBackend',))
    FAILED_TO_UPLOAD_VOLUME = definition.Definition('004', N_(
        'The volume could not be uploaded to the image service. Try the '
        'request again later.'))
    VOLUME_ATTACH_MODE_INVALID = definition.Definition('005', N_(
        'The volume does not allow the attach mode that was asked for. A '
        'read-only volume can only be attached read-only.'),
        exceptions=('InvalidVolumeAttachMode',))
    QUOTA_EXCEED = definition.Definition('006', N_(
        'The quota of the project is used up. Delete what is no longer '
        'needed, or ask for more quota.'),
        exceptions=('ImageLimitExceeded', 'BackupLimitExceeded',
                    'SnapshotLimitExceeded'))
    NOT_ENOUGH_SPACE_FOR_IMAGE = definition.Definition('007', N_(
        'The image does not fit into the volume. Create a larger volume.'),
        exceptions=('ImageTooBig',))
    UNMANAGE_ENC_NOT_SUPPORTED = definition.Definition('008', N_(
        'An encrypted volume cannot be unmanaged.'))
    NOTIFY_COMPUTE_SERVICE_FAILED = definition.Definition('009', N_(
        'The volume was extended, but the compute service could not be told. '
        'Detach the volume and attach it again, or restart the server, to '
        'see the new size.'))
    DRIVER_FAILED_EXTEND = definition.Definition('010', N_(
        'The storage back end could not extend the volume. Contact your '
        'administrator.'))
    SIGNATURE_VERIFICATION_FAILED = definition.Definition('011', N_(
        'The signature of the image could not be verified. Check the '
        'signature and the certificate of the image.'))
    DRIVER_FAILED_CREATE = definition.Definition('012', N_(
        'The storage back end could not create the volume. Try the request '
        'again; if it keeps failing, contact your administrator.'))
    SNAPSHOT_CREATE_ERROR = definition.Definition('013', N_(
        'The storage back end could not create the snapshot. Try the request '
        'again; if it keeps failing, contact your administrator.'))
    SNAPSHOT_UPDATE_METADATA_FAILED = definition.Definition('014', N_(
        'The snapshot was created, but its metadata could not be updated. '
        'Set the metadata again.'))
    SNAPSHOT_IS_BUSY = definition.Definition('015', N_(
        'The snapshot is in use. Delete what depends on it first, or try the '
        'request again later.'),
        exceptions=('SnapshotIsBusy',))
    SNAPSHOT_DELETE_ERROR = definition.Definition('016', N_(
        'The storage back end could not delete the snapshot. Try the request '
        'again; if it keeps failing, contact your administrator.'))
    BACKUP_INVALID_STATE = definition.Definition('017', N_(
        'The status of the backup changed before the request was carried '
        'out. Check the backup and try the request again.'))
    BACKUP_SERVICE_DOWN = definition.Definition('018', N_(
        'The backup service is not running. Try the request again later.'))
    BACKUP_CREATE_DEVICE_ERROR = definition.Definition('019', N_(
        'The backup service could not read the volume. Try the request '
        'again; if it keeps failing, contact your administrator.'))
    BACKUP_CREATE_DRIVER_ERROR = definition.Definition('020', N_(
        'The backup could not be stored. Try the request again; if it keeps '
        'failing, contact your administrator.'))
    ATTACH_ERROR = definition.Definition('021', N_(
        'The volume could not be attached to the backup service. Try the '
        'request again; if it keeps failing, contact your administrator.'))
    DETACH_ERROR = definition.Definition('022', N_(
        'The volume could not be detached from the backup service. Contact '
        'your administrator.'))
    BACKUP_CREATE_CLEANUP_ERROR = definition.Definition('023', N_(
        'What was made only to create the backup could not be removed. '
        'Contact your administrator.'))
    BACKUP_SCHEDULE_ERROR = definition.Definition('024', N_(
        'No backup service could take the request. Try the request again '
        'later.'))
    BACKUP_DELETE_DRIVER_ERROR = definition.Definition('025', N_(
        'The stored backup could not be deleted. Try the request again; if '
        'it keeps failing, contact your administrator.'))
    BACKUP_RESTORE_ERROR = definition.Definition('026', N_(
        'The backup could not be written to the volume. Restore it to a new '
        'volume; if that fails too, contact your administrator.'))
    VOLUME_INVALID_STATE = definition.Definition('027', N_(
        'The status of the volume changed before the request was carried '
        'out. Check the volume and try the request again.'))
    REIMAGE_VOLUME_FAILED = definition.Definition('028', N_(
        'The new image could not be written to the volume, whose content may '
        'be incomplete. Try the request again.'))
    IMAGE_FORMAT_UNACCEPTABLE = definition.Definition('029', N_(
        'The format of the image is not accepted. Use an image whose content '
        'is of the format that it is registered with.'))
    INCREMENTAL_BACKUP_FORCES_FULL_BACKUP = definition.Definition('030', N_(
        'An incremental backup was not possible, so a full backup was '
        'made.'))

    # Ours: what fails in Cinder 29 without any message.
    DRIVER_FAILED_DELETE = definition.Definition('501', N_(
        'The storage back end could not delete the volume. Try the request '
        'again; if it keeps failing, contact your administrator.'))
    VOLUME_IS_BUSY = definition.Definition('502', N_(
        'The volume is in use. Detach it, or delete what depends on it, and '
        'try the request again.'),
        exceptions=('VolumeIsBusy',))
    DRIVER_FAILED_DETACH = definition.Definition('503', N_(
        'The storage back end could not detach the volume. Contact your '
        'administrator.'))
    DRIVER_FAILED_COPY = definition.Definition('504', N_(
        'The data could not be copied. Try the request again; if it keeps '
        'failing, contact your administrator.'))
    RETYPE_NOT_POSSIBLE = definition.Definition('505', N_(
        'The volume cannot be changed to this type where it is. Ask for a '
        'migration, or choose another type.'))
    DRIVER_FAILED_MIGRATE = definition.Definition('506', N_(
        'The volume could not be migrated and stays where it was. Contact '
        'your administrator.'))
    MANAGE_REFERENCE_INVALID = definition.Definition('507', N_(
        'The storage to be managed was not found, or cannot be managed. '
        'Check the reference that was given.'),
        exceptions=('ManageExistingInvalidReference',
                    'ManageExistingVolumeTypeMismatch',
                    'ManageExistingAlreadyManaged'))
    TRANSFER_FAILED = definition.Definition('508', N_(
        'The storage back end could not change the owner of the volume. '
        'Accept the transfer again, or contact your administrator.'))
    REVERT_FAILED = definition.Definition('509', N_(
        'The volume could not be reverted, and its content may be '
        'incomplete. Try the request again, or create a volume from the '
        'snapshot.'))
    GROUP_MEMBER_FAILED = definition.Definition('510', N_(
        'The request failed for at least one member of the group. Check the '
        'status of its volumes and snapshots.'))
    FAILOVER_FAILED = definition.Definition('511', N_(
        'The volume could not be failed over and may not be available. '
        'Contact your administrator.'))
    SERVICE_RESTARTED = definition.Definition('512', N_(
        'The service was restarted before the request was finished. Check '
        'the resource and make the request again.'))


ACTIONS = definition.collect(vars(Action))
DETAILS = definition.collect(vars(Detail))
