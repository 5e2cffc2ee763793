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

"""What the user guide shows is what happens: each example and command."""

import contextlib
import io
import json
import os
import re
import shlex

from cinderclient import shell as cinder_shell
import fixtures
from openstackclient import shell as openstack_shell
import webob

from cinder_messages.api import app
from cinder_messages.emit import emitter
from cinder_messages.message import catalog
from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import store
from cinder_messages.writer import service
from tests import base
from tests import documents
from tests import fixtures as test_fixtures
from tests.functional import fixtures as api_fixtures
from tests import process

PROJECT = '6c430ede-9476-4128-8838-8d3929ced223'
VOLUME = 'f292cc0c-54a7-4b3b-8174-d2ff82d87008'
DEFAULT_URL = 'http://127.0.0.1:8776/v3'

SHELLS = {'cinder': cinder_shell.OpenStackCinderShell,
          'openstack': openstack_shell.OpenStackShell}


class TestMessagesPage(base.TestCase):
    """user/messages: the examples as they stand, on the whole way."""

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(test_fixtures.StandaloneFixture()).conf
        writer = service.WriterService(self.conf)
        writer.start()
        self.addCleanup(writer.stop)
        self.application = app.loadapp(self.conf)

    def run_example(self, name):
        exec(documents.block_named(name).text, {})
        self.assertTrue(emitter.for_process(self.conf).flush(120))
        answer = webob.Request.blank(
            f'/v3/{PROJECT}/messages', base_url='http://localhost',
            environ={'REMOTE_ADDR': '127.0.0.1'}, headers={
                'X-Auth-Token': f'demo:{PROJECT}',
                'OpenStack-API-Version': 'volume 3.3',
            }).get_response(self.application)
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json

    def comparable(self, body):
        """A body but for what differs from run to run; with its order."""
        [message] = body['messages']
        for name in 'request_id', 'created_at', 'guaranteed_until':
            message[name] = type(message[name])
        text = json.dumps(body, default=str)
        return text.replace(message['id'], 'ID')

    def test_the_example_produces_what_is_shown(self):
        shown = json.loads(documents.block_named('example-output').text)
        self.assertEqual(self.comparable(shown),
                         self.comparable(self.run_example('example')))

    def test_an_exception_selects_the_detail(self):
        [message] = self.run_example('example-action')['messages']
        self.assertEqual('VOLUME_VOLUME_001_003', message['event_id'])
        self.assertNotIn('sdb', json.dumps(message))


class TestClientsPage(base.TestCase):
    """user/clients and user/why, against a running service."""

    def setUp(self):
        super().setUp()
        self.aliases = {}
        self.useFixture(fixtures.FakeLogger())
        for name in [name for name in os.environ if name.startswith('OS_')]:
            self.useFixture(fixtures.EnvironmentVariable(name))
        directory = self.useFixture(fixtures.TempDir()).join('state')
        self.served = self.useFixture(process.Process(process.command(
            'cinder-messages-all', '--listen', '127.0.0.1:0',
            '--state-dir', directory)))
        self.url = self.served.wait_for_line(r'Serving (http\S+);').group(1)
        self.conf.set_override(
            'connection', f'sqlite:///{directory}/messages.sqlite',
            'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)
        self.store = store.MessageStore(bind)
        moment = api_fixtures.MESSAGES[0].created_at
        self.store.create([model.Message(
            id=f'00000000-0000-4000-8000-{number:012}', project_id=PROJECT,
            event_id='VOLUME_VOLUME_001_003', action_id='001',
            detail_id='003', resource_type='VOLUME', resource_uuid=VOLUME,
            request_id='req-1', created_at=moment.replace(second=number),
            expires_at=moment.replace(year=2126)) for number in range(3)])
        self.set('MESSAGE_ID', '00000000-0000-4000-8000-000000000002')
        self.set('OLDER_ID', '00000000-0000-4000-8000-000000000001')
        self.set('VOLUME_ID', VOLUME)
        self.set('REQUEST_ID', 'req-1')
        self.set('TOKEN', f'demo:{PROJECT}')
        self.set('ENDPOINT', f'{self.url}/{PROJECT}')

    def set(self, name, value):
        self.useFixture(fixtures.EnvironmentVariable(name, value))

    def prepare(self, name):
        """Do what the exports and aliases of a block do, for our port."""
        for command in documents.block_named(name).commands():
            what, *assignments = shlex.split(
                command.replace(DEFAULT_URL, self.url))
            for variable, _, value in (
                    each.partition('=') for each in assignments):
                if what == 'export':
                    self.set(variable, value)
                else:
                    self.aliases[variable] = shlex.split(value)[1:]

    def run_command(self, command, codes=(0,)):
        """Run a command line, in this process where that is possible.

        :param codes: the exit codes that are no failure
        """
        program, *args = shlex.split(os.path.expandvars(command))
        args = self.aliases.get(program, []) + args
        if program not in SHELLS:
            done = process.run(['sh', '-c', command])
            self.assertIn(done.returncode, codes, done.stderr)
            return done.stdout
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(
                said):
            shell = SHELLS[program]()
            code = (shell.run(args) if program == 'openstack'
                    else shell.main(args)) or 0
        self.assertIn(code, codes, f'{command}\n{said.getvalue()}')
        return said.getvalue()

    def run_block(self, name, codes=(0,)):
        """Run each command of a block; yield it and what it printed."""
        for command in documents.block_named(name).commands():
            yield command, self.run_command(command, codes)

    def test_environment_of_cinder_and_its_commands(self):
        self.prepare('environment-cinder')
        for command, printed in self.run_block('clients-cinder-list'):
            self.assertIn('VOLUME_VOLUME_001_003', printed, command)
        self.assertIn(VOLUME, self.run_command(
            'cinder message-list --resource_uuid $VOLUME_ID'))
        (_, shown), _deleted = self.run_block('clients-cinder-show')
        self.assertIn('req-1', shown)
        self.assert_deleted()

    def assert_deleted(self):
        printed = self.run_command(
            'curl -s -H "X-Auth-Token: $TOKEN" '
            '-H "OpenStack-API-Version: volume 3.5" $ENDPOINT/messages')
        listed = [row['id'] for row in json.loads(printed)['messages']]
        self.assertEqual(2, len(listed))
        self.assertNotIn(os.environ['MESSAGE_ID'], listed)

    def test_environment_of_openstack_and_its_commands(self):
        self.prepare('environment-openstack')
        (_, why), *listed, _deleted = self.run_block('clients-openstack')
        self.assertIn(VOLUME, why)
        for command, printed in listed:
            self.assertIn('00000000-0000-4000-8000-00000000000', printed,
                          command)
        self.assert_deleted()

    def test_why_works_without_a_microversion(self):
        self.prepare('environment-openstack')
        self.assertNotIn('OS_VOLUME_API_VERSION', os.environ)
        [(_, printed)] = self.run_block('why-resource')
        for label in re.findall(
                r'(?m)^([A-Z][\w ]+):', documents.block_named(
                    'why-resource').output()):
            self.assertIn(f'{label}:', printed)
        self.assertIn('3 times', printed)
        by_request, everything, recent, listed = (
            printed for _, printed in self.run_block('why-others', (0, 3)))
        for printed in by_request, everything, listed:
            self.assertIn(VOLUME, printed)
        self.assertEqual([], json.loads(recent))
        [(_, printed)] = self.run_block('why-script')
        self.assertEqual(['NO_BACKEND_AVAILABLE'],
                         [row['Reason'] for row in json.loads(printed)])

    def test_sdk(self):
        self.prepare('environment-openstack')
        self.set('MESSAGE_ID', '00000000-0000-4000-8000-000000000000')
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(documents.block_named('clients-sdk').text, {})
        self.assertEqual(3, said.getvalue().count(VOLUME))
        self.assert_deleted()

    def test_curl(self):
        listed, shown, _deleted = self.run_block('clients-curl')
        self.assertEqual(3, len(json.loads(listed[1])['messages']))
        self.assertEqual(os.environ['MESSAGE_ID'],
                         json.loads(shown[1])['message']['id'])
        self.assert_deleted()

    def test_reasons(self):
        by_reason, by_action = (json.loads(printed)['messages'] for _, printed
                                in self.run_block('clients-reasons'))
        self.assertEqual({'after_change'}, {
            message['retry'] for message in by_reason})
        self.assertEqual(['SCHEDULE_ALLOCATE_VOLUME'], [
            message['action'] for message in by_action])

    def test_french(self):
        [(_, printed)] = self.run_block('french')
        self.assertEqual(
            catalog.Catalog.builtin().text('VOLUME_VOLUME_001_003', 'fr'),
            json.loads(printed)['messages'][0]['user_message'])
