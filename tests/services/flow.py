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

"""Reports and requests that go on while something is done to the services."""

import collections
import contextlib
import http.client
import json
import os
import threading

import fixtures

from tests import process

_CONFIG = """\
[DEFAULT]
transport_url = {transport_url}

[cinder_messages]
spool_dir = {spool_dir}
"""


class Requests(fixtures.Fixture):
    """Clients that list, one request after the other, until the end.

    :param address: of the API, or of what stands in front of it
    :ivar answers: how many of each status, or of each exception
    """

    def __init__(self, address, headers, clients=3):
        self._address = address
        self._headers = headers
        self._clients = clients

    def _setUp(self):
        self.answers = collections.Counter()
        self._ended = threading.Event()
        # NOTE: one knows the services before anything is done to them.
        self._known = threading.Event()
        threads = [threading.Thread(target=self._ask)
                   for _ in range(self._clients)]
        self.addCleanup(lambda: [thread.join() for thread in threads])
        self.addCleanup(self._ended.set)
        for thread in threads:
            thread.start()
        self._known.wait(60)

    def _ask(self):
        connection = http.client.HTTPConnection(self._address, timeout=60)
        with contextlib.closing(connection):
            while not self._ended.is_set():
                try:
                    connection.request(
                        'GET', '/v3/messages?limit=1', headers=self._headers)
                    response = connection.getresponse()
                    response.read()
                    self.answers[response.status] += 1
                except (OSError, http.client.HTTPException) as error:
                    self.answers[repr(error)] += 1
                    connection.close()
                self._known.set()
                self._ended.wait(0.02)


class Reports(fixtures.Fixture):
    """A service that reports until it is told to end.

    :param transport_url: of the bus
    :ivar said: in the end, what it has counted
    """

    def __init__(self, transport_url, name):
        self._transport_url = transport_url
        self._name = name

    def _setUp(self):
        directory = self.useFixture(fixtures.TempDir())
        config_file = directory.join('reporter.conf')
        with open(config_file, 'w') as config:
            config.write(_CONFIG.format(
                transport_url=self._transport_url,
                spool_dir=directory.join('spool')))
        self._go_on = directory.join('go-on')
        with open(self._go_on, 'w') as file:
            self._process = self.useFixture(process.Process(process.python(
                '-m', 'tests.services.reporter', config_file, '1000000',
                '--name', self._name, '--pace', '0.01', '--while-there',
                file.name)))
        self._process.wait_for_line('began')

    def end(self):
        """Have it end; what it has reported, by its names."""
        os.unlink(self._go_on)
        found = self._process.wait_for_line(r'^answered (.*)', 180)
        self.said = json.loads(found[1])
        return {f'{self._name}-{number}'
                for number in range(self.said['reported'])}
