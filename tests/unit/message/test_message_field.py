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

import collections
import re

from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import message_field
from tests import base

# What Cinder 29 can emit, as its documentation and its users know it.
ACTIONS = {
    'SCHEDULE_ALLOCATE_VOLUME': '001',
    'ATTACH_VOLUME': '002',
    'COPY_VOLUME_TO_IMAGE': '003',
    'UPDATE_ATTACHMENT': '004',
    'COPY_IMAGE_TO_VOLUME': '005',
    'UNMANAGE_VOLUME': '006',
    'EXTEND_VOLUME': '007',
    'CREATE_VOLUME_FROM_BACKEND': '008',
    'SNAPSHOT_CREATE': '009',
    'SNAPSHOT_DELETE': '010',
    'SNAPSHOT_UPDATE': '011',
    'SNAPSHOT_METADATA_UPDATE': '012',
    'BACKUP_CREATE': '013',
    'BACKUP_DELETE': '014',
    'BACKUP_RESTORE': '015',
    'REIMAGE_VOLUME': '016',
}
DETAILS = {
    'UNKNOWN_ERROR': '001',
    'DRIVER_NOT_INITIALIZED': '002',
    'NO_BACKEND_AVAILABLE': '003',
    'FAILED_TO_UPLOAD_VOLUME': '004',
    'VOLUME_ATTACH_MODE_INVALID': '005',
    'QUOTA_EXCEED': '006',
    'NOT_ENOUGH_SPACE_FOR_IMAGE': '007',
    'UNMANAGE_ENC_NOT_SUPPORTED': '008',
    'NOTIFY_COMPUTE_SERVICE_FAILED': '009',
    'DRIVER_FAILED_EXTEND': '010',
    'SIGNATURE_VERIFICATION_FAILED': '011',
    'DRIVER_FAILED_CREATE': '012',
    'SNAPSHOT_CREATE_ERROR': '013',
    'SNAPSHOT_UPDATE_METADATA_FAILED': '014',
    'SNAPSHOT_IS_BUSY': '015',
    'SNAPSHOT_DELETE_ERROR': '016',
    'BACKUP_INVALID_STATE': '017',
    'BACKUP_SERVICE_DOWN': '018',
    'BACKUP_CREATE_DEVICE_ERROR': '019',
    'BACKUP_CREATE_DRIVER_ERROR': '020',
    'ATTACH_ERROR': '021',
    'DETACH_ERROR': '022',
    'BACKUP_CREATE_CLEANUP_ERROR': '023',
    'BACKUP_SCHEDULE_ERROR': '024',
    'BACKUP_DELETE_DRIVER_ERROR': '025',
    'BACKUP_RESTORE_ERROR': '026',
    'VOLUME_INVALID_STATE': '027',
    'REIMAGE_VOLUME_FAILED': '028',
    'IMAGE_FORMAT_UNACCEPTABLE': '029',
    'INCREMENTAL_BACKUP_FORCES_FULL_BACKUP': '030',
}
EXCEPTIONS = {
    'DriverNotInitialized': '002',
    'NoValidBackend': '003',
    'InvalidVolumeAttachMode': '005',
    'ImageLimitExceeded': '006',
    'BackupLimitExceeded': '006',
    'SnapshotLimitExceeded': '006',
    'ImageTooBig': '007',
    'SnapshotIsBusy': '015',
}

# What may not be read in a text: where a user cannot look or go.
INTERNAL = re.compile(
    r'\b(driver|exception|host|hostname|node|traceback|path|file|log|logs|rpc|'
    r'database|cinder|nova|glance|null|none|errno|sql|backend|back end|queue|'
    r'broker|writer|spool|daemon|process|thread|scheduler)\b|[/\\<>{}%_]',
    re.I)


def names(namespace):
    """The constants of a class: name and value."""
    return {name: str(value) for name, value in vars(namespace).items()
            if name.isupper()}


class TestMessageField(base.TestCase):

    def test_actions_of_cinder_keep_name_and_id(self):
        ours = names(message_field.Action)

        self.assertEqual(ACTIONS, {
            name: id for name, id in ours.items() if int(id) <= 100})

    def test_details_of_cinder_keep_name_and_id(self):
        ours = names(message_field.Detail)

        self.assertEqual(DETAILS, {
            name: id for name, id in ours.items() if int(id) <= 500})

    def test_exceptions_of_cinder_select_the_same_detail(self):
        selected = {
            name: str(detail) for detail in message_field.DETAILS
            for name in detail.exceptions if int(detail) <= 500}

        self.assertEqual(EXCEPTIONS, selected)

    def test_no_exception_selects_two_details(self):
        counted = collections.Counter(
            name for detail in message_field.DETAILS
            for name in detail.exceptions)

        self.assertEqual([], [name for name, count in counted.items()
                              if count > 1])

    def test_each_constant_is_collected_once(self):
        for namespace, collected in (
                (message_field.Action, message_field.ACTIONS),
                (message_field.Detail, message_field.DETAILS)):
            self.assertEqual(
                sorted(names(namespace).values()), sorted(collected))
            self.assertEqual(len(collected), len(set(collected)))

    def test_resources_are_those_of_cinder_and_groups(self):
        self.assertEqual(
            {'VOLUME': 'VOLUME', 'VOLUME_SNAPSHOT': 'VOLUME_SNAPSHOT',
             'VOLUME_BACKUP': 'VOLUME_BACKUP',
             'VOLUME_GROUP': 'VOLUME_GROUP',
             'VOLUME_GROUP_SNAPSHOT': 'VOLUME_GROUP_SNAPSHOT'},
            names(message_field.Resource))


EVENTS = (*defined_messages.DEFINITIONS, defined_messages.SUPPRESSED)
REASONS = EVENTS + message_field.DETAILS
TEXTS = [one.text for one in REASONS + message_field.ACTIONS] + [
    one.remedy for one in REASONS if one.remedy]


class TestParts(base.TestCase):
    """What every entry must have; a reason and an id are permanent."""

    def test_each_reason_has_all_parts(self):
        for one in REASONS:
            self.assertTrue(definition.is_name(one.reason), repr(one))
            self.assertTrue(definition.is_text(one.text), one.reason)
            self.assertTrue(not one.remedy or definition.is_text(one.remedy),
                            one.reason)
            self.assertIn(one.retry, definition.RETRY)

    def test_there_is_a_remedy_unless_nothing_can_be_done(self):
        for one in REASONS:
            self.assertTrue(one.remedy or one.retry == definition.NEVER,
                            one.reason)

    def test_a_remedy_and_the_advice_to_retry_agree(self):
        """A user reads both: "Contact your administrator.", "yes, later".

        Who waits or repeats the request finds so in the remedy.
        """
        rules = {
            definition.NOW: r'^(?!.*\b(later|[Ww]ait)\b).*\bagain\b',
            definition.LATER: r'\b(later|[Ww]ait)\b',
            definition.AFTER_CHANGE: r'^(?!Try again)',
            definition.NEVER: r'^(?!.*\b(try again|another|later)\b)',
        }
        # NOTE: it stands for failures whose reasons it does not know.
        for one in set(REASONS) - {defined_messages.SUPPRESSED}:
            self.assertRegex(one.remedy, rules[one.retry], one.reason)

    def test_each_action_has_a_name(self):
        for one in message_field.ACTIONS:
            self.assertIsInstance(one, definition.Action)
            self.assertTrue(definition.is_name(one.name), repr(one))

    def test_an_action_is_named_like_its_constant(self):
        for name, value in vars(message_field.Action).items():
            if name.isupper():
                self.assertEqual(name, value.name)

    def test_names_are_unique_over_all_entries(self):
        counted = collections.Counter(
            one.name for one in REASONS + message_field.ACTIONS)

        self.assertEqual([], [name for name, count in counted.items()
                              if count > 1])


class TestTexts(base.TestCase):
    """The rules that each text obeys."""

    def test_texts_and_remedies_are_whole_sentences(self):
        for one in REASONS:
            for text in (one.text, one.remedy):
                self.assertRegex(text or 'No remedy.',
                                 r'^[A-Z].*[A-Za-z]\.$')

    def test_actions_are_phrases_that_name_what_was_going_on(self):
        for one in message_field.ACTIONS:
            self.assertRegex(one.text, r'^[A-Z][a-z]+ing [a-z ]+[a-z]$')

    def test_none_tells_of_what_is_inside(self):
        for text in TEXTS:
            self.assertIsNone(INTERNAL.search(text), text)

    def test_none_is_untidy(self):
        for text in TEXTS:
            self.assertEqual(' '.join(text.split()), text)
            self.assertNotIn('- ', text)
            self.assertLess(len(text), 255)

    def test_no_two_actions_and_no_two_details_read_the_same(self):
        for collected in (message_field.ACTIONS, message_field.DETAILS):
            texts = [one.text for one in collected]
            self.assertEqual(sorted(set(texts)), sorted(texts))
