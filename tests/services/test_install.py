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

"""The installation guide, word for word, and what it promises.

To see what was typed and what came of it::

    .tox/services/bin/python -m testtools.run tests.services.test_install
"""

import http.client
import os
import tempfile
import unittest

from tests import base
from tests import process
from tests.services import flow
from tests.services import guide
from tests.services import reporter

ETC = '/opt/cinder-messages/etc/cinder-messages'
TRANSPORT_URL = (f'rabbit://cinder_messages:BROKER_PASSWORD@{guide.CLOUD}:5672'
                 '/openstack')

# Each server in front of the API answers these alike.
ALIKE = (
    ('GET', '/'), ('GET', '/v3'), ('GET', '/v3/'), ('GET', '/healthcheck'),
    ('GET', '/v3/PROJECT/messages'), ('HEAD', '/v3/PROJECT/messages'),
    ('GET', '/v3/messages?limit=1'), ('GET', '/v3/messages/MESSAGE'),
    ('HEAD', '/v3/messages/MESSAGE'), ('GET', '/v3/messages/none'),
    ('GET', '/v3/other/messages'), ('GET', '/v3/PROJECT%2Fmessages'),
    ('GET', '/v3/messages/a%2Fb'), ('GET', '/v3/mess%61ges'),
    ('GET', '/v3/messages/%ff'), ('GET', '/v3/messages/%C3%A9'),
    ('GET', '/v3/messages/%0d%0a'), ('GET', '/v3/messages/'),
    ('GET', '/v3/messages%3Flimit=0'), ('GET', '/v3/messages;limit=0'),
    ('GET', '/v3/messages?event_id=%00'), ('GET', '/v3/messages?event_id=%ff'),
    ('GET', f'/v3/messages?resource_uuid={"x" * 7000}'),
    ('POST', '/v3/messages'), ('PATCH', '/v3/messages'),
    ('OPTIONS', '/v3/messages'), ('DELETE', '/v3/messages'),
    ('DELETE', '/v3/messages/none'),
)
# On these each has an opinion of its own; it may be no error of the server's.
ODD = ('/v3//messages', '//v3/messages', '/v3/./messages',
       '/v3/../v3/messages', '/v3/%2e%2e/messages', '/v3/messages/%00',
       '/v3/messages/\xff', '/v3/messages#x')

# As the guide says, and waits until the old processes have ended.
RELOAD_APACHE = f"""
old=$(pgrep -f '^.wsgi:cinder')
touch {ETC}/cinder-messages-api.wsgi
for pid in $old; do
    while kill -0 $pid 2> /dev/null; do sleep 0.1; done
done
"""


class _Raw(http.client.HTTPConnection):
    """A client that sends what it is told to."""

    def _validate_path(self, url):
        pass

    def _encode_request(self, request):
        return request.encode('latin-1')


class TestInstall(base.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid():
            raise unittest.SkipTest('Machines of its own take root')
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        tree, older, cls.newer = guide.build_wheels(directory.name)
        cls.guide = guide.Guide()
        cls.guide.setUp()
        cls.addClassCleanup(cls.guide.cleanUp)
        cls.guide.bring(older)
        cls.follow('debian', tree)
        cls.cloud = cls.guide.cloud
        cls.first, cls.second = cls.guide.hosts.values()
        cls.said = ''.join(cls.guide.transcript)
        cls.token = cls.guide.keystone.token(cls.guide.user)

    @classmethod
    def follow(cls, page, tree=process.ROOT):
        begin = len(cls.guide.transcript)
        try:
            cls.guide.follow(f'install/{page}.rst', tree)
        finally:
            print(''.join(cls.guide.transcript[begin:]))

    def headers(self):
        return {'X-Auth-Token': self.token,
                'OpenStack-API-Version': 'volume latest'}

    def ask(self, host, method, path, body=None):
        """Status, content type and body of a request as it is."""
        connection = _Raw(host, 8776, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, body, self.headers())
        response = connection.getresponse()
        return (response.status, response.getheader('Content-Type'),
                response.read())

    def go_on(self, action, host=guide.CLOUD):
        """Do something while requests go on, none of which may fail."""
        requests = flow.Requests(f'{host}:8776', self.headers())
        with requests:
            action()
        self.assertEqual({200}, set(requests.answers), requests.answers)
        return requests.answers[200]

    def lose_nothing(self, what, action):
        """Do something while both go on, and count what was lost."""
        reports = self.useFixture(flow.Reports(TRANSPORT_URL, what))
        answered = self.go_on(action)
        reported = reports.end()
        stored = self.stored(what)
        print(f'{what}: reported {len(reported)}, lost '
              f'{len(reported - set(stored))}, doubled '
              f'{len(stored) - len(set(stored))}; {answered} API requests, '
              'failed 0')
        self.assertGreater(len(reported), 100)
        self.assertEqual(sorted(reported), sorted(stored))

    def stored(self, what):
        """The resources of the messages in the database, each as often."""
        return self.cloud.run(
            'mariadb -N cinder_messages -e "SELECT resource_uuid FROM '
            f"user_messages WHERE project_id = '{reporter.PROJECT}' AND "
            f"resource_uuid LIKE '{what}-%'\"").split()

    def test_the_guide_ends_with_the_message(self):
        self.assertEqual(2, self.said.count(
            'No storage could be allocated for this volume request.'))

    def test_the_wheel_brings_all_files(self):
        self.assertEqual(
            sorted(path.name for path in
                   (process.ROOT / 'etc' / 'cinder_messages').iterdir()),
            self.first.run(f'ls {ETC} | grep -v __pycache__').split())

    def test_the_services_have_no_rights(self):
        for unit in 'cinder-messages-writer', 'cinder-messages-api':
            self.assertEqual('', self.first.run(
                f'systemd-analyze verify /etc/systemd/system/{unit}.service'))
            self.first.run(f'systemd-analyze security --threshold=20 {unit}')
            status = self.first.run(
                f'cat /proc/$(systemctl show -p MainPID --value {unit})/status'
            ).replace('\t', ' ')
            for line in ('NoNewPrivs: 1', 'Seccomp: 2',
                         'CapBnd: 0000000000000000'):
                self.assertIn(line, status)
            self.assertNotIn('Uid: 0', status)

    def test_one_of_each_may_be_killed(self):
        def kill():
            self.first.kill_service('cinder-messages-api')
            self.second.kill_service('cinder-messages-writer')

        self.lose_nothing('kill', kill)

    def test_a_writer_reads_its_configuration_again(self):
        self.lose_nothing('reload', lambda: self.first.reload(
            'cinder-messages-writer'))

    def test_an_upgrade_loses_nothing(self):
        version = '/opt/cinder-messages/bin/cinder-messages-manage db version'
        before = self.first.run(version)
        self.guide.bring(self.newer)

        self.lose_nothing('upgrade', lambda: self.follow('upgrade'))

        self.assertNotEqual(before, self.first.run(version))
        for host in self.first, self.second:
            self.assertIn('Version: 0.0.2', host.run(
                '/opt/cinder-messages/bin/pip show cinder-messages'))
            host.run(
                '/opt/cinder-messages/bin/cinder-messages-manage db check')

    def test_files_of_logs_are_rotated(self):
        self.follow('production')
        self.addCleanup(self.first.run, (
            'rm -r /etc/cinder-messages/cinder-messages.conf.d; '
            'systemctl restart cinder-messages-writer cinder-messages-api'))
        logs = {'/var/log/cinder-messages/cinder-messages-writer.log',
                '/var/log/cinder-messages/cinder-messages-api.log'}
        self.first.run(
            f'for log in {" ".join(logs)}; do '
            'until [ -s $log ]; do sleep 0.1; done; done')

        self.first.run('logrotate -f /etc/logrotate.d/cinder-messages')
        self.first.reload('cinder-messages-writer')
        self.ask(self.first.address, 'GET', '/v3/messages')

        self.assertLessEqual(
            logs | {f'{log}.1' for log in logs},
            set(self.first.run('ls -d /var/log/cinder-messages/*').split()))

    def test_paste_finds_the_application(self):
        self.assertEqual('200 OK', self.first.run(
            '/opt/cinder-messages/bin/python -W ignore -c "\n'
            'from paste import deploy\n'
            'import webob\n'
            f'app = deploy.loadapp(\'config:{ETC}/api-paste.ini\')\n'
            'print(webob.Request.blank(\'/v3\').get_response(app).status)"'
        ).splitlines()[-1])

    def test_each_server_answers_alike(self):
        """As uWSGI does: haproxy in front of it, gunicorn, Apache."""
        self.message_id = self.create_message()
        expected = self.answers(self.first.address)
        self.assertEqual(expected, self.answers(guide.CLOUD))
        self.assertEqual(
            {200, 300, 400, 404, 405, 413},
            {status for status, *_ in expected.values()})
        self.addCleanup(self.first.run, (
            'systemctl disable --now apache2; '
            'systemctl enable --now cinder-messages-api'))
        self.addCleanup(self.second.run, (
            'rm -r /etc/systemd/system/cinder-messages-api.service.d; '
            'systemctl daemon-reload; systemctl restart cinder-messages-api'))
        self.reload(self.first, 'cinder-messages-api')

        self.follow('servers')

        for host in self.first, self.second:
            self.assertEqual(expected, self.answers(host.address))
        self.reload(self.second, 'cinder-messages-api')
        self.reload(self.first, 'apache2', RELOAD_APACHE)

    def reload(self, host, unit, script=None):
        answered = self.go_on(
            lambda: host.run(script) if script else host.reload(unit),
            host.address)
        print(f'{unit} reloaded: {answered} API requests, failed 0')

    def answers(self, host):
        """What a server says to each request that all should answer alike."""
        own = self.create_message()
        self.assertEqual(204, self.ask(
            host, 'DELETE', f'/v3/messages/{own}')[0])
        for path in ODD:
            self.assertLess(self.ask(host, 'GET', path)[0], 500, path)
        found = {}
        for method, path in ALIKE:
            found[method, path] = self.ask(host, method, path.replace(
                'PROJECT', self.guide.user.project_id).replace(
                'MESSAGE', self.message_id))
        found['large'] = self.ask(
            host, 'DELETE', '/v3/messages/none', b'x' * 200000)
        found['gone'] = self.ask(host, 'GET', f'/v3/messages/{own}')[:2]
        return found

    def create_message(self):
        return self.first.run(
            '/opt/cinder-messages/bin/cinder-messages-manage message create '
            '--event-id 000001 --project-id '
            f'{self.guide.user.project_id}').strip()
