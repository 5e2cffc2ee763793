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

"""Cinder's managers in this process: a SQLite database, a bus that drops."""

import contextvars
import json
import logging
import pathlib
import sys
import uuid

from cinder.backup import rpcapi as backup_rpcapi
from cinder.common import config  # noqa: F401
from cinder import context as cinder_context
from cinder import coordination
from cinder.db import api as db_api
from cinder import exception as cinder_exception
from cinder import objects
from cinder import rpc
from cinder.scheduler import rpcapi as scheduler_rpcapi
from cinder.volume import manager as cinder_volume_manager  # noqa: F401
from cinder.volume import rpcapi as volume_rpcapi
import fixtures
from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade
from oslo_messaging import conffixture
from oslo_utils import importutils
from sqlalchemy import event

from cinder_messages.emit import emitter
from cinder_messages.integration import emission
from cinder_messages.integration import hooks
from cinder_messages.message import catalog
from tests import base

# NOTE: Cinder 28 has them in a package of their own.
_DB_PACKAGE = ('cinder.db' if importutils.try_import('cinder.db.models')
               else 'cinder.db.sqlalchemy')
db_models = importutils.import_module(f'{_DB_PACKAGE}.models')
db_implementation = importutils.import_module(f'{_DB_PACKAGE}.api')

DRIVERS = str(pathlib.Path(__file__).with_name('drivers'))
PROJECT, OWNER = 'project', 'owner'
PACKAGE = 'cinder_messages.integration.managers'


class Service(fixtures.Fixture):
    """Managers of all three services with drivers that fail on demand.

    :ivar reported: the messages that went to the emitter, in order
    :ivar sent: what the managers sent over the bus: method and arguments
    """

    def _setUp(self):
        self.reported, self.sent = [], []
        self._broken, self._handlers = set(), {}
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self._failures = self.directory / 'failures.json'
        self.useFixture(fixtures.EnvironmentVariable(
            'CINDER_MESSAGES_TEST_FAILURES', str(self._failures)))
        if DRIVERS not in sys.path:
            sys.path.insert(0, DRIVERS)
        self._replace(emitter.Emitter, 'emit',
                      lambda _emitter, message: self._emit(message))
        self._configure()
        self._create_database()
        self._cut_off_bus()
        objects.register_all()
        coordination.COORDINATOR.start()
        self.addCleanup(coordination.COORDINATOR.stop)
        self.addCleanup(emission.uninstall)
        self.addCleanup(hooks.uninstall)
        self.addCleanup(emitter.forget, cfg.CONF)

    def _configure(self):
        conf = cfg.CONF
        conf([], project='cinder', default_config_files=[],
             default_config_dirs=[])
        self.addCleanup(conf.reset)
        self.addCleanup(conf.clear)
        self.useFixture(conffixture.ConfFixture(conf)).transport_url = (
            'fake:///')
        for name, value, group in (
                ('connection', f'sqlite:///{self.directory}/cinder',
                 'database'),
                ('state_path', str(self.directory), None),
                ('lock_path', str(self.directory), 'oslo_concurrency'),
                ('backend_url', f'file://{self.directory}/locks',
                 'coordination'),
                ('image_conversion_dir', str(self.directory / 'images'),
                 None),
                ('migration_create_volume_timeout_secs', 1, None),
                ('host', 'host', None)):
            conf.set_override(name, value, group)
            self.addCleanup(conf.clear_override, name, group)

    def _create_database(self):
        database = enginefacade.transaction_context()
        database.configure(
            connection=f'sqlite:///{self.directory}/cinder', sqlite_fk=True)
        engine = database.writer.get_engine()
        event.listen(engine, 'connect', lambda connection, _: (
            connection.execute('PRAGMA synchronous = OFF')))
        db_models.BASE.metadata.create_all(engine)
        self.addCleanup(engine.dispose)
        self.addCleanup(
            db_implementation.main_context_manager.patch_engine(engine))
        self.admin = cinder_context.get_admin_context()
        self.type_id = db_api.volume_type_create(
            self.admin, {'name': '__DEFAULT__', 'extra_specs': {}}).id

    def _cut_off_bus(self):
        rpc.init(cfg.CONF)
        self.addCleanup(rpc.cleanup)
        for module, name in ((volume_rpcapi, 'VolumeAPI'),
                             (scheduler_rpcapi, 'SchedulerAPI'),
                             (backup_rpcapi, 'BackupAPI')):
            api = getattr(module, name)
            self._replace(api, '_get_cctxt',
                          lambda api, *args, **kwargs: self)
            self._replace(api, 'determine_rpc_version_cap',
                          lambda api: api.RPC_API_VERSION)

    def _replace(self, owner, name, value):
        # NOTE: not by mock.patch, whose patches end with each test.
        self.addCleanup(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def cast(self, context, method, **arguments):
        """Stand in for a client of the bus."""
        self.sent.append((method, arguments))
        if method in self._broken:
            raise cinder_exception.ServiceNotFound(service_id=method)
        if method in self._handlers:
            # NOTE: another service has no covered call of this one.
            contextvars.Context().run(self._handlers[method], **arguments)

    call = cast

    def can_send_version(self, version):
        """Stand in for a client of the bus."""
        return True

    def fail(self, **failures):
        """Tell the drivers which methods fail, and how."""
        self._failures.write_text(json.dumps(failures))

    def volume_manager(self):
        """Return the manager of a back end that is ready."""
        manager = self.load('VolumeManager')(
            volume_driver='failing.FailingDriver', service_name='one',
            host='host@one')
        cfg.CONF.set_override('volume_backend_name', 'one', 'one')
        manager.driver.set_initialized()
        manager.stats = {'pools': {}, 'allocated_capacity_gb': 0}
        return manager

    def scheduler_manager(self):
        """Return a scheduler's manager that waits for nobody."""
        manager = self.load('SchedulerManager')(host='host')
        manager._startup_delay = False
        return manager

    def backup_manager(self):
        """Return a backup manager that is ready."""
        cls = self.load('BackupManager')
        cfg.CONF.set_override('backup_driver', 'failing.FailingBackup')
        manager = cls(host='host')
        manager.is_initialized = True
        return manager

    def load(self, name):
        """Return one of our managers, as Cinder's services load it."""
        return importutils.import_class(f'{PACKAGE}.{name}')

    def context(self, **values):
        """Return the context of a request of a user."""
        return cinder_context.RequestContext(**{
            'user_id': 'user', 'project_id': PROJECT, 'is_admin': False,
            'overwrite': False, **values})

    def volume(self, context, **values):
        """Create a volume of the project of a context."""
        volume = objects.Volume(context, **{
            'host': 'host@one#pool', 'size': 1, 'status': 'creating',
            'user_id': 'user', 'project_id': context.project_id,
            'attach_status': 'detached', 'availability_zone': 'nova',
            'display_name': 'name', 'volume_type_id': self.type_id, **values})
        volume.create()
        return volume

    def events(self):
        """Return event id and resource of each message, and forget them."""
        events = [(message.event_id, message.resource_uuid)
                  for message in self.reported]
        self.reported.clear()
        return events

    def forget(self):
        """Forget what was reported and sent."""
        self.reported.clear()
        self.sent.clear()
        self._broken.clear()
        self._handlers.clear()
        self.fail()

    def break_bus(self, method):
        """Fail to send calls of a method."""
        self._broken.add(method)

    def on_cast(self, method, handler):
        """Call a function in place of the service that a call is sent to."""
        self._handlers[method] = handler

    def service(self, host, binary='cinder-volume', **values):
        """Add a service that is up."""
        service = objects.Service(self.admin, **{
            'host': host, 'binary': binary, 'topic': binary,
            'availability_zone': 'nova', 'report_count': 1, **values})
        service.create()
        return service

    def other_type(self):
        """Create a volume type and return its id."""
        return db_api.volume_type_create(
            self.admin, {'name': uuid.uuid4().hex,
                         'extra_specs': {'speed': 'high'}}).id

    def snapshot(self, volume, **values):
        """Create a snapshot of a volume."""
        snapshot = objects.Snapshot(volume._context, **{
            'volume_id': volume.id, 'volume_size': 1, 'status': 'creating',
            'user_id': 'user', 'project_id': volume.project_id,
            'display_name': 'name', 'volume_type_id': self.type_id, **values})
        snapshot.create()
        return snapshot

    def backup(self, volume, **values):
        """Create a backup of a volume."""
        backup = objects.Backup(volume._context, **{
            'volume_id': volume.id, 'size': 1, 'status': 'creating',
            'user_id': 'user', 'project_id': volume.project_id,
            'host': 'host', 'service': 'failing.FailingBackup', **values})
        backup.create()
        return backup

    def group(self, context, **values):
        """Create a group of the project of a context."""
        if not hasattr(self, '_group_type'):
            self._group_type = db_api.group_type_create(
                self.admin, {'name': 'group', 'group_specs': {}}).id
        group = objects.Group(context, **{
            'host': 'host@one#pool', 'status': 'creating', 'user_id': 'user',
            'project_id': context.project_id, 'name': 'name',
            'availability_zone': 'nova', 'volume_type_ids': [self.type_id],
            'group_type_id': self._group_type, **values})
        group.create()
        return group

    def _emit(self, message):
        catalog.Catalog.builtin().check(message)
        self.reported.append(message)


class TestCase(base.TestCase):
    """A test of managers; the service is started once for its class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = Service()
        cls.service.setUp()

    @classmethod
    def tearDownClass(cls):
        cls.service.cleanUp()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger(level=logging.ERROR))
        self.addCleanup(self.service.forget)
        self.context = self.service.context()

    def attempt(self, method, *args, **failures):
        """Call a method that may raise while the drivers fail.

        :returns: the exception, or None
        """
        self.service.fail(**failures)
        try:
            method(*args)
        except Exception as exc:
            return exc
        finally:
            self.service.fail()

    def assert_reported(self, *expected):
        """Check event and resource of all messages since the last check."""
        self.assertEqual(
            sorted((event, getattr(resource, 'id', resource))
                   for event, resource in expected),
            sorted(self.service.events()))
