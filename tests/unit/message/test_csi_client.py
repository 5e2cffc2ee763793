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

"""What a client of the Container Storage Interface does with ``retry``.

The table is what such a client needs to know of the catalog: it never reads a
reason, an id or a text.
"""

from cinder_messages.message import catalog
from tests import base

# gRPC status of the failed call. The caller repeats Unavailable at once and
# ResourceExhausted with a back-off; the others need a person.
STATUS = {
    'now': 'Unavailable',
    'later': 'ResourceExhausted',
    'after_change': 'FailedPrecondition',
    'never': 'Internal',
}

EXPECTED = '''
000001 ResourceExhausted   UNSPECIFIED_ERROR                     An unknown error occurred.
000002 FailedPrecondition  UNABLE_TO_ALLOCATE                    No storage could be allocated for this volume request.
000003 FailedPrecondition  ATTACH_READONLY_VOLUME                A read-only volume cannot be attached in read-write mode.
000004 FailedPrecondition  IMAGE_QUOTA_EXCEEDED                  The image could not be created from the volume because the image quota is used up.
000005 Internal            UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED An encrypted volume cannot be unmanaged.
000006 ResourceExhausted   MESSAGES_SUPPRESSED                   Further messages for this project were suppressed within one minute.
001    ResourceExhausted   UNKNOWN_ERROR                         An unknown error occurred.
002    ResourceExhausted   BACKEND_NOT_READY                     The storage system is not ready.
003    FailedPrecondition  NO_BACKEND_AVAILABLE                  No storage system has enough free space and offers everything that the request requires.
004    ResourceExhausted   IMAGE_UPLOAD_FAILED                   The content of the volume could not be uploaded to the image service.
005    FailedPrecondition  ATTACH_MODE_INVALID                   The volume does not allow the requested attach mode. A read-only volume can only be attached read-only.
006    FailedPrecondition  QUOTA_EXCEEDED                        The request exceeds a quota of the project.
007    FailedPrecondition  NOT_ENOUGH_SPACE_FOR_IMAGE            There is not enough space to prepare the image for the volume.
008    Internal            UNMANAGE_ENCRYPTED_NOT_SUPPORTED      An encrypted volume cannot be unmanaged.
009    Internal            NOTIFY_COMPUTE_SERVICE_FAILED         The volume was extended, but the server that uses it was not informed.
010    FailedPrecondition  BACKEND_EXTEND_FAILED                 The storage system could not extend the volume.
011    FailedPrecondition  IMAGE_SIGNATURE_VERIFICATION_FAILED   The signature of the image could not be verified.
012    Unavailable         BACKEND_CREATE_FAILED                 The storage system could not create the volume.
013    Unavailable         SNAPSHOT_CREATE_FAILED                The storage system could not create the snapshot.
014    Unavailable         SNAPSHOT_UPDATE_METADATA_FAILED       The snapshot was created, but its metadata could not be updated.
015    FailedPrecondition  SNAPSHOT_IS_BUSY                      The snapshot is in use.
016    Unavailable         SNAPSHOT_DELETE_FAILED                The storage system could not delete the snapshot.
017    FailedPrecondition  BACKUP_INVALID_STATE                  The status of the backup changed before the request was carried out.
018    ResourceExhausted   BACKUP_SERVICE_DOWN                   The backup service is not running.
019    Unavailable         BACKUP_VOLUME_UNREADABLE              The backup service could not read the volume.
020    Unavailable         BACKUP_STORE_FAILED                   The backup could not be stored.
021    Unavailable         BACKUP_ATTACH_FAILED                  The volume could not be attached to the backup service.
022    FailedPrecondition  BACKUP_DETACH_FAILED                  The volume could not be detached from the backup service.
023    FailedPrecondition  BACKUP_CLEANUP_FAILED                 Temporary resources of the backup could not be removed.
024    ResourceExhausted   NO_BACKUP_SERVICE_AVAILABLE           No backup service could take the request.
025    Unavailable         BACKUP_DELETE_FAILED                  The stored backup could not be deleted.
026    FailedPrecondition  BACKUP_RESTORE_FAILED                 The backup could not be written to the volume.
027    FailedPrecondition  VOLUME_INVALID_STATE                  The status of the volume changed before the request was carried out.
028    Unavailable         REIMAGE_VOLUME_FAILED                 The new image could not be written to the volume, and the content of the volume may be incomplete.
029    FailedPrecondition  IMAGE_FORMAT_UNACCEPTABLE             The format of the image is not accepted, or differs from the format that the image is registered with.
030    Internal            INCREMENTAL_BACKUP_FORCES_FULL_BACKUP An incremental backup was not possible, so a full backup was created instead.
501    Unavailable         BACKEND_DELETE_FAILED                 The storage system could not delete the volume.
502    FailedPrecondition  VOLUME_IS_BUSY                        The volume is in use.
503    FailedPrecondition  BACKEND_DETACH_FAILED                 The storage system could not detach the volume.
504    Unavailable         COPY_FAILED                           The data could not be copied.
505    FailedPrecondition  RETYPE_REQUIRES_MIGRATION             The volume cannot be changed to this type at its present location.
506    FailedPrecondition  BACKEND_MIGRATE_FAILED                The volume could not be migrated and remains at its present location.
507    FailedPrecondition  MANAGE_REFERENCE_INVALID              The existing storage was not found or cannot be managed.
508    Unavailable         TRANSFER_FAILED                       The storage system could not change the owner of the volume.
509    Unavailable         REVERT_FAILED                         The volume could not be reverted, and its content may be incomplete.
510    FailedPrecondition  GROUP_MEMBER_FAILED                   The request failed for at least one member of the group.
511    FailedPrecondition  FAILOVER_FAILED                       The volume could not be switched to its replica and may not be available.
512    Unavailable         SERVICE_RESTARTED                     The service was restarted before the request was finished.
513    ResourceExhausted   NO_BACKEND_SERVICE                    No storage service is available at the moment.
514    FailedPrecondition  NO_BACKEND_WITH_ROOM                  No storage system has enough free space.
515    FailedPrecondition  NO_BACKEND_IN_ZONE                    No storage system is available in the requested availability zone.
516    FailedPrecondition  NO_BACKEND_FOR_TYPE                   No storage system offers what the volume type requires.
517    FailedPrecondition  NO_BACKEND_FOR_HINTS                  No storage system satisfies the placement hints of the request.
518    FailedPrecondition  NO_BACKEND_BY_RULE                    No storage system accepts the request by its own rules.
519    FailedPrecondition  NO_BACKEND_MEETS_ALL                  No storage system meets all requirements at once: the size, the volume type, the availability zone and the placement hints.
520    ResourceExhausted   ALL_BACKENDS_FAILED                   All suitable storage systems failed to carry out the request.
521    ResourceExhausted   BACKEND_NOT_AVAILABLE                 The storage system of the volume is not available at the moment.
522    FailedPrecondition  BACKEND_HAS_NO_ROOM                   The storage system does not have enough free space.
523    FailedPrecondition  BACKEND_IN_OTHER_ZONE                 The storage system is not in the availability zone of the volume.
524    FailedPrecondition  BACKEND_LACKS_TYPE                    The storage system does not offer what the volume type requires.
525    FailedPrecondition  BACKEND_REFUSES_HINTS                 The storage system does not satisfy the placement hints of the volume.
526    FailedPrecondition  BACKEND_RULE_REFUSES                  The storage system does not accept the request by its own rules.
527    FailedPrecondition  BACKEND_MEETS_NOT_ALL                 No storage system that the volume could use meets all requirements at once: the size, the volume type and the availability zone.
528    FailedPrecondition  BACKEND_NOT_SUITABLE                  The storage system of the volume cannot accept the request.
529    ResourceExhausted   SERVICE_DOWN                          The service that has to finish the request is not running.
530    Unavailable         SCHEDULING_FAILED                     An internal error occurred while a storage system was being chosen.
531    Unavailable         DRIVER_FAILED_ATTACH                  The storage system could not connect the volume.
532    Unavailable         DRIVER_FAILED_UNMANAGE                The storage system could not release the storage.
533    FailedPrecondition  DRIVER_FAILED_MANAGE                  The storage system could not take over the existing storage.
534    Unavailable         DRIVER_FAILED_GROUP                   The storage system could not carry out the request for the group.
535    FailedPrecondition  DRIVER_FAILED_REPLICATION             The storage system could not change the replication.
536    Internal            NOT_REPLICATED                        The storage system was failed over, and the resource has no replica.
537    FailedPrecondition  EXPORT_FAILED                         After a restart of the storage service, the volume could not be made available to its server.
538    FailedPrecondition  MIGRATION_NOT_ALLOWED                 The volume would have to be migrated, which is not possible while it has snapshots or is replicated.
539    Unavailable         SNAPSHOT_NOT_DELETED                  A snapshot of the volume could not be deleted, so the volume was not deleted.
540    FailedPrecondition  BACKUP_OTHER_DRIVER                   The backup belongs to backup storage that the backup service does not use.
541    FailedPrecondition  BACKUP_RECORD_INVALID                 The backup record cannot be read, or does not describe this backup.
542    Unavailable         BACKUP_RESTORE_CANCELED               The restoring of the backup was canceled, and the content of the volume is incomplete.
543    FailedPrecondition  MORE_RESOURCES_FAILED                 The request failed for further resources that have no message of their own.
544    ResourceExhausted   IMAGE_NOT_READABLE                    The image could not be read from the image service.
545    FailedPrecondition  IMAGE_NOT_USABLE                      The image cannot be used: its format or content is not accepted, or it is larger than the volume.
546    ResourceExhausted   NO_ROOM_TO_CONVERT_IMAGE              There is not enough room to convert the image.
547    ResourceExhausted   BACKEND_NOT_REACHABLE                 The storage could not be reached.
548    Unavailable         TIMED_OUT                             The storage, or a service that it needs, did not answer in time.
549    FailedPrecondition  LIMIT_REACHED                         The storage system does not allow more snapshots or clones of the volume.
550    FailedPrecondition  RESOURCE_INVALID_STATE                The status of the resource does not allow the request any more.
551    Internal            STATUS_NOT_RESET                      The request was carried out, but the status of the resource could not be reset.
552    ResourceExhausted   KEY_MANAGER_FAILED                    The key manager could not provide the encryption key.
553    FailedPrecondition  NOT_SUPPORTED                         The storage system does not support the request.
554    FailedPrecondition  SOURCE_NOT_FOUND                      A resource that the request needs does not exist any more.
555    ResourceExhausted   SERVICE_UNAVAILABLE                   An internal service that the request needs is not available.
556    FailedPrecondition  CONNECTOR_INVALID                     The server cannot be connected to this storage system.
557    Unavailable         METADATA_NOT_UPDATED                  The data was stored, but its metadata could not be updated.
558    FailedPrecondition  INVALID_REPLICATION_TARGET            The replication target does not exist or cannot be used.
559    FailedPrecondition  ACCESS_DENIED                         Another service denied access to what the request needs.
'''  # noqa: E501


def decide(message):
    """Return the gRPC status for a message with the opt-in fields."""
    return STATUS[message['retry']]


class TestCsiClient(base.TestCase):

    def setUp(self):
        super().setUp()
        self.catalog = catalog.Catalog.builtin()

    def decide(self, event_id):
        return decide({'retry': self.catalog.explain(event_id).retry})

    def test_every_reason_has_the_status_of_the_table(self):
        rows = []
        for one in (*self.catalog.events, *self.catalog.details):
            event_id = (str(one) if one in self.catalog.events
                        else f'VOLUME_VOLUME_001_{one}')
            found = self.catalog.explain(event_id)
            rows.append(f'{str(one):6} {self.decide(event_id):18}  '
                        f'{found.reason:37} {found.detail}')

        self.assertEqual(EXPECTED.strip().splitlines(), rows)

    def test_an_event_of_a_newer_version_is_repeated_with_a_back_off(self):
        self.assertEqual('ResourceExhausted',
                         self.decide('VOLUME_VOLUME_001_999'))
