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

# Copy this file to openstack_dashboard/local/enabled/.
PANEL = 'messages'
PANEL_DASHBOARD = 'project'
PANEL_GROUP = 'volumes'
ADD_PANEL = 'cinder_messages.dashboard.project.panel.Messages'
ADD_INSTALLED_APPS = ['cinder_messages.dashboard']
EXTRA_TABS = {
    'openstack_dashboard.dashboards.project.volumes.tabs.VolumeDetailTabs': (
        (10, 'cinder_messages.dashboard.project.tabs.VolumeFailuresTab'),
    ),
}
