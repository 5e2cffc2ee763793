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

"""A real Cinder whose drivers fail on demand, and its HTTP API."""

import base64
import contextlib
import json
import os
import time
import uuid

import fixtures
import sqlalchemy

from tests.integration import glance
from tests.integration import stack

# Seconds that a request may take to end, and a message to be listed.
TIMEOUT = 90

OPTIONS = """\
quota_volumes = -1
periodic_interval = 5
glance_api_servers = {glance_url}
glance_num_retries = 0
scheduler_default_filters = AvailabilityZoneFilter, CapacityFilter, \
CapabilitiesFilter, DifferentBackendFilter, SameBackendFilter, DriverFilter, \
IgnoreAttemptedHostsFilter
"""

# NOTE: what Cinder runs as root, and what reads an image. The tests may run as
# root, and on a machine without sudo and QEMU.
PROGRAMS = {
    'sudo': """\
#!/bin/sh
[ "$1" = cinder-rootwrap ] && shift 2
exec "$@"
""",
    'qemu-img': """\
#!/bin/sh
[ "$1" = info ] || exit 0
echo '{"format": "raw", "virtual-size": 512, "actual-size": 512}'
"""}

# A server of a Nova that does not exist.
SERVER = '7f0c3c52-6f4e-4a0f-9d38-3b0a6d7f3c11'

# What a record of a backup must have.
RECORD = ('display_name', 'display_description', 'container', 'size',
          'service_metadata', 'object_count', 'id')


class Cloud(fixtures.Fixture):
    """Keystone, Cinder with two back ends and a backup service, a writer.

    :param threads: Cinder uses native threads, and not eventlet
    """

    def __init__(self, threads=False):
        self._threads = threads
        self._kills = {}

    def _setUp(self):
        self.stack = self.useFixture(stack.Stack())
        self.stack.install()
        self._failures = self.stack.directory / 'failures.json'
        self.stack.environment['CINDER_MESSAGES_TEST_FAILURES'] = str(
            self._failures)
        self._provide_programs()
        config = self.stack.read('cinder/cinder.conf')
        for old, new in (('hollow_driver.HollowDriver',
                          'failing.FailingDriver'),
                         ('hollow_backup.HollowBackup',
                          'failing.FailingBackup')):
            config = config.replace(old, new)
        self.glance = self.useFixture(glance.Glance())
        config = config.replace('quota_volumes = -1\n', OPTIONS.format(
            glance_url=self.glance.url))
        self.stack.write('cinder/cinder.conf', config)
        # NOTE: cinder-api takes a WSGI server where threads are native.
        self.stack.start('cinder-messages-writer', 'cinder-api')
        self.stack.use_threads(self._threads)
        self.stack.start('cinder-scheduler', 'cinder-volume', 'cinder-backup')
        self.stack.wait_for_pools()
        self._api = self.stack.connect('admin').block_storage
        # NOTE: the database has got the defaults when it was created.
        self.request('PUT', '/os-quota-class-sets/default', {
            'quota_class_set': dict.fromkeys(
                ('snapshots', 'groups', 'backups'), -1)}, 200)

    def _provide_programs(self):
        directory = self.stack.directory / 'bin'
        directory.mkdir()
        for name, text in PROGRAMS.items():
            path = directory / name
            path.write_text(text)
            path.chmod(0o755)
        device = self.stack.directory / 'device'
        device.write_bytes(b'\0' * 512)
        self.stack.environment.update({
            'PATH': f'{directory}:{os.environ["PATH"]}',
            'CINDER_MESSAGES_TEST_DEVICE': str(device)})

    def fail(self, **failures):
        """Tell the drivers which methods fail, and how."""
        # NOTE: in one step, for the drivers read it at any time.
        new = self._failures.with_suffix('.new')
        new.write_text(json.dumps(failures))
        new.rename(self._failures)

    def request(self, method, path, body=None, status=None):
        """Send a request; return the answer's body."""
        answer = self._api.request(path, method, json=body)
        if status is not None and answer.status_code != status:
            raise AssertionError(
                f'{method} {path}: {answer.status_code} {answer.text}')
        return answer.json() if answer.content else None

    def create_volume(self, status='available', size=1, hints=None,
                      **values):
        """Create a volume, wait for a status and return the id.

        :param hints: for the scheduler
        """
        values = {'name': uuid.uuid4().hex, 'size': size, **values}
        volume = self.request('POST', '/volumes', {
            'volume': values, **({'OS-SCH-HNT:scheduler_hints': hints}
                                 if hints else {})}, 202)
        return self.wait('volumes', volume['volume']['id'], status)

    def create_snapshot(self, volume, status='available'):
        """Create a snapshot, wait for a status and return the id."""
        snapshot = self.request('POST', '/snapshots', {'snapshot': {
            'volume_id': volume, 'name': uuid.uuid4().hex}}, 202)
        return self.wait('snapshots', snapshot['snapshot']['id'], status)

    def create_backup(self, volume, status=None, **values):
        """Create a backup, wait for a status, if any, and return the id."""
        backup = self.request('POST', '/backups', {'backup': {
            'volume_id': volume, **values}}, 202)['backup']['id']
        return self.wait('backups', backup, status) if status else backup

    def restore(self, backup, volume, status=None):
        """Restore a backup to a volume; wait for its status, if any."""
        self.request('POST', f'/backups/{backup}/restore', {'restore': {
            'volume_id': volume}}, 202)
        if status:
            self.wait('volumes', volume, status)

    def restart_killed(self, name):
        """Start a service again that is killed, if nothing else does."""
        service = self.stack.services[name]
        kills = self._kills[service] = self._kills.get(service, 0) + 1
        # NOTE: with native threads, the service is the child of a launcher,
        # which starts another one.
        self.stack.wait(lambda: service.popen.poll() is not None or sum(
            f'Starting {name} node' in line
            for line in service.lines) > kills)
        if service.popen.poll() is not None:
            self.stack.start(name)

    @contextlib.contextmanager
    def disabled(self, binary):
        """Disable the services of a binary for a while."""
        self._set_disabled(binary, True)
        try:
            yield
        finally:
            self._set_disabled(binary, False)

    def _set_disabled(self, binary, disabled):
        # NOTE: the API of Cinder 29 answers and changes nothing.
        engine = sqlalchemy.create_engine(self.stack.connections['cinder'])
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(
                'UPDATE services SET disabled = :disabled '
                'WHERE `binary` = :binary'),
                {'disabled': disabled, 'binary': binary})
        engine.dispose()

    @contextlib.contextmanager
    def stats(self, **values):
        """Have both back ends report other statistics for a while."""
        before = [self._capabilities(name) for name in values]
        self.fail(**values)
        self.stack.wait(lambda: [self._capabilities(name) for name in values]
                        != before)
        self.stack.wait(lambda: all(
            len(self._capabilities(name)) == 1 for name in values))
        try:
            yield
        finally:
            self.fail()
            self.stack.wait(lambda: [
                self._capabilities(name) for name in values] == before)

    def _capabilities(self, name):
        """Return what the scheduler knows of all back ends."""
        pools = self.request(
            'GET', '/scheduler-stats/get_pools?detail=True')['pools']
        return {str(pool['capabilities'].get(name)) for pool in pools}

    @contextlib.contextmanager
    def failed_over(self, volume):
        """Fail over the back end of a volume for a while."""
        host = self.host(volume).partition('#')[0]
        self.request('PUT', '/os-services/failover_host', {
            'host': host, 'backend_id': 'replica'}, 202)
        try:
            yield
        finally:
            self.fail()
            self.request('PUT', '/os-services/failover_host', {
                'host': host, 'backend_id': 'default'}, 202)
            self.stack.wait(lambda: all(
                service['status'] == 'enabled' for service in self.request(
                    'GET', '/os-services')['services']))

    def attachment(self, volume, server=SERVER):
        """Return the body of a request that attaches a volume."""
        return {'attachment': {
            'volume_uuid': volume,
            'connector': {'host': 'server', 'ip': '127.0.0.1'},
            **({'instance_uuid': server} if server else {})}}

    def attach(self, volume, server=SERVER):
        """Attach a volume and return the id of the attachment.

        :param server: None lets the attachment be deleted without Nova
        """
        attachment = self.request('POST', '/attachments', self.attachment(
            volume, server), 200)['attachment']['id']
        self.request('POST', f'/attachments/{attachment}/action', {
            'os-complete': {}}, 204)
        self.wait('volumes', volume, 'in-use')
        return attachment

    def wait_for_migration(self, volume):
        """Wait until a migration has ended in one way or the other."""
        self.stack.wait(lambda: self.request(
            'GET', f'/volumes/{volume}')['volume'][
                'os-vol-mig-status-attr:migstat'] not in (
                    'starting', 'migrating', 'completing'))

    def import_backup(self, status='available'):
        """Import the record of a backup, wait for a status, return the id."""
        id_ = str(uuid.uuid4())
        record = {**dict.fromkeys(RECORD), 'id': id_, 'size': 1,
                  'object_count': 0, 'volume_id': str(uuid.uuid4())}
        self.request('POST', '/backups/import_record', {'backup-record': {
            'backup_service': 'failing.FailingBackup',
            'backup_url': base64.b64encode(
                json.dumps(record).encode()).decode()}}, 201)
        return self.wait('backups', id_, status)

    def create_group(self, status='available', number=0, extra_specs=None):
        """Create a group and volumes in it.

        :param extra_specs: of the type of the volumes
        :returns: the id of the group, and those of the volumes
        """
        volume_type = self.type(extra_specs or {})
        group_type = self.request('POST', '/group_types', {'group_type': {
            'name': uuid.uuid4().hex}}, 202)['group_type']['id']
        group = self.request('POST', '/groups', {'group': {
            'name': uuid.uuid4().hex, 'group_type': group_type,
            'volume_types': [volume_type]}}, 202)['group']['id']
        self.wait('groups', group, status)
        return group, [
            self.create_volume(group_id=group, volume_type=volume_type)
            for _ in range(number)]

    def create_group_from(self, group_snapshot, status='available'):
        """Create a group of a snapshot, wait for a status, return the id."""
        group = self.request('POST', '/groups/action', {'create-from-src': {
            'name': uuid.uuid4().hex, 'group_snapshot_id': group_snapshot}},
            202)['group']['id']
        return self.wait('groups', group, status)

    def delete_group(self, group, status=None):
        """Delete a group and its volumes; wait as :meth:`delete` does."""
        self.request('POST', f'/groups/{group}/action', {
            'delete': {'delete-volumes': True}}, 202)
        self.wait('groups', group, status)

    def members(self, collection, group):
        """Return the ids of the volumes of a group or of the snapshots."""
        key = 'group_id' if collection == 'volumes' else 'group_snapshot_id'
        return [member['id'] for member in self.request(
            'GET', f'/{collection}/detail')[collection]
            if member.get(key) == group]

    def create_group_snapshot(self, group, status='available'):
        """Create a group snapshot, wait for a status and return the id."""
        created = self.request('POST', '/group_snapshots', {
            'group_snapshot': {'group_id': group}}, 202)
        return self.wait(
            'group_snapshots', created['group_snapshot']['id'], status)

    def manage(self, status):
        """Take over a volume, wait for a status and return the id."""
        host = next(pool.name for pool in self._api.backend_pools())
        volume = self.request('POST', '/manageable_volumes', {'volume': {
            'host': host, 'ref': {'source-name': uuid.uuid4().hex},
            'name': 'managed'}}, 202)['volume']
        return self.wait('volumes', volume['id'], status)

    def manage_snapshot(self, volume, status):
        """Take over a snapshot, wait for a status and return the id."""
        snapshot = self.request('POST', '/manageable_snapshots', {
            'snapshot': {'volume_id': volume, 'name': 'managed',
                         'ref': {'source-name': uuid.uuid4().hex}}}, 202)
        return self.wait('snapshots', snapshot['snapshot']['id'], status)

    def volume_of_each_backend(self):
        """Return the ids of two volumes, one on each back end."""
        volume = self.create_volume()
        return volume, self.create_volume(hints={'different_host': [volume]})

    def type(self, extra_specs):
        """Create a volume type and return its name."""
        name = uuid.uuid4().hex
        self.request('POST', '/types', {'volume_type': {
            'name': name, 'extra_specs': extra_specs}}, 200)
        return name

    def delete(self, collection, id_, status=None):
        """Delete a resource; wait until it is gone or has a status."""
        self.request('DELETE', f'/{collection}/{id_}', status=202)
        self.wait(collection, id_, status)

    def act(self, volume, action, status, code=None):
        """Request an action; wait until the volume has a status."""
        self.request('POST', f'/volumes/{volume}/action', action, code)
        if status is not None:
            self.wait('volumes', volume, status)

    def transfer(self, volume, status=500):
        """Offer a volume and accept it, which has an HTTP status."""
        offer = self.request('POST', '/os-volume-transfer', {
            'transfer': {'volume_id': volume}}, 202)['transfer']
        self.request(
            'POST', f'/os-volume-transfer/{offer["id"]}/accept',
            {'accept': {'auth_key': offer['auth_key']}}, status)

    def host(self, volume):
        """Return the back end that has a volume."""
        return self.request('GET', f'/volumes/{volume}')['volume'][
            'os-vol-host-attr:host']

    def other_host(self, volume):
        """Return a back end that does not have the volume."""
        here = self.host(volume)
        return next(pool.name for pool in self._api.backend_pools()
                    if pool.name != here)

    def wait(self, collection, id_, status):
        """Wait until a resource has a status; None is gone."""
        # NOTE: the state a request starts from can be the one it ends in.
        time.sleep(0.5)
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            answer = self._api.get(f'/{collection}/{id_}')
            found = (None if answer.status_code == 404 else
                     next(iter(answer.json().values()))['status'])
            if found == status:
                return id_
            time.sleep(0.5)
        raise AssertionError(f'{id_} is {found}, not {status}')

    def events(self, resource, number, timeout=15):
        """Return the events of a resource, once there are so many."""
        deadline = time.monotonic() + (timeout if number else 0)
        while True:
            messages = self.request(
                'GET', f'/messages?resource_uuid={resource}')['messages']
            events = [message['event_id'] for message in messages]
            if len(events) >= number or time.monotonic() > deadline:
                return events
            time.sleep(0.3)


def backend(host):
    """Return the name of the back end of a pool."""
    return host.partition('@')[2].partition('#')[0]
