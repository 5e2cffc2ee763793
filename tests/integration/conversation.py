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


"""What a client says to Cinder's API, with the filter in front and without."""

import re

import webob

from tests import base
from tests.functional.storage import fixtures as storage
from tests.integration import cinder_api

PROJECT = cinder_api.PROJECT
OTHER = cinder_api.OTHER

# What is different at each request.
_CHANGES = re.compile(
    r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|'
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?')


def request(path, method='GET', version='3.71', body=None, **headers):
    """What a client sends."""
    asked = webob.Request.blank(path, method=method, headers={
        'OpenStack-API-Version': f'volume {version}', **headers})
    if body is not None:
        asked.body = body
        asked.content_type = 'application/json'
    return asked


def answer(application, asked):
    """Status, headers and body as they go to the client."""
    got = asked.copy().get_response(application)
    return (got.status,
            [(name, _CHANGES.sub('*', value))
             for name, value in got.headerlist],
            _CHANGES.sub('*', got.body.decode()))


class FilterCase(base.TestCase):

    options = {}

    def setUp(self):
        super().setUp()
        self.cinder = self.useFixture(cinder_api.API(**self.options))
        self.own, self.another = (
            storage.make_message(
                project_id=project, resource_type='VOLUME',
                resource_uuid='volume', request_id='req-1')
            for project in (PROJECT, OTHER))
        self.cinder.store.create([self.own, self.another])
        self.member = self.cinder.add_token(PROJECT, 'member', 'reader')

    def ask(self, path, token=None, **kwargs):
        """One request of the member, or of another caller."""
        return request(path, **{'X-Auth-Token': token or self.member,
                                **kwargs}).get_response(self.cinder.filtered)

    def listed(self, path='/v3/messages', token=None, **kwargs):
        got = self.ask(path, token, **kwargs)
        self.assertEqual(200, got.status_int, got.text)
        return [message['id'] for message in got.json['messages']]
