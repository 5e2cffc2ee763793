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

"""The commands of cinder-messages-manage, without a process of their own."""

import contextlib
import datetime
import io
import json
import os

import fixtures
from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages.cmd import manage
from cinder_messages.conf import opts
from cinder_messages import exception
from cinder_messages.message import model
from cinder_messages.rpc import contract
from cinder_messages.rpc import server
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store
from cinder_messages.writer import service
from tests import base
from tests import fixtures as our_fixtures

NOW = datetime.datetime(2026, 1, 1)


def message(number, **values):
    return model.Message(**{
        'id': f'00000000-0000-4000-8000-{number:012}', 'project_id': 'one',
        'event_id': '000002',
        'created_at': NOW + datetime.timedelta(seconds=number),
        'expires_at': NOW.replace(year=2126), **values})


class ManageTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.path = self.useFixture(fixtures.TempDir()).join(
            'messages.sqlite')
        self.connection = f'sqlite:///{self.path}'

    def run_command(self, *argv):
        """The exit code, stdout and stderr of a command."""
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf.register_cli_opts(manage.CLI_OPTS)
        conf(argv, project='cinder-messages', default_config_files=[],
             default_config_dirs=[])
        conf.set_override('connection', self.connection, 'database')
        stdout, stderr = io.StringIO(), io.StringIO()
        self.stdout = stdout
        with (contextlib.redirect_stdout(stdout),
              contextlib.redirect_stderr(stderr)):
            code = conf.command.run(conf)
        self.assertEqual(0, code)
        return stdout.getvalue(), stderr.getvalue()

    def ask(self, *argv):
        return json.loads(self.run_command(*argv, '--format', 'json')[0])

    def fill(self, *messages):
        conf = our_fixtures.ConfFixture()
        self.useFixture(conf)
        conf.config(connection=self.connection, group='database')
        bind = engine.make_engine(conf.conf)
        self.addCleanup(bind.dispose)
        migrate.upgrade(bind)
        store.MessageStore(bind).create(messages)


class TestDatabase(ManageTestCase):

    def test_before_and_after_a_sync(self):
        self.assertEqual({'revision': None, 'needed': migrate.head()},
                         self.ask('db', 'version'))
        self.assertEqual('none\n', self.run_command('db', 'version')[0])
        self.assertRaises(exception.DatabaseNotMigrated, self.ask,
                          'db', 'check')
        self.assertIs(False, json.loads(self.stdout.getvalue())['ready'])
        self.assertRaises(exception.DatabaseNotMigrated, self.run_command,
                          'db', 'check')
        self.assertEqual('', self.stdout.getvalue())
        # Root may have typed these; the file belongs to the service.
        self.assertFalse(os.path.exists(self.path))

        self.assertIn(migrate.head(), self.run_command('db', 'sync')[0])

        self.assertEqual({'revision': migrate.head(),
                          'needed': migrate.head()}, self.ask('db', 'version'))
        self.assertEqual({'ready': True, 'problem': None},
                         self.ask('db', 'check'))


class TestMessages(ManageTestCase):

    def test_a_list_is_of_all_projects_and_bounded(self):
        self.fill(message(1), message(2, project_id='two'))

        newest = self.ask('message', 'list', '--limit', '1')
        self.assertIs(True, newest['has_more'])
        self.assertEqual(['two'], [each['project_id']
                                   for each in newest['messages']])
        marker = newest['messages'][0]['id']
        older = self.ask('message', 'list', '--marker', marker)
        self.assertEqual(['one'], [each['project_id']
                                   for each in older['messages']])
        self.assertIs(False, older['has_more'])
        self.assertIn(f'--marker {marker}', self.run_command(
            'message', 'list', '--limit', '1')[0])

    def test_a_list_has_filters(self):
        wanted = message(
            1, resource_type='VOLUME', resource_uuid='v', request_id='r',
            message_level='INFO', user_id='u', event_id='000001',
            global_request_id='g')
        self.fill(wanted, message(2, project_id='two'))

        for argument in ('--project-id=one', '--resource-type=VOLUME',
                         '--resource-type=volume', '--resource-uuid=v',
                         '--request-id=r', '--user-id=u',
                         '--global-request-id=g', '--message-level=INFO',
                         '--event-id=000001'):
            found = self.ask('message', 'list', argument)
            self.assertEqual([wanted.id], [
                each['id'] for each in found['messages']], argument)

    def test_a_line_is_what_an_operator_looks_for(self):
        self.fill(message(1, resource_type='VOLUME', resource_uuid='v'))

        line, _progress = self.run_command('message', 'list')

        self.assertEqual(
            '2026-01-01T00:00:01 00000000-0000-4000-8000-000000000001 one '
            'ERROR 000002 VOLUME v - No storage could be allocated for this '
            'volume request.\n', line)

    def test_nothing_is_said_to_be_nothing(self):
        self.fill()
        self.assertEqual('No messages.\n',
                         self.run_command('message', 'list')[0])

    def test_a_limit_is_a_number_within_bounds(self):
        for value in '0', '10001', 'x':
            self.assertRaises(SystemExit, self.run_command, 'message', 'list',
                              '--limit', value)

    def test_what_has_expired_is_counted_and_removed(self):
        self.fill(*(message(n, expires_at=NOW) for n in range(3)))

        self.assertEqual({'expired': 3},
                         self.ask('message', 'reap', '--dry-run'))
        self.assertEqual({'removed': 3}, self.ask('message', 'reap'))
        self.assertEqual('0 expired messages removed.\n',
                         self.run_command('message', 'reap')[0])

    def test_a_long_run_says_how_far_it_is_beside_the_answer(self):
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_MESSAGES__MESSAGE_REAP_BATCH_SIZE', '1'))
        self.fill(*(message(n, expires_at=NOW) for n in range(101)))

        self.assertEqual(
            ('101 expired messages removed.\n', '100 of 101 removed ...\n'),
            self.run_command('message', 'reap'))


class Refusing:
    """A writer whose catalog is older than that of who reports."""

    target = messaging.Target(version=contract.VERSION)

    @messaging.expose
    def create_messages(self, context, messages):
        return {'stored': 0, 'duplicates': 0, 'rejected': [
            {'id': each['id'], 'code': 'UNKNOWN_EVENT',
             'reason': 'not permitted'}
            for each in messages]}


class TestWriter(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(our_fixtures.StandaloneFixture()).conf
        self.useFixture(fixtures.FakeLogger())

    def ping(self, timeout=60, **values):
        return self.run_command('writer', 'ping', f'--timeout={timeout}', *(
            f'--{name}={value}' for name, value in values.items()))

    def create(self, *options):
        return self.run_command(
            'message', 'create', '--event-id=000002', '--project-id=one',
            '--request-id=req-1', *options)

    def run_command(self, *argv):
        """What a command says."""
        self.conf.clear()
        self.conf.register_cli_opts(manage.CLI_OPTS)
        self.conf(argv, project='cinder-messages', default_config_files=[],
                  default_config_dirs=[])
        self.conf.set_override('transport_url', 'fake:///')
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                self.conf.command.run(self.conf)
        finally:
            self.conf.clear()
            self.conf.unregister_opts(manage.CLI_OPTS)
        return said.getvalue()

    def test_one_that_is_there_answers(self):
        writer = service.WriterService(self.conf)
        writer.start()
        self.addCleanup(writer.stop)

        self.assertIn('A writer answered', self.ping())
        self.assertIn('A writer answered',
                      self.ping(host=self.conf.writer.host))

    def test_none_is_said_in_one_line(self):
        messaging.get_rpc_transport(self.conf)
        error = self.assertRaises(exception.Error, self.ping, host='other',
                                  timeout=0.2)
        self.assertIn('No writer other has answered', str(error))

    def test_a_report_is_stored_when_its_id_is_told(self):
        writer = service.WriterService(self.conf)
        writer.start()
        self.addCleanup(writer.stop)

        created = self.create()

        listed = self.run_command('message', 'list', '--request-id=req-1')
        self.assertIn(f' {created.strip()} one ERROR 000002 ', listed)

    def test_a_report_that_nobody_takes_is_said_to_wait(self):
        self.conf.set_override('exit_timeout', 0, 'cinder_messages')
        error = self.assertRaises(
            exception.Error, self.create, '--timeout=0.2')
        self.assertIn('No writer answered within 0.2 s', str(error))
        self.assertIn('waits in [cinder_messages] spool_dir', str(error))

    def test_a_report_that_is_refused_has_no_id_to_tell(self):
        transport = messaging.get_rpc_transport(self.conf)
        self.addCleanup(transport.cleanup)
        refusing = server.make_server(transport, Refusing(), 'refusing')
        refusing.start()
        self.addCleanup(refusing.wait)
        self.addCleanup(refusing.stop)

        error = self.assertRaises(exception.Error, self.create)

        self.assertIn('The writer refused the message', str(error))
