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

"""admin/cinder: its ten steps on a Cinder that is in use, and the way back."""

import os
import re
import subprocess
import sys
import uuid

import fixtures
import sqlalchemy as sa

from tests import base
from tests import database
from tests import documents
from tests.integration import cinder_api
from tests.integration import stack

WRITER = 'cinder-messages-writer'

STEPS = ('cinder-install', 'cinder-database', 'cinder-our-file',
         'cinder-schema', 'cinder-writer', 'cinder-first-import',
         'cinder-api', 'cinder-services-file', 'cinder-services',
         'cinder-second-import')


class Host(fixtures.Fixture):
    """Where the commands of the page are typed.

    Its ``/etc`` and ``/var/lib`` are the stack's, and so are its services.
    """

    def __init__(self, deployed):
        self._stack = deployed
        self._name = f'cinder_messages_{uuid.uuid4().hex}'

    def _setUp(self):
        self._server = sa.make_url(os.environ[database.VARIABLES['mysql']])
        self._stack.path('cinder/cinder.conf.d').mkdir()
        self._stack.write(
            f'cinder-messages/{cinder_api.SNIPPET.name}',
            self._on_stack(cinder_api.SNIPPET.read_text()))
        self._environment = {
            **os.environ, **self._stack.environment,
            'PATH': f'{os.path.dirname(sys.executable)}:{os.environ["PATH"]}'}
        self.addCleanup(self.type, 'mariadb -e "DROP DATABASE IF EXISTS '
                                   'cinder_messages"')
        self.addCleanup(self.type, 'mariadb -e "DROP USER IF EXISTS '
                                   'cinder_messages"')

    def run_block(self, name, **environment):
        """Do what a block of the page says; what the last command prints."""
        block = documents.block_named(name)
        if block.language == 'ini':
            path = self._on_stack(block.options['caption'])
            with open(path, 'w') as file:
                file.write(self._on_stack(block.text))
            return ''
        for command in block.commands():
            words = command.split()
            if words[0] == 'systemctl':
                output = self._control(*words[1:])
            else:
                output = self.type(command, **environment)
        return output

    def type(self, command, **environment):
        """Run a command in a shell; it must succeed."""
        done = subprocess.run(
            self._on_stack(command), shell=True, text=True, timeout=120,
            capture_output=True, cwd=self._stack.directory,
            env={**self._environment, **environment})
        if done.returncode:
            raise AssertionError(
                f'{command}\n{done.stdout}\n{done.stderr}')
        return done.stdout

    def _control(self, verb, unit):
        if verb != 'start':
            self._stack.services[unit].terminate()
        if verb != 'stop':
            self._stack.start(unit)

    def _on_stack(self, text):
        """What the page names, as it is called here."""
        text = re.sub(r'(mysql\+pymysql://\S+:SECRET@)controller/',
                      rf'\g<1>{self._server.host}:{self._server.port}/', text)
        text = text.replace('rabbit://openstack:SECRET@controller',
                            self._stack.transport_url)
        text = re.sub('/(etc|var)/', rf'{self._stack.directory}/\1/', text)
        # NOTE: a user's name has 32 characters on the oldest servers.
        text = re.sub(r'\bcinder_messages\b(?!\.integration|])',
                      self._name[:32], text)
        return re.sub(
            '^mariadb ', f'mariadb --no-defaults -h {self._server.host} '
            f'-P {self._server.port} -u {self._server.username} ', text)


class TestGuide(base.TestCase):

    def setUp(self):
        super().setUp()
        self.stack = self.useFixture(stack.Stack())
        self.host = self.useFixture(Host(self.stack))
        self.stack.start(*stack.SERVICES)
        self.stack.wait_for_pools()
        self.member = self.stack.keystone.create_user(
            'demo', 'member', 'demo')
        self.volumes = self.stack.connect('demo', 'demo').block_storage

    def fail(self):
        """Ask for a volume that cannot be; its id."""
        volume = self.volumes.create_volume(name='too big', size=900)
        self.volumes.wait_for_status(
            volume, 'error', failures=[], interval=1, wait=60)
        return volume.id

    def listed(self):
        """The resources of all messages of the user."""
        return {message['resource_uuid'] for message in
                self.volumes.get('/messages').json()['messages']}

    def test_ten_steps_and_back(self):
        before = self.fail()
        self.assertEqual({before}, self.listed())

        for step in STEPS:
            self.host.run_block(step)
            if step == 'cinder-api':
                self.assertEqual({before}, self.listed())
                between = self.fail()
                self.assertEqual({before}, self.listed())
        self.stack.wait_for_pools()
        self.assertEqual({before, between}, self.listed())
        after = self.fail()
        self.stack.wait(lambda: after in self.listed())
        self.host.run_block(
            'cinder-proof', **self.stack.keystone.environment(self.member))
        self.stack.wait(lambda: len(self.listed()) == 4)

        self.host.run_block('cinder-back')
        self.stack.wait_for_pools()
        self.assertEqual({before, between}, self.listed())
        again = self.fail()
        self.assertEqual({before, between, again}, self.listed())
