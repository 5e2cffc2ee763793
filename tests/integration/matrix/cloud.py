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
import json
import time
import uuid

import fixtures

from tests.integration import glance
from tests.integration import stack

# Seconds that a request may take to end, and a message to be listed.
TIMEOUT = 90

OPTIONS = """\
quota_volumes = -1
glance_api_servers = {glance_url}
glance_num_retries = 0
scheduler_default_filters = AvailabilityZoneFilter, CapacityFilter, \
CapabilitiesFilter, DifferentBackendFilter, SameBackendFilter, DriverFilter, \
IgnoreAttemptedHostsFilter
"""

# What a record of a backup must have.
RECORD = ('display_name', 'display_description', 'container', 'size',
          'service_metadata', 'object_count', 'id')


class Cloud(fixtures.Fixture):
    """Keystone, Cinder with two back ends and a backup service, a writer.

    :param threads: Cinder uses native threads, and not eventlet
    """

    def __init__(self, threads=False):
        self._threads = threads

    def _setUp(self):
        self.stack = self.useFixture(stack.Stack())
        self.stack.install()
        self._failures = self.stack.directory / 'failures.json'
        self.stack.environment['CINDER_MESSAGES_TEST_FAILURES'] = str(
            self._failures)
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

    def fail(self, **failures):
        """Tell the drivers which methods fail, and how."""
        self._failures.write_text(json.dumps(failures))

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

    def create_backup(self, volume):
        """Create a backup and return its id; wait for nothing."""
        return self.request('POST', '/backups', {'backup': {
            'volume_id': volume}}, 202)['backup']['id']

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

    def create_group(self, status='available', number=0):
        """Create a group and volumes in it.

        :returns: the id of the group, and those of the volumes
        """
        volume_type = self.type({})
        group_type = self.request('POST', '/group_types', {'group_type': {
            'name': uuid.uuid4().hex}}, 202)['group_type']['id']
        group = self.request('POST', '/groups', {'group': {
            'name': uuid.uuid4().hex, 'group_type': group_type,
            'volume_types': [volume_type]}}, 202)['group']['id']
        self.wait('groups', group, status)
        return group, [
            self.create_volume(group_id=group, volume_type=volume_type)
            for _ in range(number)]

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

    def transfer(self, volume):
        """Offer a volume and accept it, which fails."""
        offer = self.request('POST', '/os-volume-transfer', {
            'transfer': {'volume_id': volume}}, 202)['transfer']
        self.request(
            'POST', f'/os-volume-transfer/{offer["id"]}/accept',
            {'accept': {'auth_key': offer['auth_key']}}, 500)

    def other_host(self, volume):
        """Return a back end that does not have the volume."""
        here = self.request('GET', f'/volumes/{volume}')['volume'][
            'os-vol-host-attr:host']
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

    def events(self, resource, number):
        """Return the events of a resource, once there are so many."""
        deadline = time.monotonic() + (15 if number else 0)
        while True:
            messages = self.request(
                'GET', f'/messages?resource_uuid={resource}')['messages']
            events = [message['event_id'] for message in messages]
            if len(events) >= number or time.monotonic() > deadline:
                return events
            time.sleep(0.3)
