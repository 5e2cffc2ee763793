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

"""What clients send, in the log, under each server that the API runs on."""

import pathlib
import re
import socket
import sys

import fixtures
import sqlalchemy as sa

from cinder_messages.storage import migrate
from tests import base
from tests import process

CONFIG = """\
[DEFAULT]
debug = true
[database]
connection = sqlite:///{directory}/messages.sqlite
[api]
auth_strategy = noauth
"""

FORGED = '2026-01-01 00:00:00.000 1 INFO forged'

CONTROLS = [bytes([number]) for number in (*range(0x20), *range(0x7f, 0xa0))]
OTHERS = ['"'.encode(), b'\\', b"'", *(
    character.encode() for character in
    '\x85\u2028\u2029\u202e\u2066\u200f\ufeff\u061c')]

REQUEST = {'method': b'GET', 'path': b'/v3/messages', 'query': b'limit=1',
           'Host': b'localhost', 'User-Agent': b'test',
           'X-Auth-Token': b'user:project',
           'OpenStack-API-Version': b'volume 3.71',
           'X-OpenStack-Request-ID': b'req-1', 'Accept-Language': b'en',
           'X-Forwarded-For': None, 'Content-Length': None}

LINE = re.compile(
    r'req-[0-9a-f-]{36} "(?:[^ "\\]|\\.)+ [^ "]+" status: \d+ len: (\d+|-) '
    r'time: \d+\.\d+ project: [^ ]+ microversion: [^ ]+$')


def make_requests():
    """Requests with each character in each field, as bytes."""
    for character in CONTROLS + OTHERS:
        evil = b'a' + character + FORGED.encode().replace(b' ', b'\x0b')
        for field in REQUEST:
            values = {**REQUEST, field: evil}
            if field in ('path', 'query'):
                values[field] = b'/v3/' + evil
            if field == 'X-Auth-Token':
                for token in evil + b':p', b'u:' + evil, b'u:p:' + evil:
                    yield make_request({**values, field: token})
            yield make_request(values)
        quoted = b''.join(b'%%%02x' % byte for byte in evil)
        yield make_request({**REQUEST, 'path': b'/v3/' + quoted})
        yield make_request({**REQUEST, 'path': b'/v3/%s/messages' % quoted,
                            'query': quoted})


def make_request(values):
    headers = b''.join(
        b'%s: %s\r\n' % (name.encode(), value)
        for name, value in values.items()
        if name not in ('method', 'path', 'query') and value is not None)
    return b'%(method)s %(path)s?%(query)s HTTP/1.1\r\n' % {
        name.encode(): values[name] for name in ('method', 'path', 'query')
    } + headers + b'Connection: close\r\n\r\n'


class TestLogLines(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.port = process.free_port()
        self.config_file = self.directory / 'cinder-messages.conf'
        self.config_file.write_text(CONFIG.format(directory=self.directory))
        engine = sa.create_engine(
            f'sqlite:///{self.directory}/messages.sqlite')
        migrate.upgrade(engine)
        engine.dispose()

    def start(self, ready, *args):
        self.server = self.useFixture(process.Process(
            process.command(*args),
            OS_CINDER_MESSAGES_CONFIG_FILES=str(self.config_file),
            PYTHONWARNINGS='ignore'))
        self.server.wait_for_line(ready)

    def send(self, request):
        with socket.create_connection(('127.0.0.1', self.port), 60) as sock:
            try:
                sock.sendall(request)
                while sock.recv(65536):
                    pass
            except ConnectionError:
                # A server may close before it has read what it refuses.
                pass

    def check(self):
        for request in make_requests():
            self.send(request)
        self.send(make_request({**REQUEST, 'query': b'the-last'}))
        self.server.wait_for_line('the-last')
        ours = 0
        for line in self.server.lines:
            self.assertTrue(line.isprintable(), line)
            self.assertFalse(line.startswith(FORGED), line)
            self.assertNotRegex(line, r'^\S*2026-01-01 ')
            if 'cinder_messages.api.middleware' in line and ' time: ' in line:
                self.assertRegex(line, LINE)
                ours += 1
        self.assertGreater(ours, len(CONTROLS))

    def test_cheroot(self):
        self.start('Serving', 'cinder-messages-all', '--config-file',
                   str(self.config_file), '--listen', f'127.0.0.1:{self.port}',
                   '--state-dir', str(self.directory))
        self.check()

    def test_gunicorn(self):
        self.start('Booting worker', 'gunicorn', '--bind',
                   f'127.0.0.1:{self.port}', '--threads', '2',
                   'cinder_messages.wsgi.api:application')
        self.check()

    def test_uwsgi(self):
        self.start(
            'spawned uWSGI worker', 'uwsgi', '--virtualenv', sys.prefix,
            '--http-socket', f'127.0.0.1:{self.port}', '--module',
            'cinder_messages.wsgi.api:application', '--need-app', '--master',
            '--lazy-apps', '--enable-threads', '--buffer-size', '65535',
            '--disable-logging', '--die-on-term')
        self.check()
