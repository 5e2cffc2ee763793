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

"""Users of a real Cinder are told why their requests have failed."""

import collections
import json
import sys
from urllib import request
import uuid

import sqlalchemy as sa

from tests import base
from tests.integration import stack
from tests.integration import tempest
from tests import process

# Action and detail of what can be made to fail.
NO_BACK_END = 'VOLUME_VOLUME_001_514'
CREATE_FAILED = 'VOLUME_VOLUME_008_012'
EXTEND_FAILED = 'VOLUME_VOLUME_007_010'
SNAPSHOT_FAILED = 'VOLUME_VOLUME_SNAPSHOT_009_013'
NO_BACKUP_SERVICE = 'VOLUME_VOLUME_BACKUP_013_024'
BACKUP_FAILED = 'VOLUME_VOLUME_BACKUP_014_025'


class TestStack(base.TestCase):
    """Cinder's database is on MariaDB, ours on PostgreSQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack = stack.Stack('mysql', 'postgresql')
        cls.addClassCleanup(cls.stack.cleanUp)
        cls.stack.setUp()
        cls.stack.install()
        cls.stack.start('cinder-messages-writer', *stack.SERVICES)
        cls.stack.wait_for_pools()
        cls.member = cls.stack.keystone.create_user('demo', 'member', 'demo')

    def setUp(self):
        super().setUp()
        self.volumes = self.stack.connect('demo', 'demo').block_storage

    def create(self, name, size=1):
        """Ask for a volume that is to fail."""
        return self.volumes.create_volume(name=name, size=size)

    def client(self, *args):
        """What a command line client prints for the user."""
        done = process.run(
            process.command(*args), 120, PYTHONWARNINGS='ignore',
            **self.stack.keystone.environment(self.member))
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def events(self, resource):
        """The events of the messages about a resource, newest first."""
        messages = self.volumes.get('/messages', params={
            'resource_uuid': resource.id}).json()['messages']
        return [message['event_id'] for message in messages]

    def wait_for_event(self, resource, event_id):
        self.stack.wait(lambda: event_id in self.events(resource))

    def fail_all_ways(self):
        """One failure of a scheduler, and one of a driver."""
        too_big = self.create('too big', 900)
        broken = self.create('broken')
        self.wait_for_event(too_big, NO_BACK_END)
        self.wait_for_event(broken, CREATE_FAILED)
        return too_big, broken

    def in_cinder(self, statement):
        """What a statement finds or how many rows it changes there."""
        engine = sa.create_engine(self.stack.connections['cinder'],
                                  poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else result.rowcount

    def stored_by_cinder(self):
        """How many messages Cinder has stored itself."""
        return self.in_cinder('SELECT COUNT(*) FROM messages')

    def test_both_clients_tell_of_both_failures(self):
        failed = self.fail_all_ways()
        listed = json.loads(self.client(
            'openstack', 'volume', 'message', 'list', '-f', 'json'))
        by_cinderclient = self.client('cinder', 'message-list')
        for volume, event_id in zip(failed, (NO_BACK_END, CREATE_FAILED)):
            self.assertIn((volume.id, event_id, 'ERROR'), [
                (message['Resource UUID'], message['Event ID'],
                 message['Message Level']) for message in listed])
            self.assertRegex(by_cinderclient, f'{volume.id}.*{event_id}')
        self.assertNotIn('/dev/secret', str(listed))
        self.assertEqual(0, self.stored_by_cinder())

    def test_the_request_of_a_caller_leads_to_its_failures(self):
        """A user of Nova knows the id that Nova sent to cinder-api."""
        request_id = f'req-{uuid.uuid4()}'
        self.create('too big', 900)
        self.volumes.global_request_id = request_id
        by_scheduler = self.create('too big', 900)
        by_driver = self.create('broken')
        self.volumes.global_request_id = None
        self.wait_for_event(by_scheduler, NO_BACK_END)
        self.wait_for_event(by_driver, CREATE_FAILED)

        listed = self.volumes.get(
            '/messages', params={'global_request_id': request_id}, headers={
                'OpenStack-API-Version': 'volume 3.71, user-messages 1.0'},
            microversion='3.71').json()['messages']
        self.assertEqual(
            {(by_scheduler.id, request_id), (by_driver.id, request_id)},
            {(message['resource_uuid'], message['global_request_id'])
             for message in listed})
        self.assertNotIn(request_id, [
            message['request_id'] for message in listed])
        explained = json.loads(self.client(
            'openstack', 'volume', 'why', '--request-id', request_id,
            '-f', 'json'))
        self.assertEqual({by_scheduler.id, by_driver.id},
                         {row['Resource ID'] for row in explained})

    def test_a_volume_is_made_and_listed(self):
        made = self.create('fine')
        self.volumes.wait_for_status(made, interval=1, wait=60)
        self.assertIn(made.id, self.client('openstack', 'volume', 'list'))
        self.assertIn(made.id, self.client('cinder', 'list'))
        self.assertEqual([], self.events(made))

    def test_the_owner_is_told_of_what_an_administrator_did(self):
        volume = self.create('fine')
        self.volumes.wait_for_status(volume, interval=1, wait=60)
        self.stack.connect('admin').block_storage.extend_volume(volume.id, 2)
        self.wait_for_event(volume, EXTEND_FAILED)

    def test_a_backup_service_reports_too(self):
        volume = self.create('fine')
        self.volumes.wait_for_status(volume, interval=1, wait=60)
        # NOTE: there is no service for it yet, which the scheduler tells. Then
        # it is as if one had made it.
        backup = self.volumes.create_backup(volume_id=volume.id)
        self.wait_for_event(backup, NO_BACKUP_SERVICE)
        self.in_cinder(
            f"UPDATE backups SET host = '{stack.HOST}', "
            f"service = 'hollow_backup.HollowBackup' WHERE id = '{backup.id}'")
        self.stack.start('cinder-backup')
        self.volumes.delete_backup(backup)
        self.wait_for_event(backup, BACKUP_FAILED)

    def test_a_snapshot_that_fails(self):
        volume = self.create('fine')
        self.volumes.wait_for_status(volume, interval=1, wait=60)
        snapshot = self.volumes.create_snapshot(
            name='broken', volume_id=volume.id)
        self.wait_for_event(snapshot, SNAPSHOT_FAILED)

    def test_a_killed_writer_loses_nothing(self):
        writer = 'cinder-messages-writer'
        failed = [self.create('too big', 900) for _ in range(4)]
        self.stack.services[writer].kill()
        failed += [self.create('too big', 900) for _ in range(4)]
        self.stack.start(writer)
        for volume in failed:
            self.wait_for_event(volume, NO_BACK_END)
        self.assertEqual(
            {NO_BACK_END: len(failed)}, collections.Counter(
                event for volume in failed for event in self.events(volume)))

    def test_killed_services_lose_nothing(self):
        """Those that fork find what was left before they do."""
        services = 'cinder-scheduler', 'cinder-volume'
        source = self.create('fine')
        self.volumes.wait_for_status(source, interval=1, wait=60)
        self.stack.services['cinder-messages-writer'].kill()
        # NOTE: the scheduler reports the volume, when it gives up; the
        # volume service reports the snapshot.
        volume = self.create('broken')
        snapshot = self.volumes.create_snapshot(
            name='broken', volume_id=source.id)
        for resource in volume, snapshot:
            self.volumes.wait_for_status(
                resource, 'error', failures=[], interval=1, wait=60)
            self.assertEqual([], self.events(resource))
        for name in services:
            self.stack.services[name].kill()
        self.stack.start('cinder-messages-writer', *services)
        self.wait_for_event(volume, CREATE_FAILED)
        self.wait_for_event(snapshot, SNAPSHOT_FAILED)
        for resource in volume, snapshot:
            self.assertEqual(1, len(self.events(resource)))
        self.stack.wait_for_pools()

    def check_server(self, url):
        """What is served elsewhere is what cinder-api serves."""
        headers = {'X-Auth-Token': self.stack.keystone.token(self.member),
                   'OpenStack-API-Version': 'volume 3.71'}
        for path in '/messages', '/volumes':
            answers = []
            for base_url in self.stack.url, url:
                with request.urlopen(request.Request(
                        base_url + path, headers=headers),
                        timeout=60) as answer:
                    answers.append(answer.read().decode().replace(
                        base_url.removesuffix('/v3'), ''))
            self.assertEqual(*answers)
            self.assertIn('"id"', answers[0])

    def test_under_uwsgi(self):
        self.fail_all_ways()
        bind = f'127.0.0.1:{process.free_port()}'
        self.check_server(self.stack.serve(bind, process.command(
            'uwsgi', '--virtualenv', sys.prefix, '--http11-socket', bind,
            '--master', '--need-app', '--processes', '2', '--enable-threads',
            '--die-on-term', '--module', 'cinder.wsgi.api:application')))

    def test_under_gunicorn(self):
        self.fail_all_ways()
        bind = f'127.0.0.1:{process.free_port()}'
        # NOTE: Cinder reads the command line for itself, so that of gunicorn
        # must be empty.
        config = self.stack.directory / 'gunicorn.conf.py'
        config.write_text("wsgi_app = 'cinder.wsgi.api:application'\n"
                          f"bind = '{bind}'\nworkers = 2\nthreads = 2\n")
        self.check_server(self.stack.serve(
            bind, process.command('gunicorn'),
            GUNICORN_CMD_ARGS=f'--config {config}'))

    def test_tempest_passes(self):
        config = self.useFixture(tempest.Configuration(self.stack.keystone))
        done = config.run('tempest.api.volume.admin.test_user_messages')
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn('Ran 2 tests', done.stdout + done.stderr)

    def test_services_with_native_threads_report_too(self):
        # NOTE: cinder-api itself refuses to be one.
        services = 'cinder-scheduler', 'cinder-volume'
        self.stack.use_threads(True)
        self.addCleanup(self.stack.restart, *services)
        self.addCleanup(self.stack.use_threads, False)
        self.stack.restart(*services)
        self.stack.wait_for_pools()
        self.fail_all_ways()
        self.assertEqual(0, self.stored_by_cinder())
