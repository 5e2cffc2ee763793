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

"""A Block Storage service in memory, as a keystoneauth adapter sees it."""

import copy
import datetime
import io
import types

from cinder_messages.client import service

START = datetime.datetime(2026, 11, 24, 8, 0, 0)
KEPT = datetime.timedelta(days=30)
ITEM = 'user-messages 1.0'


def body(number, **values):
    """Return a message as the API sends it; a greater number is newer."""
    created_at = values.pop('created_at', START + datetime.timedelta(
        minutes=number))
    stored_at = values.pop('stored_at', created_at)
    return {
        'id': f'message-{number:03}', 'event_id': 'VOLUME_VOLUME_001_003',
        'user_message': 'Allocating storage:No room. Ask for less.',
        'message_level': 'ERROR', 'resource_type': 'VOLUME',
        'resource_uuid': 'volume-1', 'request_id': f'req-{number}',
        'created_at': created_at.isoformat('T', 'microseconds'),
        'guaranteed_until': (stored_at + KEPT).isoformat('T', 'microseconds'),
        **values}


def extended_body(number, **values):
    """Return a message with the opt-in fields."""
    return body(number, **{
        'action': 'SCHEDULE_ALLOCATE_VOLUME', 'reason': 'NO_BACKEND_AVAILABLE',
        'action_id': '001', 'detail_id': '003',
        'action_text': 'Allocating storage', 'detail': 'No room.',
        'remedy': 'Ask for less.', 'retry': 'after_change', **values})


class Response:
    """An HTTP response."""

    def __init__(self, answer, status=200, headers=None):
        self.status_code = status
        self.headers = headers or {}
        self._answer = answer

    def json(self):
        if isinstance(self._answer, Exception):
            raise self._answer
        return copy.deepcopy(self._answer)


def fault(status, text, name='badRequest'):
    """Return an error as Cinder words it."""
    return Response({name: {'code': status, 'message': text}}, status)


class Adapter:
    """Lists, filters, sorts and pages as the services do.

    :param bodies: what is stored; tests add to it
    :param extended: has the opt-in item; otherwise it is a Cinder
    :param max_limit: of the service
    :ivar requests: the parameters of each request for a list
    :ivar errors: answered or raised in place of the next answers
    """

    def __init__(self, bodies=(), extended=True, max_limit=1000):
        self.bodies = list(bodies)
        self.extended = extended
        self.max_limit = max_limit
        self.requests = []
        self.headers = []
        self.errors = []
        self.deleted = []

    def get(self, url, params=None, headers=None, **kwargs):
        self.headers.append(headers)
        if self.errors:
            error = self.errors.pop(0)
            if isinstance(error, Exception):
                raise error
            return error
        if url == '/messages':
            self.requests.append(dict(params))
            return self._answer(self._list(dict(params)))
        for each in self.bodies:
            if each['id'] == url.rpartition('/')[2]:
                return self._answer({'message': each})
        return fault(404, 'Message not found.', 'itemNotFound')

    def delete(self, url, **kwargs):
        found = [each for each in self.bodies
                 if url == f'/messages/{each["id"]}']
        if not found:
            return fault(404, 'Message not found.', 'itemNotFound')
        self.bodies.remove(found[0])
        return Response(None, 204)

    def _answer(self, answer):
        if isinstance(answer, Response):
            return answer
        versions = 'volume 3.5' + (f', {ITEM}' if self.extended else '')
        return Response(answer, headers={service.VERSION_HEADER: versions})

    def _list(self, params):
        limit = min(int(params.pop('limit')), self.max_limit)
        marker = params.pop('marker', None)
        sort = params.pop('sort', 'created_at:desc')
        key, _, direction = sort.partition(':')
        key = {'expires_at': 'guaranteed_until'}.get(key, key)
        if key not in ('created_at', 'guaranteed_until', 'event_id'):
            return fault(400, f'sort has no key {key!r}.')
        if not self.extended and params.pop('all_tenants', None):
            return {'messages': []}
        params.pop('all_tenants', None)
        project_id = params.pop('project_id', None)
        rows = [each for each in self.bodies
                if all(each.get(name) == value
                       for name, value in params.items()) and
                project_id in (None, each.get('project_id', project_id))]
        rows.sort(key=lambda each: (each.get(key, ''), each['id']),
                  reverse=direction == 'desc')
        if marker:
            ids = [each['id'] for each in rows]
            rows = rows[ids.index(marker) + 1:]
        page = {'messages': rows[:limit]}
        # As Cinder does it, a full last page names another one.
        if limit and len(rows) >= limit:
            page['messages_links'] = [{'rel': 'next', 'href': 'unused'}]
        return page


class Volumes(Adapter):
    """The SDK's proxy of Block Storage.

    :param found: what each ``find_`` method returns or raises, by its name
    """

    def __init__(self, *args, found=None, **kwargs):
        super().__init__(*args, **kwargs)
        for name, result in (found or {}).items():
            setattr(self, name, self._finder(result))

    @staticmethod
    def _finder(result):
        def find(text, ignore_missing):
            if isinstance(result, Exception):
                raise result
            return result
        return find


def app(volumes, compute=None, project_id='project-1'):
    """Return what a command sees of the program ``openstack``."""
    session = types.SimpleNamespace(get_project_id=lambda: project_id)
    sdk = types.SimpleNamespace(
        block_storage=volumes, compute=compute, session=session,
        identity=None)
    return types.SimpleNamespace(
        client_manager=types.SimpleNamespace(sdk_connection=sdk),
        stdout=io.StringIO(), options=None)


def run(command_class, application, *args):
    """Run a command line; return its exit code and what it printed."""
    command = command_class(application, None)
    code = command.run(command.get_parser('openstack').parse_args(args))
    return code, application.stdout.getvalue()
