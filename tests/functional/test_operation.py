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

"""What an operator asks running processes."""

import contextlib
import os
import pathlib
import time
import urllib.error
import urllib.request

import fixtures
import sqlalchemy as sa

from cinder_messages.storage import migrate
from tests import base
from tests import process

CONFIG = """\
[DEFAULT]
transport_url = rabbit://me:hush@127.0.0.1:1/
[database]
connection = sqlite:///{directory}/messages.sqlite
slave_connection = mysql+pymysql://me:hush@127.0.0.1/d
[api]
auth_strategy = noauth
[cinder_messages]
transport_url = rabbit://me:hush@127.0.0.1:1/
[keystone_authtoken]
password = hush
[metrics]
api_port = {port}
directory = {directory}/metrics
[oslo_reports]
file_event_handler = {directory}/touch-me
file_event_handler_interval = 1
"""


class TestApi(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.metrics_port = process.free_port()
        config_file = self.directory / 'cinder-messages.conf'
        config_file.write_text(CONFIG.format(
            directory=self.directory, port=self.metrics_port))
        self.touched = self.directory / 'touch-me'
        self.touched.touch()
        engine = sa.create_engine(
            f'sqlite:///{self.directory}/messages.sqlite')
        migrate.upgrade(engine)
        engine.dispose()
        port = process.free_port()
        self.server = self.useFixture(process.Process(
            process.command(
                'gunicorn', '--bind', f'127.0.0.1:{port}', '--workers', '2',
                'cinder_messages.wsgi.api:application'),
            OS_CINDER_MESSAGES_CONFIG_FILES=str(config_file)))
        for _ in range(2):
            self.server.wait_for_line('Booting worker')
        self.url = f'http://127.0.0.1:{port}'

    def ask(self, path):
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(self.url + path, timeout=60).close()

    def metrics(self):
        with urllib.request.urlopen(
                f'http://127.0.0.1:{self.metrics_port}/metrics',
                timeout=60) as answer:
            return answer.read().decode()

    def test_two_workers_count_together_and_report_when_asked(self):
        for _ in range(10):
            self.ask('/healthcheck')
        self.ask('/v3/p/messages')

        for _ in range(4):
            numbers = self.metrics()
            self.assertIn('{handler="healthcheck",method="GET",status="200"} '
                          '10.0', numbers)
            self.assertIn('{handler="messages",method="GET",status="401"} 1.0',
                          numbers)
            self.assertNotIn('project', numbers)

        later = time.time() + 60
        os.utime(self.touched, (later, later))

        self.server.wait_for_line('Guru Meditation')
        self.server.wait_for_line('Configuration of the API')
        self.server.wait_for_line(r'^ *connection = \*\*\*')
        self.assertNotIn('hush', '\n'.join(self.server.lines))
