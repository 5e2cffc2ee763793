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

import json
import time
import uuid

import fixtures

from tests.integration import stack

# Seconds that a request may take to end, and a message to be listed.
TIMEOUT = 90


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
        config = config.replace(
            'quota_volumes = -1', 'quota_volumes = -1\nquota_snapshots = -1')
        self.stack.write('cinder/cinder.conf', config)
        # NOTE: cinder-api takes a WSGI server where threads are native.
        self.stack.start('cinder-messages-writer', 'cinder-api')
        self.stack.use_threads(self._threads)
        self.stack.start('cinder-scheduler', 'cinder-volume', 'cinder-backup')
        self.stack.wait_for_pools()
        self._api = self.stack.connect('admin').block_storage

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

    def create_volume(self, status='available', size=1, **values):
        """Create a volume, wait for a status and return the id."""
        values = {'name': uuid.uuid4().hex, 'size': size, **values}
        volume = self.request('POST', '/volumes', {'volume': values}, 202)
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
