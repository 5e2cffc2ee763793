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

# Copy this file to openstack_dashboard/local/local_settings.d/. It registers
# the policies of messages, so that Horizon offers what the service permits.
# If you change policy.yaml of the service, name a copy of it here.
import os

import cinder_messages

_POLICY = os.path.join(os.path.dirname(cinder_messages.__file__),
                       'dashboard', 'conf')
POLICY_FILES['cinder_messages'] = os.path.join(  # noqa: F821
    _POLICY, 'policy.yaml')
DEFAULT_POLICY_FILES['cinder_messages'] = os.path.join(  # noqa: F821
    _POLICY, 'default_policies.yaml')
