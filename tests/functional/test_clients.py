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

"""Clients that were written for Cinder, against the running service.

cinder, openstack, openstacksdk and Tempest's client with its schemas, each
from its package and none patched. Two projects hold messages.
"""

import contextlib
import io
import json
import os
import re
import types
import uuid

from cinderclient import client as cinder_client
from cinderclient import exceptions as cinder_exceptions
from cinderclient import shell_utils
import fixtures
from keystoneauth1 import session
from keystoneauth1 import token_endpoint
from openstack.config import loader
from openstack import connection
from tempest.lib.common import api_microversion_fixture
from tempest.lib import exceptions as tempest_exceptions
from tempest.lib.services.volume.v3 import messages_client

from cinder_messages.message import catalog
from cinder_messages.storage import engine
from cinder_messages.storage import store
from tests import base
from tests.functional import fixtures as api_fixtures
from tests import process

MESSAGES = api_fixtures.MESSAGES
ONE = api_fixtures.ONE
TWO = api_fixtures.TWO
TOKEN = f'user-one:{ONE}'
ADMIN = f'user-one:{ONE}:admin'


def ids(*numbers):
    """The ids of messages by their number in ``fixtures.MESSAGES``."""
    return [MESSAGES[number - 1].id for number in numbers]


NEWEST_FIRST = ids(5, 4, 3, 2, 1)
THEIRS = ids(8, 7)


class ClientTestCase(base.TestCase):
    """A service of its own process; ``self.url`` is its ``/v3``."""

    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).join('state')
        served = self.useFixture(process.Process(process.command(
            'cinder-messages-all', '--listen', '127.0.0.1:0',
            '--state-dir', directory)))
        self.url = served.wait_for_line(r'Serving (http\S+);').group(1)
        path = os.path.join(directory, 'messages.sqlite')
        self.conf.set_override(
            'connection', f'sqlite:///{path}', 'database')
        bind = engine.make_engine(self.conf)
        self.addCleanup(bind.dispose)
        self.store = store.MessageStore(bind)
        self.store.create(MESSAGES)

    def found(self, output):
        """The ids that a client printed, in their order."""
        printed = re.findall(
            r'\b00000000-0000-4000-8000-\d{12}\b', output)
        self.assertFalse(set(printed) & set(THEIRS), output)
        return printed


class TestCinder(ClientTestCase):
    """Every flag of the message commands of python-cinderclient."""

    def cinder(self, *args, version='3.71', returncode=0):
        done = process.run(process.command(
            'cinder', '--os-auth-type', 'noauth', '--os-endpoint', self.url,
            '--os-user-id', 'user-one', '--os-project-id', ONE,
            '--os-volume-api-version', version, *args))
        self.assertEqual(returncode, done.returncode, done.stderr)
        return done.stdout + done.stderr

    def listed(self, *args, version='3.71'):
        """The ids in its table, which it sorts by id unless told otherwise."""
        return self.found(self.cinder('message-list', *args, version=version))

    def test_flags_of_message_list(self):
        for args, expected in (
                ([], NEWEST_FIRST),
                (['--limit', '2'], NEWEST_FIRST[:2]),
                (['--marker', ids(3)[0]], ids(2, 1)),
                (['--marker', ids(4)[0], '--limit', '1'], ids(3)),
                (['--sort', 'created_at:asc'], NEWEST_FIRST[::-1]),
                (['--sort', 'event_id:asc,id:desc'], ids(5, 4, 3, 1, 2)),
                (['--sort', 'guaranteed_until'], ids(5, 4, 2, 1, 3)),
                (['--resource_uuid', 'volume-1'], ids(1)),
                (['--resource_type', 'volume_snapshot'], ids(3)),
                (['--event_id', '000001'], ids(5)),
                (['--request_id', 'req-2'], ids(2)),
                (['--level', 'warning'], ids(3)),
                (['--filters', 'resource_type=VOLUME'], ids(2, 1)),
                # Of values behind one --filters cinder takes the first only.
                (['--filters', 'resource_type=VOLUME',
                  '--filters', 'request_id=req-1'], ids(1)),
                (['--filters', 'resource_uuid~=volume'], ids(2, 1)),
                (['--filters', 'message_level=INFO'], ids(4))):
            with self.subTest(args=args):
                self.assertEqual(
                    expected if '--sort' in args else sorted(expected),
                    self.listed(*args), args)

    def test_versions(self):
        for version in ('3.3', '3.4', '3.5', '3.29', '3.31', '3.67'):
            with self.subTest(version):
                self.assertEqual(
                    NEWEST_FIRST[::-1], self.listed(version=version))

    def test_what_is_refused_says_why(self):
        for args, reason in (
                (['--sort', 'status:asc'], 'sort'),
                (['--limit', '-1'], 'limit'),
                (['--marker', ids(7)[0]], 'Marker'),
                (['--filters', 'status=error'], 'status')):
            with self.subTest(args=args):
                done = self.cinder('message-list', *args, returncode=1)
                self.assertIn('ERROR: ', done)
                self.assertIn(reason, done)

    def test_message_show(self):
        shown = self.cinder('message-show', *ids(2))
        message = MESSAGES[1]
        for value in (message.id, message.event_id, message.request_id,
                      message.resource_uuid, '2126-01-01T00:00:02.000002'):
            self.assertIn(value, shown)
        for missing in (*THEIRS, 'no-such-message'):
            self.assertIn('ERROR: ', self.cinder(
                'message-show', missing, returncode=1))

    def test_message_delete(self):
        self.cinder('message-delete', *ids(1, 2))
        self.assertIn('ERROR: ', self.cinder(
            'message-delete', *ids(7), returncode=1))
        self.assertEqual(ids(3, 4, 5), self.listed())

    def test_create_with_poll_tells_the_reason(self):
        """What ``cinder create --poll`` does once the volume has failed.

        Only the volume, which is not ours to serve, is made up.
        """
        self.useFixture(fixtures.FakeLogger())
        auth = token_endpoint.Token(f'{self.url}/{ONE}', TOKEN)
        api = cinder_client.Client('3.71', session=session.Session(auth))
        volume = types.SimpleNamespace(status='error', id='volume-2')

        with contextlib.redirect_stdout(io.StringIO()):
            error = self.assertRaises(
                cinder_exceptions.ResourceInErrorState,
                shell_utils._poll_for_status, lambda _id: volume, 'volume-2',
                {}, 'creating', ['available'], 60, 'req-2', api.messages,
                poll_period=0)

        self.assertIn(catalog.Catalog.load().text(MESSAGES[1].event_id),
                      str(error))


class TestOpenStack(ClientTestCase):
    """``openstack`` of python-openstackclient.

    Its ``volume message show`` looks for a key that no server sends and
    prints None, also of Cinder's answers.
    """

    def openstack(self, *args, returncode=0, token=TOKEN):
        done = process.run(process.command(
            'openstack', '--os-auth-type', 'admin_token',
            '--os-endpoint', f'{self.url}/{ONE}', '--os-token', token,
            '--os-volume-api-version', '3.71', 'volume', 'message', *args))
        self.assertEqual(returncode, done.returncode, done.stderr)
        return done.stdout + done.stderr

    def test_list(self):
        self.assertEqual(NEWEST_FIRST, self.found(self.openstack('list')))
        listed = json.loads(self.openstack('list', '-f', 'json'))
        self.assertEqual(
            'No storage could be allocated for this volume request.',
            listed[-1]['User Message'])
        self.assertEqual('volume-1', listed[-1]['Resource UUID'])

    def test_list_follows_pages_to_the_end(self):
        self.assertEqual(NEWEST_FIRST, self.found(
            self.openstack('list', '--limit', '2', '-f', 'value')))
        self.assertEqual(ids(2, 1), self.found(self.openstack(
            'list', '--marker', *ids(3), '-f', 'value')))

    def test_delete(self):
        self.openstack('delete', *ids(1, 2))
        failed = self.openstack('delete', *ids(3, 7), returncode=1)
        self.assertIn('Failed to delete 1 of 2 messages', failed)
        self.assertEqual(ids(5, 4), self.found(self.openstack('list')))


class TestSDK(ClientTestCase):
    """openstacksdk, which Horizon, Ansible and Terraform's kin build on."""

    def connect(self, token=TOKEN, version='3.71'):
        self.useFixture(fixtures.FakeLogger())
        config = loader.OpenStackConfig(
            load_envvars=False, load_yaml_config=False)
        made = connection.Connection(config=config.get_one(
            auth_type='admin_token', volume_api_version='3',
            block_storage_default_microversion=version,
            auth={'endpoint': f'{self.url}/{ONE}', 'token': token}))
        self.addCleanup(made.close)
        return made.block_storage

    def test_messages(self):
        api = self.connect()
        self.assertEqual(NEWEST_FIRST, [row.id for row in api.messages()])
        self.assertEqual(NEWEST_FIRST,
                         [row.id for row in api.messages(limit=2)])
        self.assertEqual(ids(1, 2), [
            row.id for row in api.messages(sort='created_at:asc')][:2])
        self.assertEqual(NEWEST_FIRST, [
            row.id for row in self.connect(version='3.3').messages()])

    def test_administrator_asks_for_another_project(self):
        listed = self.connect(ADMIN).messages(project_id=TWO)
        self.assertEqual(THEIRS, [row.id for row in listed])

    def test_delete(self):
        api = self.connect()
        api.delete_message(ids(1)[0], ignore_missing=False)
        api.delete_message(ids(7)[0])
        self.assertEqual(ids(5, 4, 3, 2), [row.id for row in api.messages()])


class Provider:
    """What Tempest's clients ask for a token, without a Keystone.

    :param url: of the volume service, with a project
    """

    credentials = None
    interface = 'publicURL'

    def __init__(self, url, token):
        self._url = url
        self._token = token

    def base_url(self, filters=None, auth_data=None):
        return self._url

    def auth_request(self, method, url, headers=None, body=None,
                     filters=None):
        return (f'{self._url}/{url}',
                {**(headers or {}), 'X-Auth-Token': self._token}, body)


class TestTempest(ClientTestCase):
    """Tempest's client, which holds each answer against its schemas.

    They ask for more than Cinder's own: every message has the id of a
    request, as all that come from one have, and resources are UUIDs.
    """

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.useFixture(api_microversion_fixture.APIMicroversionFixture(
            volume_microversion='3.3'))
        self.api = messages_client.MessagesClient(
            Provider(f'{self.url}/three', 'user-three:three'), 'volume',
            'RegionOne')
        self.messages = [
            message._replace(
                id=str(uuid.uuid4()), project_id='three',
                request_id='req-' + str(uuid.uuid4()),
                resource_uuid=message.resource_uuid and str(uuid.uuid4()))
            for message in MESSAGES[:5]]
        self.store.create(self.messages)

    def test_messages(self):
        listed = self.api.list_messages()['messages']
        self.assertEqual([row.id for row in reversed(self.messages)],
                         [row['id'] for row in listed])
        for row in listed:
            self.assertEqual(
                row, self.api.show_message(row['id'])['message'])

    def test_delete(self):
        message_id = self.messages[0].id
        self.api.delete_message(message_id)
        self.api.wait_for_resource_deletion(message_id)
        for missing in (message_id, *THEIRS):
            self.assertRaises(tempest_exceptions.NotFound,
                              self.api.delete_message, missing)
            self.assertRaises(tempest_exceptions.NotFound,
                              self.api.show_message, missing)
