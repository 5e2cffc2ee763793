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

"""The permitted messages without an action: flat events.

Messages that separate the action from the reason are in ``message_field``.
To permit a message, add one entry here or there; see
``doc/source/contributor/adding-a-message.rst`` for the rules. Ids and reasons
are permanent.
"""

from cinder_messages.i18n import N_
from cinder_messages.message import definition

UNKNOWN_ERROR = definition.Definition(
    '000001', N_(
        'An unknown error occurred.'),
    reason='UNSPECIFIED_ERROR',
    remedy=N_(
        'Try again later. If it keeps failing, contact your administrator '
        'and quote the request ID.'),
    retry=definition.LATER)
UNABLE_TO_ALLOCATE = definition.Definition(
    '000002', N_(
        'No storage could be allocated for this volume request.'),
    reason='UNABLE_TO_ALLOCATE',
    remedy=N_(
        'Choose a smaller size, another volume type or another availability '
        'zone.'),
    retry=definition.AFTER_CHANGE)
ATTACH_READONLY_VOLUME = definition.Definition(
    '000003', N_(
        'A read-only volume cannot be attached in read-write mode.'),
    reason='ATTACH_READONLY_VOLUME',
    remedy=N_(
        'Attach the volume read-only, or make it writable first.'),
    retry=definition.AFTER_CHANGE)
IMAGE_FROM_VOLUME_OVER_QUOTA = definition.Definition(
    '000004', N_(
        'The image could not be created from the volume because the image '
        'quota is used up.'),
    reason='IMAGE_QUOTA_EXCEEDED',
    remedy=N_(
        'Delete images that you no longer need, or ask your administrator '
        'for more quota.'),
    retry=definition.AFTER_CHANGE)
UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED = definition.Definition(
    '000005', N_(
        'An encrypted volume cannot be unmanaged.'),
    reason='UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED',
    retry=definition.NEVER)
DEFINITIONS = definition.collect(globals())

# NOTE: behind DEFINITIONS because no service may report it: the emitter does,
# in place of messages above its rate limit. ``count`` of the message is the
# number of them.
SUPPRESSED = definition.Definition(
    '000006', N_(
        'Further messages for this project were suppressed within one '
        'minute.'),
    reason='MESSAGES_SUPPRESSED',
    remedy=N_(
        'Read the messages of that minute for the reasons. Contact your '
        'administrator if you did not expect so many failures.'),
    retry=definition.LATER)
SUPPRESSED_ONE = N_(
    'One further message for this project was suppressed within one minute.')
SUPPRESSED_COUNT = N_(
    '%(count)s further messages for this project were suppressed within one '
    'minute.')
