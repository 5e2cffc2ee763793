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

"""The module that WSGI servers import, as they do: in a fresh process."""

import os
import subprocess
import sys

import fixtures

from tests import base

GOOD = '[api]\nauth_strategy = noauth\n[database]\nconnection = sqlite://\n'


class TestApplication(base.TestCase):

    def _import(self, text):
        path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'cinder-messages.conf')
        if text is not None:
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(text)
        return subprocess.run(
            [sys.executable, '-c',
             'from cinder_messages.wsgi import api\n'
             'assert callable(api.application)'],
            env={**os.environ, 'OS_CINDER_MESSAGES_CONFIG_FILES': path},
            capture_output=True, text=True, check=False)

    def test_good_configuration(self):
        done = self._import(GOOD)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_a_directory_for_logs_has_one_of_that_name(self):
        directory = self.useFixture(fixtures.TempDir()).path
        done = self._import(f'[DEFAULT]\nlog_dir = {directory}\n{GOOD}')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(['cinder-messages-api.log'], os.listdir(directory))

    def _check_one_line(self, done, *words):
        self.assertEqual(1, done.returncode)
        lines = [line for line in done.stderr.splitlines()
                 if line.startswith('cinder-messages: ')]
        self.assertEqual(1, len(lines), done.stderr)
        self.assertNotIn('Traceback', done.stderr)
        for word in words:
            self.assertIn(word, lines[0])

    def test_file_that_is_not_there_is_one_line(self):
        self._check_one_line(self._import(None), 'cinder-messages.conf')

    def test_file_that_cannot_be_read_is_one_line(self):
        self._check_one_line(self._import('nonsense'), 'nonsense')

    def test_option_that_cannot_work_is_one_line(self):
        self._check_one_line(
            self._import(GOOD.replace('noauth', 'keystone')), 'auth_type')
