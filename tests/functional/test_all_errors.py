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

"""cinder-messages-all ends, whatever is wrong while it is built."""

import json
import pathlib
import signal
import socket

import fixtures

from tests import base
from tests import process

DEEP = '[' * 50_000


class TestConfigurationErrors(base.TestCase):
    """Each is one line on stderr and the exit code 1."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def run_with(self, **groups):
        config = self.write('test.conf', ''.join(
            f'[{group}]\n' + ''.join(f'{name} = {value}\n'
                                     for name, value in options.items())
            for group, options in groups.items()))
        return process.run(process.command(
            'cinder-messages-all', '--config-file', config, '--listen',
            '127.0.0.1:0', '--state-dir', str(self.directory / 'state')))

    def test_each_is_one_line_and_the_end(self):
        for option, text in (
                ('oslo_policy.policy_file', '- a\n- list\n'),
                ('oslo_policy.policy_file', '"message:get_all": 5\n'),
                ('oslo_policy.policy_file', DEEP),
                ('api.resource_query_filters_file', DEEP),
                ('api.resource_query_filters_file', '[]'),
                ('messages.text_overrides_file', DEEP),
                ('messages.text_overrides_file', '- a\n'),
                ('messages.text_overrides_file', '"000099": "unknown"\n')):
            with self.subTest(option=option, text=text[:20]):
                group, name = option.split('.')
                self.check(f'[{group}] {name}', **{group: {
                    name: self.write('file', text)}})

    def test_options_that_cannot_work_together(self):
        for words, groups in (
                ('auth_type', {'api': {'auth_strategy': 'keystone'}}),
                ('[healthcheck] backends', {
                    'healthcheck': {'backends': 'nonsense'}}),
                ('[healthcheck] detailed', {
                    'healthcheck': {'detailed': 'true'}}),
                ('allowed_source_ranges', {
                    'healthcheck': {'allowed_source_ranges': 'everywhere'}}),
                ('noauth_allow_remote', {'oslo_middleware': {
                    'enable_proxy_headers_parsing': 'true'}})):
            with self.subTest(words=words):
                self.check(words, **groups)

    def check(self, words, **groups):
        done = self.run_with(**groups)
        lines = [line for line in done.stderr.splitlines()
                 if line.startswith('cinder-messages-all: ')]
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertEqual(1, len(lines), done.stderr)
        self.assertIn(words, lines[0])
        self.assertNotIn('Traceback', done.stderr)
        self.assertLess(len(lines[0]), 3000)
        self.assertNotIn('Serving', done.stdout)


class TestRequests(base.TestCase):

    def setUp(self):
        super().setUp()
        self.served = self.useFixture(process.Process(process.command(
            'cinder-messages-all', '--listen', '127.0.0.1:0', '--state-dir',
            self.useFixture(fixtures.TempDir()).join('state'))))
        self.port = int(self.served.wait_for_line(
            r'Serving http://127.0.0.1:(\d+)/v3;').group(1))

    def exchange(self, data):
        """All that the server answers to some bytes."""
        with socket.create_connection(('127.0.0.1', self.port), 60) as sock:
            sock.sendall(data)
            answer = b''
            while chunk := sock.recv(65536):
                answer += chunk
        return answer

    def test_requests_that_reach_no_application_are_faults(self):
        for data, status, name, message in (
                (b'GET\r\n\r\n', 400, 'badRequest',
                 'Malformed Request-Line'),
                (b'nonsense\r\n\r\n', 400, 'badRequest', 'Malformed'),
                (b'GET /v3/ HTTP/3.7\r\n\r\n', 505, 'computeFault',
                 'Cannot fulfill request'),
                (b'CONNECT h:1 HTTP/1.1\r\n\r\n', 405, 'badMethod',
                 'The method is not allowed here.'),
                (b'GET /v3/ HTTP/1.1\r\nno colon\r\n\r\n', 400,
                 'badRequest', 'Illegal header line'),
                (b'GET /v3/ HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n',
                 501, 'computeFault', 'Not Implemented')):
            with self.subTest(data=data):
                head, _, body = self.exchange(data).partition(b'\r\n\r\n')
                self.assertIn(b'\r\nContent-Type: application/json', head)
                self.assertEqual(b'HTTP/1.1 %d' % status, head[:12])
                [(found, fault)] = json.loads(body).items()
                self.assertEqual((name, status), (found, fault['code']))
                self.assertIn(message, fault['message'])

    def test_a_chunked_body_is_not_the_next_request(self):
        inner = b'GET /healthcheck?smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
        for path in b'/v3/messages', b'/healthcheck', b'/', b'/nowhere':
            for method in b'GET', b'POST', b'DELETE', b'OPTIONS':
                answer = self.exchange(
                    method + b' ' + path + b' HTTP/1.1\r\nHost: x\r\n'
                    b'Transfer-Encoding: chunked\r\n\r\n'
                    b'%x\r\n%s\r\n0\r\n\r\n' % (len(inner), inner))
                self.assertEqual(1, answer.count(b'HTTP/1.1 '), answer)
                self.assertIn(b'Connection: close', answer)
        self.assertFalse(
            [line for line in self.served.lines if 'smuggled' in line])

    def test_a_body_with_a_length_leaves_the_connection_open(self):
        first = (b'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody')
        answer = self.exchange(
            first + b'GET /healthcheck HTTP/1.1\r\nHost: x\r\n'
            b'Connection: close\r\n\r\n')
        self.assertIn(b'HTTP/1.1 300 ', answer)
        self.assertIn(b'HTTP/1.1 200 ', answer)
        self.assertTrue(answer.endswith(b'OK'), answer)

    def test_an_empty_host_gives_links_that_lead_here(self):
        for version, host in (b'1.1', b'Host: \r\n'), (b'1.0', b''):
            answer = self.exchange(
                b'GET / HTTP/%s\r\n%sConnection: close\r\n\r\n' % (
                    version, host))
            links = json.loads(
                answer.partition(b'\r\n\r\n')[2])['versions'][0]['links']
            self.assertEqual(f'http://127.0.0.1:{self.port}/v3/',
                             links[1]['href'])

    def test_each_of_repeated_version_headers_counts(self):
        items = b'volume 3.3', b'user-messages 1.0'
        for first, second in (items, items[::-1]):
            answer = self.exchange(
                b'GET /v3/messages HTTP/1.1\r\nHost: x\r\n'
                b'X-Auth-Token: u:p\r\nOpenStack-API-Version: %s\r\n'
                b'openstack-api-version: %s\r\nConnection: close\r\n\r\n' % (
                    first, second))
            self.assertEqual(b'HTTP/1.1 200', answer[:12], answer)
            self.assertIn(
                b'\r\nOpenStack-API-Version: volume 3.3, '
                b'user-messages 1.0\r\n',
                answer)

    def test_signals_end_it(self):
        self.served.popen.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.served.wait())
