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

"""What is reported when the scheduler fails a request."""

import datetime
import traceback

from cinder.db import api as db_api
from cinder.scheduler import host_manager
import fixtures
from oslo_config import cfg
from oslo_utils import timeutils

from tests.integration import service

VOLUME, SNAPSHOT = 'VOLUME_VOLUME_', 'VOLUME_VOLUME_SNAPSHOT_'
BACKUP, GROUP = 'VOLUME_VOLUME_BACKUP_', 'VOLUME_VOLUME_GROUP_'


class TestScheduler(service.TestCase):

    def setUp(self):
        super().setUp()
        self.manager = self.service.scheduler_manager()
        self.states = []
        self.manager.driver.host_manager.get_all_backend_states = (
            lambda context: iter(self.states))

    def add(self, name='host@one#pool', free=100, zone='nova', **values):
        state = host_manager.PoolState(name.partition('#')[0], None, {},
                                       name.partition('#')[2])
        state.update_from_volume_capability({
            'pool_name': 'pool', 'total_capacity_gb': 100,
            'free_capacity_gb': free, 'allocated_capacity_gb': 0,
            'reserved_percentage': 0, 'timestamp': timeutils.utcnow(),
            **values}, {
                'availability_zone': zone, 'host': name, 'id': 1,
                'created_at': timeutils.utcnow(), 'disabled': False})
        self.states.append(state)

    def spec(self, volume, extra=None, **values):
        properties = {
            'size': 1, 'availability_zone': None, 'host': volume.host,
            'volume_type_id': 'type', **values}
        return {
            'volume_id': volume.id, 'volume_properties': properties,
            'resource_properties': properties,
            'volume_type': {'id': 'type', 'name': 'type',
                            'extra_specs': extra or {}}}

    def create(self, spec_values, extra=None, retry=None, **values):
        volume = self.service.volume(self.context, host=None, **values)
        spec = self.spec(volume, extra, **spec_values)
        properties = {'retry': retry} if retry else {}
        self.attempt(self.manager.create_volume, self.context, volume, None,
                     None, spec, properties)
        return volume

    def test_success(self):
        self.add()
        self.create({})
        self.assert_reported()

    def test_no_service(self):
        self.assert_reported((VOLUME + '001_513', self.create({})))

    def test_size(self):
        self.add()
        self.add('host@two#pool')
        self.assert_reported((VOLUME + '001_514', self.create({'size': 999})))

    def test_zone(self):
        self.add()
        self.assert_reported((VOLUME + '001_515', self.create(
            {'availability_zone': 'elsewhere'})))

    def test_type(self):
        self.add()
        self.assert_reported((VOLUME + '001_516', self.create(
            {}, {'speed': 'high'})))

    def test_size_and_type(self):
        self.add(free=0)
        self.add('host@two#pool')
        self.assert_reported((VOLUME + '001_519', self.create(
            {}, {'speed': 'high'})))

    def test_after_a_back_end_has_failed(self):
        try:
            raise ConnectionResetError('/dev/secret')
        except OSError as exc:
            lines = traceback.format_exception(exc)
        for text, detail in ((lines, '547'), (['RuntimeError: x'], '012')):
            retry = {'num_attempts': 3, 'exc': text, 'backends': ['a'],
                     'hosts': ['a']}
            self.assert_reported((VOLUME + '008_' + detail, self.create(
                {}, retry=dict(retry))))
            volume = self.create({}, retry=dict(retry), snapshot_id='snap')
            self.assert_reported((VOLUME + '101_' + detail, volume))

    def test_extend(self):
        for place, detail in (('host@one#pool', '522'),
                              ('host@gone#pool', '521')):
            self.add(free=0)
            self.add('host@two#pool')
            volume = self.service.volume(
                self.context, host=place, status='extending',
                previous_status='available')
            self.attempt(self.manager.extend_volume, self.context, volume, 50,
                         [], self.spec(volume))
            self.assert_reported((VOLUME + '007_' + detail, volume))

    def test_migrate(self):
        self.add()
        volume = self.service.volume(self.context, status='available')
        self.attempt(self.manager.migrate_volume, self.context, volume,
                     'host@two#pool', False, self.spec(volume), {})
        self.assert_reported((VOLUME + '107_521', volume))

    def test_retype(self):
        self.add(free=50)
        self.add('host@two#pool', speed='high')
        volume = self.service.volume(self.context, status='retyping',
                                     previous_status='available')
        spec = self.spec(volume, {'speed': 'high'})
        self.attempt(self.manager.retype, self.context, volume, dict(spec))
        self.assert_reported((VOLUME + '106_505', volume))
        spec = self.spec(volume, {'speed': 'higher'})
        self.attempt(self.manager.retype, self.context, volume, dict(spec))
        self.assert_reported((VOLUME + '106_524', volume))

    def test_snapshot(self):
        self.add(free=0)
        volume = self.service.volume(self.context, status='available')
        snapshot = self.service.snapshot(volume)
        self.attempt(self.manager.create_snapshot, self.context, volume,
                     snapshot, volume.host, self.spec(volume))
        self.assert_reported(
            ('VOLUME_VOLUME_SNAPSHOT_009_522', snapshot))

    def test_manage(self):
        volume = self.service.volume(self.context, status='managing')
        self.attempt(self.manager.manage_existing, self.context, volume,
                     self.spec(volume))
        self.assert_reported((VOLUME + '108_521', volume))

    def test_group(self):
        group = self.service.group(self.context)
        spec = {'volume_properties': {'size': 0}, 'group_type': {}}
        self.attempt(self.manager.create_group, self.context, group, spec,
                     {}, [], [])
        self.assert_reported(('VOLUME_VOLUME_GROUP_111_513', group))

    def test_backup(self):
        volume = self.service.volume(
            self.context, status='backing-up', previous_status='available')
        backup = self.service.backup(volume, host=None)
        self.attempt(self.manager.create_backup, self.context, backup)
        self.assert_reported(('VOLUME_VOLUME_BACKUP_013_024', backup))

    def test_restart(self):
        volume = self.service.volume(self.context, source_volid='source')
        self.attempt(self.manager._do_cleanup, self.service.admin, volume)
        self.assert_reported((VOLUME + '102_512', volume))

    def test_stuck(self):
        self.service.load('SchedulerManager')
        cfg.CONF.set_override('stuck_after', 10, 'cinder_messages')
        self.addCleanup(cfg.CONF.clear_override, 'stuck_after',
                        'cinder_messages')
        self.service.service('host@up')
        old = timeutils.utcnow() - datetime.timedelta(seconds=60)
        volumes = [self.service.volume(self.context, host=host,
                                       status='deleting')
                   for host in ('host@down#pool', 'host@up#pool')]
        for volume in volumes:
            db_api.volume_update(self.service.admin, volume.id,
                                 {'updated_at': old, 'host': volume.host})
        for manager in self.manager, self.service.scheduler_manager():
            for _ in range(2):
                manager._report_stuck_resources(self.service.admin)
        ids = {message.id for message in self.service.reported}
        self.assertEqual(1, len(ids))
        self.assertEqual({(VOLUME + '104_529', volumes[0].id)},
                         set(self.service.events()))

    def test_each_kind_can_be_stuck(self):
        self.service.load('SchedulerManager')
        cfg.CONF.set_override('stuck_after', 1, 'cinder_messages')
        self.addCleanup(cfg.CONF.clear_override, 'stuck_after',
                        'cinder_messages')
        volume = self.service.volume(
            self.context, host='host@down#pool', status='available')
        group = self.service.group(
            self.context, host='host@down#pool', status='updating')
        resources = {
            SNAPSHOT + '010_529': self.service.snapshot(
                volume, status='deleting'),
            BACKUP + '015_529': self.service.backup(
                volume, status='restoring', host='down'),
            GROUP + '112_529': group}
        for resource in resources.values():
            self.addCleanup(resource.destroy)
        self.useFixture(fixtures.MockPatch(
            'cinder_messages.integration.stuck.timeutils.utcnow',
            return_value=timeutils.utcnow() + datetime.timedelta(hours=1)))
        self.manager._report_stuck_resources(self.service.admin)
        events = set(self.service.events())
        for event, resource in resources.items():
            self.assertIn((event, resource.id), events)
