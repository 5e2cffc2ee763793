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

"""What the manager options of cinder.conf can name."""

from cinder.message import api as cinder_api
from oslo_config import cfg
from oslo_utils import importutils

from cinder_messages.emit import emitter
from cinder_messages import exception
from cinder_messages.integration import emission
from tests import base
from tests.integration import fixtures

PACKAGE = 'cinder_messages.integration.managers'


class TestManagers(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.Emission())
        emission.uninstall()

    def test_they_are_cinders_own_and_report(self):
        for name, module in (('SchedulerManager', 'cinder.scheduler.manager'),
                             ('VolumeManager', 'cinder.volume.manager'),
                             ('BackupManager', 'cinder.backup.manager')):
            self.assertIsNot(emission.create, cinder_api.API.create)
            self.assertIs(importutils.import_class(f'{module}.{name}'),
                          importutils.import_class(f'{PACKAGE}.{name}'))
            self.assertIs(emission.create, cinder_api.API.create)
            emission.uninstall()

    def test_to_have_two_in_one_process_is_harmless(self):
        original = cinder_api.API.create
        for name in 'VolumeManager', 'BackupManager':
            importutils.import_class(f'{PACKAGE}.{name}')
        self.assertIs(original, cinder_api.API.create.replaced)

    def test_a_mistake_in_the_configuration_stops_the_start(self):
        emitter.forget(cfg.CONF)
        cfg.CONF.set_override('transport_url', 'no-url', 'cinder_messages')
        self.addCleanup(cfg.CONF.clear_override, 'transport_url',
                        'cinder_messages')
        self.assertRaises(exception.InvalidConfiguration,
                          importutils.import_class, f'{PACKAGE}.VolumeManager')
        self.assertIsNot(emission.create, cinder_api.API.create)

    def test_another_name_is_not_there(self):
        self.assertRaises(ImportError, importutils.import_class,
                          f'{PACKAGE}.NovaManager')
