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

"""The permitted messages that stand for themselves: flat events.

For what was being done and why it failed, told apart, see ``message_field``.
To permit a message, add one entry. Its id is for ever. Its text must be fit
for any user's eyes and hold nothing of an exception, a driver, a host or a
path; where there is something to do, it says what.
"""

from cinder_messages.i18n import N_
from cinder_messages.message import definition

UNKNOWN_ERROR = definition.Definition('000001', N_(
    'An unknown error occurred. Try the request again; if it keeps failing, '
    'contact your administrator and quote the request ID.'))
UNABLE_TO_ALLOCATE = definition.Definition('000002', N_(
    'No storage could be allocated for this volume request.'))
ATTACH_READONLY_VOLUME = definition.Definition('000003', N_(
    'A read-only volume cannot be attached in read-write mode. Attach it '
    'read-only, or make it writable first.'))
IMAGE_FROM_VOLUME_OVER_QUOTA = definition.Definition('000004', N_(
    'No image could be made of the volume because the image quota is used '
    'up. Delete images that are no longer needed, or ask for more quota.'))
UNMANAGE_ENCRYPTED_VOLUME_UNSUPPORTED = definition.Definition('000005', N_(
    'An encrypted volume cannot be unmanaged.'))
DEFINITIONS = definition.collect(globals())

# NOTE: the writer's own, and no service may report it. How many there were is
# the detail_id of the message.
SUPPRESSED = definition.Definition('000006', N_(
    '%(count)s more messages came for this project within a minute than are '
    'kept, and are not shown one by one. Ask your administrator why so many '
    'requests fail.'))
