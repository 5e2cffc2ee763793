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

"""A load on an HTTP server that costs the machine as little as it can.

One thread and a few connections that stay open; each sends its next request
when the last one is answered.
"""

import collections
import itertools
import re
import selectors
import socket
import time

_LENGTH = re.compile(rb'\r\ncontent-length: *(\d+)\r\n', re.IGNORECASE)

Load = collections.namedtuple('Load', 'answers seconds')


def get(path, **headers):
    """Return the bytes of a GET request."""
    lines = [f'GET {path} HTTP/1.1', 'Host: 127.0.0.1',
             *(f'{name.replace("_", "-")}: {value}'
               for name, value in headers.items())]
    return ''.join(f'{line}\r\n' for line in [*lines, '']).encode()


def fetch(port, request):
    """Send one request and return the body of the response."""
    connection = _Connection(port)
    connection.send(request)
    while (body := connection.receive()) is None:
        pass
    connection.socket.close()
    return body


def run(port, requests, seconds, connections):
    """Send requests, over and over, for a number of seconds.

    What is under way at the end is waited for, and counted.

    :returns: how many were answered, and in which time
    """
    endless = itertools.cycle(requests)
    started = time.perf_counter()
    answers = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(port)
            connection.send(next(endless))
            selector.register(connection.socket, selectors.EVENT_READ,
                              connection)
        while selector.get_map():
            for key, _ in selector.select():
                if key.data.receive() is None:
                    continue
                answers += 1
                if time.perf_counter() - started < seconds:
                    key.data.send(next(endless))
                else:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
    return Load(answers, time.perf_counter() - started)


class _Connection:

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b''

    def send(self, request):
        self._received = b''
        self.socket.sendall(request)

    def receive(self):
        """Take what has come; the body once all of it is there."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise SystemExit('The server has closed a connection.')
        self._received += data
        head, found, body = self._received.partition(b'\r\n\r\n')
        length = _LENGTH.search(head + b'\r\n')
        if not found or len(body) < int(length[1]):
            return None
        if b' 200 ' not in head.partition(b'\r\n')[0]:
            raise SystemExit(f'The server says: {head!r} {body[:500]!r}')
        return body
