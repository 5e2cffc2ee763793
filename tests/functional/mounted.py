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

"""A server for clients: the API below two prefixes, and a catalog.

``python -m tests.functional.mounted PORT`` serves the API at ``/``
and at ``/volume``, and at ``/identity/N/v3`` what clients ask a Keystone,
whose catalog has the Nth of :data:`ENDPOINTS`. Each password is right, and
each token is one of noauth.
"""

import importlib
import json
import sys

from cheroot import wsgi
from keystoneauth1 import fixture as tokens

from tests.functional import fixtures

USER = 'user-one'
PROJECT = fixtures.ONE

# Where the catalog says that Block Storage is, below the address.
ENDPOINTS = ('', '/', '/v3', '/v3/', f'/v3/{PROJECT}', f'/v3/{PROJECT}/',
             '/volume', '/volume/', '/volume/v3', '/volume/v3/',
             f'/volume/v3/{PROJECT}', f'/volume/v3/{PROJECT}/')


class Identity:
    """The part of Keystone's API that clients need for a token."""

    def __init__(self, address):
        self._address = address

    def __call__(self, environ, start_response):
        number = int(environ['PATH_INFO'].split('/')[1])
        url = f'{self._address}/identity/{number}/v3'
        if environ['REQUEST_METHOD'] == 'POST':
            headers = [('X-Subject-Token', f'{USER}:{PROJECT}')]
            status, body = '201 Created', self._make_token(url, number)
        else:
            headers = []
            status, body = '200 OK', {'version': {
                'id': 'v3.14', 'status': 'stable', 'updated': '2020-01-01',
                'media-types': [], 'links': [{'rel': 'self', 'href': url}]}}
        environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
        start_response(status, [
            *headers, ('Content-Type', 'application/json')])
        return [json.dumps(body).encode()]

    def _make_token(self, url, number):
        token = tokens.V3Token(user_id=USER, user_name=USER,
                               project_id=PROJECT, project_name=PROJECT)
        token.add_role('member')
        for kind, name, endpoint in (
                ('identity', 'keystone', url),
                ('block-storage', 'cinder',
                 self._address + ENDPOINTS[number])):
            token.add_service(kind, name=name).add_standard_endpoints(
                public=endpoint, region='RegionOne')
        return token


def main():
    # NOTE: importing it makes the application, which the tests do not want.
    application = importlib.import_module(
        'cinder_messages.wsgi.api').application
    port = int(sys.argv[1])
    address = f'http://127.0.0.1:{port}'
    server = wsgi.Server(('127.0.0.1', port), wsgi.PathInfoDispatcher({
        '/': application, '/volume': application,
        '/identity': Identity(address)}))
    server.prepare()
    print(f'Serving {address}', flush=True)
    server.serve()


if __name__ == '__main__':
    main()
