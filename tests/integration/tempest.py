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

"""Tempest, told where a Cinder is that has nothing else around it."""

import fixtures

from tests import process
from tests.services import keystone

_CONFIG = """\
[DEFAULT]
log_file = {directory}/tempest.log

[auth]
admin_username = admin
admin_password = {password}
admin_project_name = admin
admin_domain_name = Default
tempest_roles = member

[identity]
auth_version = v3
uri_v3 = {url}
region = {region}

[oslo_concurrency]
lock_path = {directory}

[service_available]
cinder = true
glance = false
horizon = false
neutron = false
nova = false
swift = false

[volume]
catalog_type = block-storage
region = {region}
build_interval = 1
build_timeout = 60
min_microversion = 3.0
max_microversion = 3.71
"""


class Configuration(fixtures.Fixture):
    """A configuration of Tempest.

    :param where: the Keystone that knows where Cinder is
    """

    def __init__(self, where):
        self._where = where

    def _setUp(self):
        self._directory = self.useFixture(fixtures.TempDir()).path
        with open(f'{self._directory}/tempest.conf', 'w') as config:
            config.write(_CONFIG.format(
                directory=self._directory, password=keystone.PASSWORD,
                region=keystone.REGION, url=self._where.url))

    def run(self, tests):
        """Run a module of its tests."""
        return process.run(
            process.python('-m', 'testtools.run', tests), 300,
            TEMPEST_CONFIG_DIR=self._directory)
