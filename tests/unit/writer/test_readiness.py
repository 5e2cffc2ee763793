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

"""What systemd is told, and by whom."""

import logging
import os
import socket

import fixtures

from cinder_messages.writer import readiness
from tests import base


class TestReadiness(base.TestCase):

    def listen(self, address):
        systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(systemd.close)
        systemd.bind(address)
        systemd.settimeout(20)
        return systemd

    def test_the_parent_notifies_systemd_when_a_child_is_ready(self):
        address = self.useFixture(fixtures.TempDir()).join('notify')
        systemd = self.listen(address)
        environ = {'NOTIFY_SOCKET': address}
        made = readiness.Readiness(environ)
        self.assertEqual({}, environ, 'or the launcher would say so at once')

        child = os.fork()
        if not child:
            made.ready()
            os._exit(0)
        os.waitpid(child, 0)

        self.assertEqual(b'READY=1', systemd.recv(100))
        made.stopping()
        self.assertEqual(b'STOPPING=1', systemd.recv(100))

    def test_an_abstract_socket(self):
        name = f'cinder-messages-{os.getpid()}'
        systemd = self.listen(f'\0{name}')
        readiness.Readiness({'NOTIFY_SOCKET': f'@{name}'}).stopping()
        self.assertEqual(b'STOPPING=1', systemd.recv(100))

    def test_nothing_happens_without_systemd(self):
        made = readiness.Readiness({})
        made.ready()
        made.stopping()

    def test_a_socket_that_is_gone_is_logged(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))
        readiness.Readiness({'NOTIFY_SOCKET': '/nowhere/x'}).stopping()
        self.assertIn('STOPPING=1', log.output)
