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

"""``volume why``: what it prints and how it ends."""

import json
import types

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from cinder_messages.client import message_delete
from cinder_messages.client import message_show
from cinder_messages.client import why
from tests import base
from tests.unit.client import fakes


def not_found():
    return sdk_exceptions.NotFoundException('No volume found')


def failed(status):
    error = sdk_exceptions.HttpException('failed')
    error.status_code = status
    return error


class Compute:
    """The SDK's proxy of Compute with one server.

    :param requests: ids of the requests of its actions, newest first
    """

    def __init__(self, *requests, volumes=()):
        self._requests = requests
        self._volumes = volumes

    def find_server(self, text, ignore_missing):
        if text != 'web':
            raise not_found()
        return types.SimpleNamespace(id='server-1', name='web')

    def server_actions(self, server):
        return [types.SimpleNamespace(request_id=each)
                for each in self._requests]

    def volume_attachments(self, server_id):
        return [types.SimpleNamespace(volume_id=each)
                for each in self._volumes]


class WhyTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.volumes = fakes.Volumes(found={
            'find_volume': not_found(), 'find_snapshot': not_found(),
            'find_backup': not_found(), 'find_group': not_found(),
            'find_group_snapshot': not_found()})

    def add(self, *bodies):
        self.volumes.bodies.extend(bodies)

    def find(self, method, result):
        setattr(self.volumes, method, self.volumes._finder(result))

    def why(self, *args, code=0, compute=None):
        got, printed = fakes.run(
            why.Why, fakes.app(self.volumes, compute), *args)
        self.assertEqual(code, got, printed)
        return printed

    def rows(self, *args, **kwargs):
        return json.loads(self.why(*args, '-f', 'json', **kwargs))

    def error(self, *args, compute=None):
        error = self.assertRaises(
            exceptions.CommandError, self.why, *args, compute=compute)
        self.assertNotIn('\n', str(error))
        return str(error)


class TestText(WhyTestCase):

    def test_the_newest_failure_comes_first(self):
        self.add(fakes.extended_body(1), fakes.extended_body(
            2, event_id='VOLUME_VOLUME_007_010', action_text='Extending',
            detail='The driver failed.', remedy='', retry='later',
            links=[{'rel': 'help', 'href': 'https://help/#x'}]))
        printed = self.why('volume-1')
        newest, earlier = printed.split('\n\n')[1:]
        self.assertTrue(printed.startswith('Volume volume-1\n\nWhen: '))
        for expected in ('2026-11-24 08:02:00 UTC', 'What failed:  Extending',
                         'Why:          The driver failed.',
                         'Try again:    yes, later', 'Request ID:   req-2',
                         'Help:         https://help/#x'):
            self.assertIn(expected, newest)
        self.assertNotIn('What to do', newest)
        self.assertIn('What to do:   Ask for less.', earlier)
        self.assertNotIn('Resource:', printed)

    def test_equal_ones_are_folded(self):
        self.add(*map(fakes.extended_body, range(5)))
        printed = ' '.join(self.why('volume-1').split())
        self.assertIn('5 times, first 2026-11-24 08:00:00 UTC, last '
                      '2026-11-24 08:04:00 UTC', printed)
        self.assertEqual(1, printed.count('No room.'))

    def test_lines_are_wrapped_and_ids_are_not(self):
        self.add(fakes.extended_body(1, detail='word ' * 40,
                                     request_id='req-' + '0' * 200))
        lines = self.why('volume-1').splitlines()
        self.assertIn('req-' + '0' * 200, ' '.join(lines))
        self.assertTrue(any(line.startswith(' ' * 14 + 'word')
                            for line in lines))

    def test_a_terminal_is_safe(self):
        self.add(fakes.extended_body(1, detail='\x1b[2Jgone'))
        self.assertNotIn('\x1b', self.why('volume-1'))

    def test_all_names_each_resource(self):
        self.add(fakes.body(1), fakes.body(
            2, resource_type='VOLUME_BACKUP', resource_uuid='backup-1'),
            fakes.body(3, resource_type=None, resource_uuid=None))
        printed = self.why('--all')
        self.assertIn('Resource:     volume volume-1', printed)
        self.assertIn('Resource:     backup backup-1', printed)

    def test_nothing_known(self):
        self.find('find_volume',
                  types.SimpleNamespace(id='volume-9', name='data'))
        printed = self.why('data', code=3)
        self.assertIn('Nothing is known about volume data (volume-9)',
                      printed)
        self.assertEqual([], self.rows('data', code=3))
        self.why('--request-id', 'req-\x1b', code=3)

    def test_named_columns(self):
        self.add(fakes.extended_body(1))
        self.assertEqual(
            'Why:          No room.\n', self.why('volume-1', '-c', 'Why'))


class TestRows(WhyTestCase):

    def test_fields(self):
        self.add(fakes.extended_body(1), fakes.extended_body(2))
        [row] = self.rows('volume-1')
        self.assertEqual({
            'Created At': '2026-11-24T08:02:00.000000',
            'First Created At': '2026-11-24T08:01:00.000000', 'Count': 2,
            'Level': 'ERROR', 'Resource Type': 'VOLUME',
            'Resource ID': 'volume-1', 'What Failed': 'Allocating storage',
            'Why': 'No room.', 'What To Do': 'Ask for less.',
            'Retry': 'after_change', 'Request ID': 'req-2',
            'Global Request ID': '', 'Event ID': 'VOLUME_VOLUME_001_003',
            'Action': 'SCHEDULE_ALLOCATE_VOLUME',
            'Reason': 'NO_BACKEND_AVAILABLE', 'Message ID': 'message-002',
        }, row)

    def test_other_formats(self):
        self.add(fakes.body(1))
        for name in 'csv', 'yaml', 'table', 'value':
            self.assertIn('volume-1', self.why('volume-1', '-f', name))

    def test_since(self):
        self.add(fakes.body(1))
        self.assertEqual([], self.rows('volume-1', '--since', '1s', code=3))
        self.assertEqual(1, len(self.rows(
            'volume-1', '--since', '2026-11-24')))

    def test_a_request(self):
        self.add(fakes.body(1, request_id='req-1'),
                 fakes.body(2, global_request_id='req-1'))
        [row] = self.rows('--request-id', 'req-1')
        self.assertEqual(2, row['Count'])


class TestFind(WhyTestCase):

    def test_each_kind_by_name(self):
        self.add(fakes.body(1, resource_uuid='x'))
        for method, type_ in (
                ('find_group_snapshot', 'group snapshot'),
                ('find_group', 'group'), ('find_backup', 'backup'),
                ('find_snapshot', 'snapshot'), ('find_volume', 'volume')):
            with self.subTest(method):
                self.find(method, types.SimpleNamespace(id='x', name='data'))
                self.assertIn(f'{type_.capitalize()} data (x)',
                              self.why('data'))

    def test_a_type_selects_among_equal_names(self):
        for method in 'find_volume', 'find_snapshot':
            self.find(method, types.SimpleNamespace(id=method, name='data'))
        self.assertIn('find_snapshot',
                      self.why('data', '--type', 'snapshot', code=3))

    def test_a_deleted_resource_is_known_by_its_messages(self):
        self.add(fakes.body(1, resource_uuid='gone'))
        self.assertIn('Volume gone', self.why('gone'))

    def test_unknown_and_ambiguous_names(self):
        self.assertEqual(
            "There is no volume, snapshot, backup or group 'nope'.",
            self.error('nope'))
        self.assertEqual("There is no group snapshot 'nope'.",
                         self.error('nope', '--type', 'group_snapshot'))
        self.assertIn("'share' is no type of resource",
                      self.error('nope', '--type', 'share'))
        self.find('find_volume', sdk_exceptions.DuplicateResource('Two'))
        self.assertEqual("More than one volume has the name 'nope': use the "
                         'id.', self.error('nope'))

    def test_empty_arguments_are_refused(self):
        for args, name in ((['', ], '<resource>'),
                           (['--request-id', ''], '--request-id'),
                           (['--server', ''], '--server'),
                           (['x', '--type', ''], '--type'),
                           (['--all', '--since', ''], '--since')):
            self.assertEqual(f'{name} must not be empty.', self.error(*args))

    def test_a_cloud_without_some_kinds(self):
        self.find('find_volume', failed(403))
        self.find('find_snapshot', sdk_exceptions.NotSupported('3.13'))
        self.find('find_backup', failed(404))
        self.find('find_group', types.SimpleNamespace(id='g', name=None))
        self.assertIn('group g', self.why('g', code=3))
        self.find('find_volume', failed(500))
        self.error('g')

    def test_a_service_that_the_sdk_cannot_discover(self):
        self.volumes = fakes.Volumes()
        self.assertIn("no volume, snapshot, backup or group 'x'",
                      self.error('x'))


class TestServer(WhyTestCase):

    def test_its_requests_are_looked_up(self):
        self.add(fakes.body(1, global_request_id='req-boot'),
                 fakes.body(2, global_request_id='req-attach',
                            event_id='000003'),
                 fakes.body(3))
        rows = self.rows('--server', 'web', compute=Compute(
            'req-attach', 'req-boot', None, 'req-boot'))
        self.assertEqual(['message-002', 'message-001'],
                         [row['Message ID'] for row in rows])
        self.assertIn('server web (server-1)', self.why(
            '--server', 'web', code=3, compute=Compute()))

    def test_cinder_knows_the_attached_volumes(self):
        self.volumes.extended = False
        self.add(fakes.body(1, resource_uuid='volume-2'), fakes.body(2))
        rows = self.rows('--server', 'web', compute=Compute(
            'req-boot', volumes=['volume-2']))
        self.assertEqual(['message-001'],
                         [row['Message ID'] for row in rows])

    def test_errors(self):
        self.assertEqual("There is no server 'x'.",
                         self.error('--server', 'x', compute=Compute()))
        self.assertEqual('This cloud has no Compute service.',
                         self.error('--server', 'x', compute=object()))


class TestErrors(WhyTestCase):

    def test_each_is_one_line(self):
        self.assertIn('Name a resource', self.error())
        self.assertIn('neither a duration', self.error(
            'x', '--since', 'yesterday'))
        for status, said in ((403, 'may not'), (404, 'has no messages'),
                             (406, 'has no messages'), (503, 'failed')):
            self.volumes.errors = [fakes.fault(status, 'Because\nof that')]
            self.assertIn(said, self.error('x'))


class TestShow(WhyTestCase):

    def show(self, message_id):
        code, printed = fakes.run(
            message_show.ShowMessage, fakes.app(self.volumes), message_id,
            '-f', 'json')
        self.assertEqual(0, code)
        return json.loads(printed)

    def test_fields(self):
        self.add(fakes.body(1), fakes.extended_body(2))
        self.assertEqual({
            'ID': 'message-001', 'Event ID': 'VOLUME_VOLUME_001_003',
            'Resource Type': 'VOLUME', 'Resource UUID': 'volume-1',
            'Message Level': 'ERROR', 'Request ID': 'req-1',
            'User Message': 'Allocating storage:No room. Ask for less.',
            'Created At': '2026-11-24T08:01:00.000000',
            'Guaranteed Until': '2026-12-24T08:01:00.000000',
        }, self.show('message-001'))
        self.assertEqual('after_change', self.show('message-002')['Retry'])

    def test_missing(self):
        error = self.assertRaises(exceptions.CommandError, self.show, 'x')
        self.assertEqual("There is no message with the id 'x'.", str(error))


class TestDelete(WhyTestCase):

    def delete(self, *ids):
        code, _ = fakes.run(message_delete.DeleteMessage,
                            fakes.app(self.volumes), *ids)
        return code

    def test_each_is_deleted_and_failures_are_counted(self):
        self.add(fakes.body(1), fakes.body(2), fakes.body(3))
        self.assertFalse(self.delete('message-001'))
        error = self.assertRaises(
            exceptions.CommandError, self.delete, 'message-002', 'x',
            'message-003')
        self.assertEqual('Failed to delete 1 of 3 messages.', str(error))
        self.assertEqual([], self.volumes.bodies)
