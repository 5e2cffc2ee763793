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

"""A stand-in for the image service, on loopback.

It serves the requests of the images API that Cinder sends, and nothing else.
"""

import http.server
import json
import threading
import uuid

import fixtures

_SCHEMA = {
    'name': 'image',
    'properties': {name: {} for name in (
        'id', 'name', 'status', 'size', 'virtual_size', 'min_disk', 'min_ram',
        'visibility', 'disk_format', 'container_format', 'created_at',
        'updated_at', 'checksum', 'owner', 'protected', 'tags', 'file')},
    'additionalProperties': {'type': 'string'},
}


class Glance(fixtures.Fixture):
    """Images whose content cannot be read if a test wants it so.

    :ivar url: of the service
    """

    def _setUp(self):
        self._images = {}
        # NOTE: without threads of its own and connections that are kept:
        # Cinder's libraries may have made the threads of this process green.
        self._server = http.server.HTTPServer(
            ('127.0.0.1', 0), _make_handler(self))
        self._server.timeout = 0.5
        self._stopped = False
        threading.Thread(target=self._serve, daemon=True).start()
        self.addCleanup(self._stop)
        self.url = f'http://127.0.0.1:{self._server.server_port}'

    def _serve(self):
        while not self._stopped:
            self._server.handle_request()
        self._server.server_close()

    def _stop(self):
        # NOTE: a main thread that waited for a green one would wait forever.
        self._stopped = True

    def add(self, download=200, **values):
        """Add an image of a few bytes and return its id.

        :param download: the HTTP status of the answer with its content; None
            closes the connection instead
        """
        id_ = str(uuid.uuid4())
        self._images[id_] = {
            'id': id_, 'name': 'image', 'status': 'active', 'size': 512,
            'min_disk': 0, 'min_ram': 0, 'visibility': 'public',
            'disk_format': 'raw', 'container_format': 'bare',
            'created_at': '2020-01-01T00:00:00Z',
            'updated_at': '2020-01-01T00:00:00Z', **values}
        self._images[id_, 'download'] = download
        return id_

    def answer(self, method, path):
        """Return the status and body of the answer to a request."""
        _, version, kind, *rest = f'{path}//'.split('/')
        if version != 'v2':
            return 200, {'versions': [{'id': 'v2.9', 'status': 'CURRENT'}]}
        if kind == 'schemas':
            return 200, _SCHEMA
        if method == 'POST':
            return 201, self._images[self.add()]
        id_, what = rest[:2]
        image = self._images.get(id_)
        if kind != 'images' or image is None:
            return 404, {}
        if what == 'file':
            return self._images[id_, 'download'], b'\0' * 512
        if method == 'DELETE':
            return 204, b''
        return 200, image


def _make_handler(glance):

    class Handler(http.server.BaseHTTPRequestHandler):

        def _handle(self):
            self.rfile.read(int(self.headers.get('Content-Length') or 0))
            status, body = glance.answer(self.command, self.path)
            if status is None:
                self.close_connection = True
                return
            content_type = 'application/octet-stream'
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
                content_type = 'application/json'
            self.send_response(status)
            self.send_header('Content-Type', content_type)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle

        def log_message(self, *args):
            """Print nothing."""

    return Handler
