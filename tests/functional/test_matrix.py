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

"""Who sees what: every route, version and caller, with two projects' rows.

What should come out is written down here a second time, as the reader of
DESIGN and api-ref would work it out, and not read from the code.
"""

import dataclasses
import itertools
import uuid

import fixtures

from cinder_messages.api import router
from tests import base
from tests.functional import fixtures as api_fixtures

ONE = api_fixtures.ONE
TWO = api_fixtures.TWO

# On either side of every change, and the ends.
VERSIONS = ((3, 0), (3, 2), (3, 3), (3, 4), (3, 5), (3, 30), (3, 31), (3, 33),
            (3, 34), (3, 44), (3, 45), (3, 59), (3, 60), (3, 66), (3, 67),
            (3, 71))

QUERIES = ('', 'all_tenants=1', f'project_id={TWO}', 'with_count=true',
           'resource_uuid=volume-1', 'resource_uuid~=volume',
           'created_at=gt:2000-01-01T00:00:00', 'limit=1')

# A message of each project, one that has expired, and one that never was.
TARGETS = (ONE, TWO, 'expired', 'unknown')

EXPIRED = '00000000-0000-4000-8000-000000000006'
UNKNOWN = '00000000-0000-4000-8000-00000000dead'

LIVE = {project: [message for message in api_fixtures.MESSAGES
                  if message.project_id == project and message.id != EXPIRED]
        for project in (ONE, TWO)}


@dataclasses.dataclass(frozen=True)
class Persona:
    """A caller.

    :ivar project: of the token; None is a token for the system
    :ivar service_roles: of a service that sends its own token beside
    """

    project: str | None
    roles: tuple[str, ...]
    service_roles: tuple[str, ...] = ()

    @property
    def is_admin(self):
        return 'admin' in self.roles

    def may(self, method):
        enough = {'member'} if method == 'DELETE' else {'member', 'reader'}
        return self.is_admin or bool(
            self.project and enough.intersection(self.roles))


PERSONAS = (
    Persona(ONE, ('reader',)),
    Persona(ONE, ('member', 'reader')),
    Persona(ONE, ('admin',)),
    Persona(TWO, ('member', 'reader')),
    Persona('project-three', ('member', 'reader')),
    Persona(ONE, ('service',)),
    Persona(ONE, ()),
    Persona(None, ('reader', 'member')),
    Persona(None, ('admin',)),
    Persona(ONE, ('reader',), ('service', 'admin')),
)


# What a parameter became known at, where that is later than paging.
SINCE = {'with_count': (3, 45), 'created_at': (3, 60)}

# Users may not match a part of a value in between.
NO_PARTS = (3, 31), (3, 34)

# Of a caller's own rows, those that a parameter leaves.
FOUND = {
    'resource_uuid': lambda rows: [
        row for row in rows if row.resource_uuid == 'volume-1'],
    'resource_uuid~': lambda rows: [
        row for row in rows if 'volume' in (row.resource_uuid or '')],
    'limit': lambda rows: rows[-1:],
}


def expected_list(version, persona, own, query):
    """The status of a list, and the rows in it, oldest first."""
    name = query.partition('=')[0] if version >= (3, 5) else ''
    if persona.is_admin and name in ('all_tenants', 'project_id'):
        return 200, LIVE[TWO] if name == 'project_id' else (
            LIVE[ONE] + LIVE[TWO])
    unknown = (version < SINCE.get(name, (3, 5)) if name != 'project_id'
               else version >= (3, 31))
    if name.endswith('~') and NO_PARTS[0] <= version < NO_PARTS[1]:
        unknown = not persona.is_admin
    if name and unknown and version >= (3, 31) and not persona.is_admin:
        return 400, None
    if own is None:
        return 400, None
    if name == 'project_id':
        return 200, LIVE[TWO] if own == TWO else []
    if name and unknown:
        return 200, []
    rows = LIVE.get(own, [])
    return 200, FOUND.get(name, list)(rows)


def expected(version, persona, method, url_project, target, query=''):
    """The status of an answer, and the ids in it."""
    if version < (3, 3):
        return 404, None
    own = url_project or persona.project
    if own != persona.project and not persona.is_admin:
        return 400, None
    if not persona.may(method):
        return 403, None
    if target is None:
        return expected_list(version, persona, own, query)
    if persona.is_admin and url_project in (None, persona.project):
        own = target
    if target in (ONE, TWO) and target == own:
        return (204 if method == 'DELETE' else 200), None
    return 404, None


class TestMatrix(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.served = self.useFixture(
            api_fixtures.KeystoneFixture(self.conf))
        self.tokens = {
            persona: (self.served.add_token(persona.project, *persona.roles),
                      self.served.add_token('services',
                                            *persona.service_roles)
                      if persona.service_roles else None)
            for persona in PERSONAS}

    def ask(self, version, persona, method, path, query=''):
        """One request, checked for what no answer may say."""
        token, service_token = self.tokens[persona]
        headers = {'OpenStack-API-Version': 'volume %d.%d' % version}
        if service_token:
            headers['X-Service-Token'] = service_token
        answer = self.served.ask(
            token, f'{path}?{query}' if query else path, method, **headers)
        self.assertLess(answer.status_int, 500)
        return answer

    def put(self, project):
        """A new message of a project, to be deleted; its id."""
        message = LIVE[project][0]._replace(id=str(uuid.uuid4()))
        self.served.store.create([message])
        return message.id

    def cases(self):
        for version, persona, project in itertools.product(
                VERSIONS, PERSONAS, (None, ONE, TWO, 'project-three')):
            yield version, persona, project, (
                f'/v3/{project}/messages' if project else '/v3/messages')

    def test_the_matrix_knows_every_route(self):
        self.assertEqual(
            {('/v3/messages', 'GET'), ('/v3/messages/{id}', 'GET'),
             ('/v3/messages/{id}', 'DELETE'),
             ('/v3/{project_id}/messages', 'GET'),
             ('/v3/{project_id}/messages/{id}', 'GET'),
             ('/v3/{project_id}/messages/{id}', 'DELETE')},
            {(route.path, method)
             for route in router.ROUTES for method in route.actions})

    def test_lists(self):
        for version, persona, project, path in self.cases():
            for query in QUERIES:
                status, rows = expected(
                    version, persona, 'GET', project, None, query)
                answer = self.ask(version, persona, 'GET', path, query)
                case = (version, persona, path, query, answer.text)
                self.assertEqual(status, answer.status_int, case)
                if rows is None:
                    self.assertNotIn('0000-4000-8000', answer.text, case)
                    continue
                ids = [message['id'] for message in answer.json['messages']]
                self.assertEqual(
                    [row.id for row in reversed(rows)], ids, case)
                self.assertEqual(
                    version >= (3, 45) and query == 'with_count=true',
                    'count' in answer.json, case)
                self.assertIn(answer.json.get('count'), (None, len(rows)))
                for link in answer.json.get('messages_links', ()):
                    self.assertIn(f'marker={ids[-1]}', link['href'])

    def test_show(self):
        ids = {ONE: LIVE[ONE][0].id, TWO: LIVE[TWO][0].id,
               'expired': EXPIRED, 'unknown': UNKNOWN}
        for version, persona, project, path in self.cases():
            fault = {}
            for target in TARGETS:
                status, _ids = expected(
                    version, persona, 'GET', project, target)
                answer = self.ask(
                    version, persona, 'GET', f'{path}/{ids[target]}')
                case = (version, persona, path, target, answer.text)
                self.assertEqual(status, answer.status_int, case)
                if status == 200:
                    self.assertEqual(
                        ids[target], answer.json['message']['id'])
                else:
                    fault[target] = answer.text.replace(ids[target], '')
            # Nothing tells another project's message from none at all.
            self.assertEqual(1, len(set(fault.values())), fault)

    def test_delete(self):
        for version, persona, project, path in self.cases():
            for target in TARGETS:
                status, _ids = expected(
                    version, persona, 'DELETE', project, target)
                message_id = (self.put(target) if target in (ONE, TWO) else
                              EXPIRED if target == 'expired' else UNKNOWN)
                answer = self.ask(
                    version, persona, 'DELETE', f'{path}/{message_id}')
                case = (version, persona, path, target, answer.text)
                self.assertEqual(status, answer.status_int, case)
                if target in (ONE, TWO):
                    gone = self.ask(
                        (3, 71), Persona(None, ('admin',)), 'GET',
                        f'/v3/messages/{message_id}').status_int == 404
                    self.assertEqual(status == 204, gone, case)
