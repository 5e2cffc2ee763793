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

"""The API behind a real Keystone, as its clients find and use it."""

from tests import base
from tests import process
from tests.services import fixtures
from tests.services import keystone

LIST = '/messages'
ALL_PROJECTS = LIST + '?all_tenants=1'


class TestKeystone(base.TestCase):

    def setUp(self):
        super().setUp()
        self.keystone = self.useFixture(keystone.Keystone())
        self.deployment = self.useFixture(fixtures.Deployment('mysql'))
        with open(self.deployment.config_file, 'a') as config:
            config.write(keystone.AUTHTOKEN.format(
                url=self.keystone.url, password=keystone.PASSWORD))
        self.deployment.sync()
        self.deployment.start_writer()
        self.api = self.deployment.start_api()
        self.reader = self.keystone.create_user('reader', 'reader', 'one')
        self.member = self.keystone.create_user('member', 'member', 'one')
        self.other = self.keystone.create_user('other', 'member', 'two')
        self.own, self.another = (
            self.report(user.project_id) for user in (self.member, self.other))

    def report(self, project_id):
        done = self.deployment.run(
            'cinder-messages-manage', 'message', 'create', '--project-id',
            project_id, '--event-id', '000002')
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.strip()

    def ask(self, user, path, method='GET', **headers):
        """Status and body."""
        return self.api.ask(method, path, {
            'X-Auth-Token': self.keystone.token(user), **headers})

    def listed(self, user, path=LIST):
        status, body = self.ask(user, path)
        self.assertEqual(200, status, body)
        return [message['id'] for message in body['messages']]

    def test_each_persona_has_the_rights_of_its_role(self):
        admin = self.keystone.create_user('boss', 'admin', 'one')
        system = self.keystone.create_user('operator', 'admin')
        watcher = self.keystone.create_user('watcher', 'reader')
        service = self.keystone.create_user('nova', 'service', 'one')
        everything = [self.another, self.own]

        for user in self.reader, self.member, admin:
            self.assertEqual([self.own], self.listed(user))
            self.assertEqual(
                [self.own],
                self.listed(user, f'/{self.member.project_id}/messages'))
        self.assertEqual([self.another], self.listed(self.other))
        for user in self.reader, self.member:
            self.assertEqual(
                [self.own], self.listed(user, ALL_PROJECTS))
            self.assertEqual(400, self.ask(
                user, f'/{self.other.project_id}/messages')[0])
            for method in 'GET', 'DELETE':
                self.assertIn(self.ask(
                    user, f'{LIST}/{self.another}', method)[0], (403, 404))
        for user in admin, system:
            self.assertEqual(
                everything, self.listed(user, ALL_PROJECTS))
            self.assertEqual([self.another], self.listed(
                user, f'/{self.other.project_id}/messages'))
        for user in watcher, service:
            for path in LIST, ALL_PROJECTS, f'{LIST}/{self.own}':
                self.assertEqual(403, self.ask(user, path)[0], user)
        self.assertEqual(403, self.ask(
            self.reader, f'{LIST}/{self.own}', 'DELETE')[0])
        # The rights of a service that calls on behalf of a user do not count,
        # and who is no service cannot call on behalf of anyone.
        for caller, status in (service, 403), (admin, 401):
            self.assertEqual(status, self.ask(
                self.reader, f'{LIST}/{self.own}', 'DELETE',
                **{'X-Service-Token': self.keystone.token(caller)})[0])
        self.assertEqual(204, self.ask(
            self.member, f'{LIST}/{self.own}', 'DELETE')[0])
        self.assertEqual(204, self.ask(
            system, f'{LIST}/{self.another}', 'DELETE')[0])
        self.assertEqual([], self.listed(admin, ALL_PROJECTS))

    def check(self, token, path, status, ids=None, method='GET'):
        """What a token of another kind is answered."""
        got, body = self.api.ask(method, path, {'X-Auth-Token': token})
        self.assertEqual(status, got, (path, body))
        if ids is not None:
            self.assertEqual(
                ids, {message['id'] for message in body['messages']})

    def test_tokens_of_other_kinds_have_the_rights_of_their_roles(self):
        # One test for all kinds: each Keystone takes a while to start.
        self.check_domain_tokens()
        self.check_tokens_without_rights()
        self.check_application_credentials()

    def check_domain_tokens(self):
        everything = {self.own, self.another}
        in_url = f'/{self.other.project_id}/messages'
        admin = self.keystone.create_domain_user('ruler', 'admin')
        # The role counts in each scope, as Cinder's default policy has it.
        self.check(admin, ALL_PROJECTS, 200, everything)
        self.check(admin, in_url, 200, {self.another})
        self.check(admin, LIST, 400)
        self.check(admin, f'{LIST}/{self.own}', 200)
        self.check(admin, f'{in_url}/{self.another}', 200)
        self.check(admin, f'{in_url}/{self.own}', 404)
        self.check(admin, f'{in_url}/{self.own}', 404, method='DELETE')

    def check_tokens_without_rights(self):
        for token in (self.keystone.create_domain_user('knight', 'member'),
                      self.keystone.create_domain_user('squire', 'reader'),
                      self.keystone.unscoped_token(self.member)):
            for path in LIST, ALL_PROJECTS, f'{LIST}/{self.own}':
                self.check(token, path, 403)
            self.check(token, f'{LIST}/{self.own}', 403, method='DELETE')
            self.check(token, f'/{self.other.project_id}/messages', 400)

    def check_application_credentials(self):
        reader = self.keystone.application_token(self.member, 'reader')
        member = self.keystone.application_token(self.member, 'member')
        for token in reader, member:
            self.check(token, LIST, 200, {self.own})
            self.check(token, ALL_PROJECTS, 200, {self.own})
            self.check(token, f'{LIST}/{self.another}', 404)
            self.check(token, f'/{self.other.project_id}/messages', 400)
        self.check(reader, f'{LIST}/{self.own}', 403, method='DELETE')
        self.check(member, f'{LIST}/{self.own}', 204, method='DELETE')

    def test_clients_find_it_in_the_catalog(self):
        self.keystone.create_endpoint(
            self.api.url + '/%(project_id)s')
        as_member = self.keystone.environment(self.member)
        as_other = self.keystone.environment(self.other)

        for listing in (
                ('cinder', 'message-list'),
                ('openstack', 'volume', 'message', 'list')):
            done = process.run(process.command(*listing), **as_member)
            self.assertIn(self.own, done.stdout, done.stderr)
            self.assertNotIn(self.another, done.stdout)
            done = process.run(process.command(*listing), **as_other)
            self.assertIn(self.another, done.stdout, done.stderr)
            self.assertNotIn(self.own, done.stdout)
        done = process.run(process.command(
            'openstack', 'volume', 'message', 'delete', self.another),
            **as_member)
        self.assertNotEqual(0, done.returncode)
        done = process.run(process.command(
            'cinder', 'message-delete', self.own), **as_member)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual([], self.listed(self.member))
        self.assertEqual([self.another], self.listed(self.other))

    def test_a_keystone_that_is_away_is_tried_again_later(self):
        known, unknown = (
            {'X-Auth-Token': self.keystone.token(self.member)}
            for _ in range(2))
        self.assertEqual(200, self.api.ask('GET', LIST, known)[0])
        # The last one is as long as our server takes it, and Keystone's not.
        for token in 'no-such-token', 'a' * 8000, 'a' * 8174:
            self.assertEqual(401, self.api.ask(
                'GET', LIST, {'X-Auth-Token': token})[0])

        self.keystone.server.kill()
        status, body = self.api.ask('GET', LIST, unknown)
        self.assertEqual(503, status)
        self.assertEqual(503, body['serviceUnavailable']['code'])
        self.assertNotIn('127.0.0.1', body['serviceUnavailable']['message'])

        self.keystone.start()
        self.assertEqual(200, self.api.ask('GET', LIST, unknown)[0])
