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


"""What is in the configuration files of a stack."""

CINDER = """\
[DEFAULT]
auth_strategy = keystone
transport_url = {transport_url}
host = {host}
state_path = {directory}/state
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 1
api_paste_config = {directory}/etc/cinder/api-paste.ini
resource_query_filters_file = {directory}/etc/cinder/resource_filters.json
enabled_backends = one,two
backup_driver = hollow_backup.HollowBackup
backend_stats_polling_interval = 5
periodic_fuzzy_delay = 0
quota_volumes = -1
quota_gigabytes = -1

[database]
connection = {connection}

[keystone_authtoken]
www_authenticate_uri = {keystone_url}
auth_url = {keystone_url}
auth_type = password
username = cinder
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
service_token_roles_required = true

[oslo_concurrency]
lock_path = {directory}/state/lock
"""

BACKEND = """
[{name}]
volume_driver = hollow_driver.HollowDriver
volume_backend_name = {name}
"""

OURS = """\
[DEFAULT]
transport_url = {transport_url}

[database]
connection = {connection}
"""

MANAGERS = """\
scheduler_manager = cinder_messages.integration.managers.SchedulerManager
volume_manager = cinder_messages.integration.managers.VolumeManager
backup_manager = cinder_messages.integration.managers.BackupManager
"""
