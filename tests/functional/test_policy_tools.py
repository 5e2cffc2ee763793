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

"""What an operator does with a policy file, and with oslo.policy's tools."""

import json
import os

import fixtures
from keystoneauth1 import fixture as tokens
from oslo_policy import opts
import webob

from cinder_messages.api import app
from cinder_messages import policy
from tests import base
from tests.functional import fixtures as api_fixtures
from tests import process

GOOD = '"message:get": "role:auditor"\n'
BAD = '"message:get": "role:auditor and ("\n"message:gte": "role:reader"\n'


class PolicyTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir())

    def write(self, name, text):
        path = self.directory.join(name)
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write(text)
        return path


class TestTools(PolicyTestCase):

    def tool(self, name, *args):
        return process.run(process.command('oslopolicy-' + name, *args))

    def config(self, text):
        """The options with which the tools find us and a policy file."""
        path = self.write('policy.yaml', text)
        return ('--namespace', 'cinder_messages', '--config-file', self.write(
            'cinder-messages.conf', f'[oslo_policy]\npolicy_file = {path}\n'))

    def test_validator(self):
        done = self.tool('validator', *self.config(GOOD))
        self.assertEqual(0, done.returncode, done.stderr)

        done = self.tool('validator', *self.config(BAD))
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn('message:gte', done.stdout + done.stderr)

    def test_policy_generator_has_what_is_overridden_and_what_is_not(self):
        done = self.tool('policy-generator', *self.config(GOOD))

        self.assertEqual(0, done.returncode, done.stderr)
        rules = dict(line.split(': ', 1) for line in done.stdout.splitlines())
        self.assertEqual('"role:auditor"', rules['"message:get"'])
        self.assertEqual(
            {'"context_is_admin"', '"message:get"', '"message:get_all"',
             '"message:get:actor"', '"message:get:host"',
             '"message:delete"'}, rules.keys())

    def test_policy_upgrade_keeps_what_is_ours(self):
        done = self.tool('policy-upgrade', '--namespace', 'cinder_messages',
                         '--policy', self.write('policy.yaml', GOOD))

        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual('message:get: role:auditor', done.stdout.strip())

    def test_checker_says_what_a_token_may(self):
        token = tokens.V3Token(user_id='u', project_id='p')
        token.add_role('auditor')
        done = self.tool(
            'checker', '--policy', self.write('policy.yaml', GOOD),
            '--access', self.write('token.json', json.dumps(token)))

        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('passed: message:get', done.stdout)


class TestChange(PolicyTestCase):

    def test_a_changed_file_counts_without_a_restart(self):
        path = self.write('policy.yaml', '"message:get": "!"')
        opts.set_defaults(self.conf, path)
        self.useFixture(fixtures.MockPatchObject(
            policy, 'REFRESH_INTERVAL', 0))
        served = api_fixtures.AppFixture()
        served.start_fixture()
        self.addCleanup(served.stop_fixture)
        self.conf.set_override('auth_strategy', 'noauth', 'api')
        application = app.loadapp(self.conf, served.store)

        def show(role):
            return webob.Request.blank(
                f'/v3/messages/{api_fixtures.MESSAGES[0].id}',
                environ={'REMOTE_ADDR': '127.0.0.1'}, headers={
                    'X-Auth-Token': f'u:{api_fixtures.ONE}:{role}',
                    'OpenStack-API-Version': 'volume latest',
                }).get_response(application).status_int

        self.assertEqual([403, 403], [show('reader'), show('auditor')])
        self.write('policy.yaml', GOOD)
        # NOTE: the clock of files may be too coarse to tell the two apart.
        os.utime(path, (2 ** 31, 2 ** 31))
        self.assertEqual([403, 200], [show('reader'), show('auditor')])
