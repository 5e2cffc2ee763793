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

"""The panel *Volumes > Messages* of a project."""

from django.utils.translation import gettext_lazy as _
import horizon

# Any name under which a service catalog has Block Storage.
PERMISSIONS = ((
    'openstack.services.block-storage', 'openstack.services.block-store',
    'openstack.services.volume', 'openstack.services.volumev3'),)


class Messages(horizon.Panel):
    """Messages about failed volumes, snapshots, backups and groups."""

    name = _('Messages')
    slug = 'messages'
    urls = 'cinder_messages.dashboard.project.urls'
    permissions = PERMISSIONS
    policy_rules = (('cinder_messages', 'message:get_all'),)
