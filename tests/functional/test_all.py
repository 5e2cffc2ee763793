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

"""cinder-messages-all as its user runs it: a process, curl and cinder."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import fixtures

from tests import base
from tests import process

PROJECT = '6c430ede-9476-4128-8838-8d3929ced223'
VOLUME = 'f292cc0c-54a7-4b3b-8174-d2ff82d87008'
OTHER_PROJECT = '0d6ff9a0-4c0d-43a7-b0a1-5f3d0b1b5b0f'


# Leaves a report in the spool of a state directory, as a killed process does.
KILLED = """
import os, signal, sys
from cinder_messages.emit import journal
from cinder_messages.emit import journal_line
from cinder_messages.emit import report
from cinder_messages.message import model
from oslo_utils import timeutils
now = timeutils.utcnow()
journal.Journal(sys.argv[1] + '/spool', 10).append(journal_line.encode(
    report.encode(model.Message(model.make_id(now), sys.argv[2], '000002',
                                now))))
os.kill(os.getpid(), signal.SIGKILL)
"""


class TestAll(base.TestCase):

    def setUp(self):
        super().setUp()
        self.state_dir = self.useFixture(fixtures.TempDir()).join('state')

    def start(self, *args, **env):
        self.all = self.useFixture(process.Process(process.command(
            'cinder-messages-all', '--listen', '127.0.0.1:0',
            '--state-dir', self.state_dir, *args), **env))
        self.url = self.all.wait_for_line(r'Serving (http\S+);').group(1)

    def request(self, method, path, project=PROJECT):
        """One request; its status and its body, if it has one."""
        request = urllib.request.Request(
            f'{self.url}/{project}{path}', method=method, headers={
                'X-Auth-Token': f'demo:{project}',
                'OpenStack-API-Version': 'volume 3.5'})
        try:
            with urllib.request.urlopen(request) as response:
                body = response.read()
                return response.status, json.loads(body) if body else None
        except urllib.error.HTTPError as response:
            with response:
                return response.code, json.load(response)

    def list(self, project=PROJECT):
        status, body = self.request('GET', '/messages', project)
        self.assertEqual(200, status)
        return body['messages']

    def cinder(self, *args, project=PROJECT):
        """What python-cinderclient prints."""
        done = process.run(process.command(
            'cinder', '--os-auth-type', 'noauth', '--os-endpoint', self.url,
            '--os-user-id', 'demo', '--os-project-id', project,
            '--os-volume-api-version', '3.5', *args))
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def manage(self, *args):
        return process.run(process.command(
            'cinder-messages-manage', '--state-dir', self.state_dir, *args))

    def test_the_example_is_reported_listed_and_deleted(self):
        self.start('--example')
        self.all.wait_for_line('and report another failure')

        [message] = self.list()
        self.assertEqual('000002', message['event_id'])
        self.assertEqual('ERROR', message['message_level'])
        self.assertEqual('VOLUME', message['resource_type'])
        self.assertEqual(VOLUME, message['resource_uuid'])
        self.assertEqual(
            'No storage could be allocated for this volume request.',
            message['user_message'])
        self.assertEqual(['self', 'bookmark'],
                         [link['rel'] for link in message['links']])
        self.assertIn(message['id'], '\n'.join(self.all.lines))
        self.assertEqual([], self.list(OTHER_PROJECT))

        path = '/messages/' + message['id']
        self.assertEqual(404, self.request('GET', path, OTHER_PROJECT)[0])
        self.assertEqual(404, self.request('DELETE', path, OTHER_PROJECT)[0])
        self.assertEqual((200, {'message': message}),
                         self.request('GET', path))
        self.assertEqual((204, None), self.request('DELETE', path))
        self.assertEqual(404, self.request('GET', path)[0])
        self.assertEqual(0, self.all.terminate())

    def test_what_it_says_to_type_works(self):
        self.start('--example')
        self.all.wait_for_line('and report another failure')
        printed = '\n'.join(self.all.lines).replace('\\\n', '')
        typed = {line.split()[0].rpartition('/')[2]: line
                 for line in printed.splitlines()
                 if line.startswith('curl ') or line.startswith('cinder ') or
                 'cinder-messages-manage ' in line or ' volume why ' in line}

        done = process.run(['sh', '-c', typed['cinder-messages-manage']])
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            done.stdout.strip(), self.list()[0]['id'], done.stderr)
        why = process.run(['sh', '-c', typed['openstack']])
        self.assertIn('What to do:', why.stdout, why.stderr)
        listed = process.run(['sh', '-c', typed['curl']])
        self.assertEqual(2, len(json.loads(listed.stdout)['messages']))
        cinder = process.command(typed['cinder'].split()[0])[0]
        listed = process.run(
            ['sh', '-c', typed['cinder'].replace('cinder', cinder, 1)])
        self.assertEqual(2, listed.stdout.count('000002'), listed.stderr)

    def test_cinderclient_lists_shows_and_deletes(self):
        self.start()
        for project in (PROJECT, OTHER_PROJECT):
            done = self.manage(
                'message', 'create', '--action', 'EXTEND_VOLUME', '--detail',
                'DRIVER_FAILED_EXTEND', '--resource-type', 'VOLUME',
                '--resource-uuid', VOLUME, '--project-id', project)
            self.assertEqual(0, done.returncode, done.stderr)
        [message] = self.list()

        listed = self.cinder('message-list')
        self.assertIn(message['id'], listed)
        self.assertEqual(1, listed.count('VOLUME_VOLUME_007_010'))
        self.assertIn(message['guaranteed_until'],
                      self.cinder('message-show', message['id']))
        self.cinder('message-delete', message['id'])
        self.assertEqual([], self.list())
        self.assertEqual(1, len(self.list(OTHER_PROJECT)))
        self.assertEqual(0, self.all.terminate())

    def test_messages_outlive_the_process(self):
        self.start()
        self.manage('message', 'create', '--event-id', '000001',
                    '--project-id', PROJECT)
        self.assertEqual(1, len(self.list()))
        self.all.kill()

        self.start()

        self.assertEqual(['000001'],
                         [message['event_id'] for message in self.list()])

    def test_reports_of_a_killed_process_are_sent_at_start(self):
        done = process.run(process.python('-c', KILLED, self.state_dir,
                                          PROJECT))
        self.assertEqual(-signal.SIGKILL, done.returncode, done.stderr)

        self.start()

        deadline = time.monotonic() + process.DEADLINE
        while not self.list() and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(['000002'],
                         [message['event_id'] for message in self.list()])

    def test_invalid_port_is_one_line(self):
        done = process.run(process.command(
            'cinder-messages-all', '--listen', '127.0.0.1:99999',
            '--state-dir', self.state_dir))
        self.assertEqual(1, done.returncode)
        self.assertIn('--listen 127.0.0.1:99999', done.stderr)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)

    def test_spool_send_says_what_sends_from_a_state_dir(self):
        self.assertEqual(0, self.manage('db', 'sync').returncode)
        done = self.manage('spool', 'send')
        self.assertEqual(1, done.returncode)
        self.assertIn('Start cinder-messages-all', done.stderr)

    def test_each_port_of_metrics_answers_what_is_its_own(self):
        ports = process.free_port(), process.free_port()
        directory = f'{self.state_dir}/metrics'
        self.start('--example', OS_METRICS__API_PORT=str(ports[0]),
                   OS_METRICS__WRITER_PORT=str(ports[1]),
                   OS_METRICS__DIRECTORY=directory)
        self.all.wait_for_line('and report another failure')

        api, writer = map(self.numbers, ports)

        self.assertIn('cinder_messages_api_request_seconds_count{handler='
                      '"message",method="GET",status="200"} 1.0', api)
        self.assertIn('cinder_messages_writer_messages_total{event_id='
                      '"000002",outcome="accepted"} 1.0', writer)
        self.assertNotIn('cinder_messages_writer', api)
        self.assertNotIn('cinder_messages_api', writer)
        self.assertFalse(os.path.exists(directory))
        self.assertEqual(0, self.all.terminate())

    def numbers(self, port):
        """What Prometheus is answered."""
        with urllib.request.urlopen(
                f'http://127.0.0.1:{port}/metrics') as response:
            return response.read().decode()

    def test_a_report_that_is_not_permitted_says_what_is(self):
        self.start()

        for args, message in (
                (['--event-id', '999999'], 'is not permitted'),
                (['--action', 'FLY', '--resource-type', 'VOLUME'],
                 "--action 'FLY' is unknown")):
            done = self.manage('message', 'create', '--project-id', PROJECT,
                               *args)
            self.assertEqual(1, done.returncode, done.stdout)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
            self.assertIn(message, done.stderr)
        self.assertEqual([], self.list())

    def test_a_state_dir_that_is_missing_is_created_by_no_reader(self):
        for command in ('db', 'version'), ('message', 'list'), (
                'message', 'create', '--project-id', PROJECT, '--event-id',
                '000002'):
            done = self.manage(*command)
            self.assertEqual(1, done.returncode, done.stdout)
            self.assertIn(f'--state-dir {self.state_dir} is not a directory',
                          done.stderr)
        self.assertFalse(os.path.exists(self.state_dir))
        done = self.manage('db', 'sync')
        self.assertEqual(0, done.returncode, done.stderr)

    def refused(self, *args, **env):
        """The one line that a start ends with."""
        done = process.run(process.command(
            'cinder-messages-all', '--state-dir', self.state_dir, *args),
            **env)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        return done.stderr

    def test_only_loopback_is_served_without_authentication(self):
        refused = self.refused('--listen', '0.0.0.0:0')

        self.assertIn('noauth_allow_remote', refused)
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_API__NOAUTH_ALLOW_REMOTE', 'true'))
        self.useFixture(process.Process(process.command(
            'cinder-messages-all', '--listen', '0.0.0.0:0',
            '--state-dir', self.state_dir))).wait_for_line('Serving ')

    def test_a_port_in_use_is_one_line(self):
        self.start()

        port = self.url.rpartition(':')[2].partition('/')[0]

        self.assertIn('--listen 127.0.0.1:' + port,
                      self.refused('--listen', '127.0.0.1:' + port))
        self.assertIn('[metrics] 127.0.0.1:' + port,
                      self.refused(OS_METRICS__API_PORT=port))

    def test_what_cannot_be_listened_on_is_one_line(self):
        for listen in ('127.0.0.1:port', '192.0.2.1:0', 'x.invalid:1'):
            with self.subTest(listen):
                self.assertIn(listen, self.refused(
                    '--listen', listen, OS_API__NOAUTH_ALLOW_REMOTE='true'))

    def test_a_state_dir_that_cannot_be_made_is_one_line(self):
        self.assertIn('--state-dir /dev/null/state', self.refused(
            '--state-dir', '/dev/null/state'))
