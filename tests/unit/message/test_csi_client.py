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
000001 ResourceExhausted   An unknown error occurred.
000002 FailedPrecondition  No storage could be allocated for this volume request.
000003 FailedPrecondition  A read-only volume cannot be attached in read-write mode.
000004 FailedPrecondition  The image could not be created from the volume because the image quota is used up.
000005 Internal            An encrypted volume cannot be unmanaged.
001    ResourceExhausted   An unknown error occurred.
002    ResourceExhausted   The storage system is not ready.
003    FailedPrecondition  No storage system has enough free space and offers everything that the request requires.
004    ResourceExhausted   The content of the volume could not be uploaded to the image service.
005    FailedPrecondition  The volume does not allow the requested attach mode. A read-only volume can only be attached read-only.
006    FailedPrecondition  The request exceeds a quota of the project.
007    ResourceExhausted   There is not enough space to prepare the image for the volume.
008    Internal            An encrypted volume cannot be unmanaged.
010    ResourceExhausted   The storage system could not extend the volume.
012    Unavailable         The storage system could not create the volume.
015    FailedPrecondition  The snapshot is in use.
018    ResourceExhausted   The backup service is not running.
502    FailedPrecondition  The volume is in use.
512    Unavailable         The service was restarted before the request was finished.
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

    def test_known_reasons_have_the_status_of_the_table(self):
        for line in EXPECTED.strip().splitlines():
            id, status, text = line.split(None, 2)
            event_id = id if len(id) == 6 else f'VOLUME_VOLUME_001_{id}'
            self.assertEqual(text, self.catalog.explain(event_id).detail)
            self.assertEqual(status, self.decide(event_id), line)

    def test_every_reason_has_a_status(self):
        for one in self.catalog.events:
            self.assertIn(self.decide(str(one)), STATUS.values())
        for one in self.catalog.details:
            self.assertIn(self.decide(f'VOLUME_VOLUME_001_{one}'),
                          STATUS.values())

    def test_an_event_of_a_newer_version_is_repeated_with_a_back_off(self):
        self.assertEqual('ResourceExhausted',
                         self.decide('VOLUME_VOLUME_001_999'))
