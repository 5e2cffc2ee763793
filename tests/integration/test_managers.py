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
import fixtures as python_fixtures
from oslo_config import cfg
from oslo_utils import importutils

from cinder_messages.emit import emitter
from cinder_messages import exception
from cinder_messages.integration import compatibility
from cinder_messages.integration import emission
from cinder_messages.integration import failures
from cinder_messages.integration import hooks
from cinder_messages.integration import managers
from tests import base
from tests.integration import fixtures

PACKAGE = 'cinder_messages.integration.managers'


class TestManagers(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.Emission())
        self.addCleanup(hooks.uninstall)
        emission.uninstall()

    def test_they_are_subclasses_of_cinders_and_report(self):
        for name, (module, rows) in failures.TABLE.items():
            self.assertIsNot(emission.create, cinder_api.API.create)
            base_class = importutils.import_class(f'{module}.{name}')
            cls = importutils.import_class(f'{PACKAGE}.{name}')
            self.assertTrue(issubclass(cls, base_class))
            self.assertEqual(name, cls.__name__)
            self.assertIs(cls, importutils.import_class(f'{PACKAGE}.{name}'))
            self.assertIs(emission.create, cinder_api.API.create)
            for row in rows:
                self.assertIs(getattr(base_class, row.method),
                              getattr(cls, row.method).__wrapped__)
            emission.uninstall()

    def test_rpc_versions_and_periodic_tasks_are_inherited(self):
        for name, (module, _) in failures.TABLE.items():
            base_class = importutils.import_class(f'{module}.{name}')
            cls = importutils.import_class(f'{PACKAGE}.{name}')
            self.assertIs(base_class.target, cls.target)
            self.assertEqual(base_class.RPC_API_VERSION, cls.RPC_API_VERSION)
            tasks = {task for task, _ in cls._periodic_tasks}
            inherited = {task for task, _ in base_class._periodic_tasks}
            self.assertEqual(
                {'SchedulerManager': {'_report_stuck_resources'},
                 'VolumeManager': {'_report_interrupted_work'}}.get(
                     name, set()), tasks - inherited)

    def test_this_cinder_has_all_that_is_needed(self):
        for name in failures.TABLE:
            self.assertEqual([], list(managers.missing(name)))
            self.assertEqual([], list(hooks.missing(name)))
        self.assertEqual([], compatibility.read_uncovered())

    def test_each_hook_point_can_be_missing(self):
        for point in hooks.HOOK_POINTS:
            log = self.useFixture(python_fixtures.FakeLogger())
            owner, name, function = point.find()
            manager = point.manager or 'VolumeManager'
            with fixtures.without(owner, name):
                self.assertEqual(
                    [f'without {point.path}: {point.covers}'],
                    list(hooks.missing(manager)))
                importutils.import_class(f'{PACKAGE}.{manager}')
                hooks.uninstall()
            self.assertIs(function, point.find()[2])
            self.assertEqual(1, log.output.count(point.path))

    def test_each_method_can_be_missing(self):
        for name, (module, rows) in failures.TABLE.items():
            base_class = importutils.import_class(f'{module}.{name}')
            for method in {row.method for row in rows}:
                owner = next(cls for cls in base_class.__mro__
                             if method in vars(cls))
                # NOTE: a class below may override the method.
                with fixtures.without(owner, method):
                    if hasattr(base_class, method):
                        continue
                    self.assertEqual(
                        [f'without {name}.{method}: what it reports'],
                        list(managers.missing(name)))
                    cls = managers._make.__wrapped__(name, base_class)
                    self.assertFalse(hasattr(cls, method))

    def test_a_parameter_can_have_another_name(self):
        cls = importutils.import_class('cinder.volume.manager.VolumeManager')
        with fixtures.without(cls, 'reimage'):
            cls.reimage = lambda self, context, target: None
            self.assertEqual(
                ['without VolumeManager.reimage: what it reports'],
                list(managers.missing('VolumeManager')))
            made = managers._make.__wrapped__('VolumeManager', cls)
            self.assertIs(cls.reimage, made.reimage)

    def test_uninstall_puts_the_originals_back(self):
        before = [point.find()[2] for point in hooks.HOOK_POINTS]
        for name in [*failures.TABLE, 'VolumeManager']:
            hooks.install(name)
        wrapped = [point.find()[2] for point in hooks.HOOK_POINTS]
        self.assertEqual(set(), set(before) & set(wrapped))
        hooks.uninstall()
        self.assertEqual(before,
                         [point.find()[2] for point in hooks.HOOK_POINTS])

    def test_two_in_one_process(self):
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

    def test_another_name_is_missing(self):
        self.assertRaises(ImportError, importutils.import_class,
                          f'{PACKAGE}.NovaManager')
