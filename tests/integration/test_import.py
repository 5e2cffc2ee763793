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

"""What a Cinder has stored by itself is imported, and read through us."""

import fixtures
import webob

from cinder_messages.api import app
from tests import base
from tests import process

PROJECT = 'f' * 32

# Cinder's own message API and database; a process of its own, for both keep
# to what the first configuration of a process was.
STORE = """
import sys

from cinder.common import config
from cinder import context
from cinder import exception
from cinder.message import api
from cinder.message import message_field
from cinder import objects
from oslo_config import cfg

objects.register_all()
cfg.CONF(['--config-file', sys.argv[1]], project='cinder')
for project in sys.argv[2], 'another-project':
    who = context.RequestContext('user', project)
    api.API().create(who, message_field.Action.SCHEDULE_ALLOCATE_VOLUME,
                     resource_uuid='volume',
                     exception=exception.NoValidBackend(reason='full'))
    api.API().create(who, message_field.Action.EXTEND_VOLUME,
                     detail=message_field.Detail.DRIVER_FAILED_EXTEND,
                     level='WARNING')
deleted = api.API().get_all(who)[0]
api.API().delete(who, deleted['id'])
"""


class TestImport(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir())
        self.cinder = self.write('cinder.conf', f"""
            [DEFAULT]
            state_path = {self.directory.path}
            transport_url = fake:///
            [database]
            connection = sqlite:///{self.directory.join('cinder.sqlite')}
            """)
        self.url = f'sqlite:///{self.directory.join("ours.sqlite")}'
        self.ours = self.write('ours.conf', f"""
            [DEFAULT]
            transport_url = fake:///
            [database]
            connection = {self.url}
            """)

    def write(self, name, text):
        path = self.directory.join(name)
        with open(path, 'w') as file:
            file.write(text.replace('\n            ', '\n'))
        return path

    def done(self, args):
        done = process.run(args, timeout=300)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def manage(self, *args):
        return self.done(process.command(
            'cinder-messages-manage', '--config-file', self.ours, *args))

    def list(self):
        self.conf.set_override('connection', self.url, 'database')
        self.conf.set_override('auth_strategy', 'noauth', 'api')
        answer = webob.Request.blank(
            f'/v3/{PROJECT}/messages?sort=event_id:asc', headers={
                'X-Auth-Token': f'user:{PROJECT}',
                'OpenStack-API-Version': 'volume 3.5',
            }, environ={'REMOTE_ADDR': '127.0.0.1'}).get_response(
                app.loadapp(self.conf))
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json['messages']

    def test_messages_of_a_cinder(self):
        self.done(process.command(
            'cinder-manage', '--config-file', self.cinder, 'db', 'sync'))
        self.done(process.python('-c', STORE, self.cinder, PROJECT))
        self.manage('db', 'sync')

        for imported, known in ((3, 0), (0, 3)):
            said = self.manage(
                'db', 'import-cinder', '--cinder-conf', self.cinder)
            self.assertIn('4 rows read:', said)
            self.assertIn(f' {imported} imported', said)
            self.assertIn(f' {known} known already', said)
            self.assertIn(' 1 left out, deleted in Cinder', said)
            self.assertIn(' 0 refused', said)
            self.assertNotIn('unknown error', said)

        first, second = self.list()
        self.assertEqual(
            ('VOLUME_VOLUME_001_003', 'volume', 'ERROR'),
            (first['event_id'], first['resource_uuid'],
             first['message_level']))
        self.assertEqual('WARNING', second['message_level'])
        self.assertNotIn('resource_uuid', second)
        self.assertLess(first['created_at'], first['guaranteed_until'])
