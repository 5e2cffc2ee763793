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

"""The whole way over RabbitMQ, MariaDB and PostgreSQL, process by process."""

import json

from oslo_config import cfg
import oslo_messaging as messaging
from oslo_utils import timeutils
from oslo_utils import uuidutils

from cinder_messages.message import catalog
from cinder_messages.rpc import bus
from cinder_messages.rpc import contract
from cinder_messages.storage import engine
from cinder_messages.storage import store
from cinder_messages.writer import endpoint
from tests import base
from tests import process
from tests.services import fixtures
from tests.services import reporter

PROJECT = reporter.PROJECT
OTHER_PROJECT = 'another-project'


def report(**changes):
    """A report as it travels, some keys of it changed."""
    return {'id': uuidutils.generate_uuid(), 'project_id': PROJECT,
            'event_id': '000002',
            'created_at': timeutils.utcnow().isoformat(), **changes}


class Way:
    """The tests, for each database."""

    backend: str

    def setUp(self):
        super().setUp()
        self.deployment = self.useFixture(fixtures.Deployment(self.backend))

    def start(self):
        self.deployment.sync()
        self.writer = self.deployment.start_writer()
        self.api = self.deployment.start_api()

    def conf_of_the_deployment(self):
        self.conf(['--config-file', self.deployment.config_file],
                  project='cinder-messages')
        return self.conf

    def transport(self, is_emitter):
        """Return a transport with the driver options of an emitter or not."""
        transport = bus.Bus(cfg.CONF, fixtures.TRANSPORT_URL, True, '',
                            is_emitter).get_transport()
        self.addCleanup(transport.cleanup)
        return transport

    def caller(self):
        """Return a client that sends what an emitter would not."""
        return messaging.get_rpc_client(
            self.transport(is_emitter=True), messaging.Target(
                exchange=contract.EXCHANGE, topic=contract.TOPIC,
                version='1.0'), timeout=60)

    def report_by_hand(self, *args, project=PROJECT):
        done = self.deployment.run(
            'cinder-messages-manage', 'message', 'create', '--project-id',
            project, *args)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.strip()

    def test_a_report_is_read_by_its_project_only(self):
        self.start()
        message_id = self.report_by_hand(
            '--event-id', '000002', '--resource-type', 'VOLUME',
            '--resource-uuid', 'v1')
        other_id = self.report_by_hand(
            '--event-id', '000001', project=OTHER_PROJECT)

        [message] = self.api.list_all(PROJECT)
        self.assertEqual(message_id, message['id'])
        [other] = self.api.list_all(OTHER_PROJECT)
        self.assertEqual(other_id, other['id'])
        for method in ('GET', 'DELETE'):
            self.assertEqual(404, self.api.request(
                method, f'/messages/{other_id}', PROJECT)[0])
        self.assertEqual((204, None), self.api.request(
            'DELETE', f'/messages/{message_id}', PROJECT))
        self.assertEqual([], self.api.list_all(PROJECT))
        self.assertEqual([other], self.api.list_all(OTHER_PROJECT))

    def test_cinderclient_reads_and_deletes(self):
        self.start()
        message_id = self.report_by_hand('--event-id', '000002')
        cinder = process.command(
            'cinder', '--os-auth-type', 'noauth', '--os-endpoint',
            self.api.url, '--os-user-id', 'tester', '--os-project-id',
            PROJECT, '--os-volume-api-version', '3.5')

        self.assertIn(message_id, process.run(
            [*cinder, 'message-list']).stdout)
        self.assertIn('000002', process.run(
            [*cinder, 'message-show', message_id]).stdout)
        self.assertEqual(0, process.run(
            [*cinder, 'message-delete', message_id]).returncode)
        self.assertEqual([], self.api.list_all(PROJECT))

    def answered(self, reporting):
        """The counters of a reporter that got all its answers."""
        return json.loads(
            reporting.wait_for_line('^answered (.*)', 150).group(1))

    def test_a_writer_that_is_told_to_stop_answers_first(self):
        self.start()
        reporting = self.deployment.start_reporter(5000)
        reporting.wait_for_line('^reported')

        self.assertEqual(0, self.writer.terminate())
        self.deployment.start_writer()

        self.assertEqual(5000, self.answered(reporting)['reported'])
        self.assertEqual(5000, len(self.api.list_all(PROJECT)))

    def test_reports_made_before_there_is_a_writer_are_stored(self):
        self.deployment.sync()
        reporting = self.deployment.start_reporter(100)
        reporting.wait_for_line('No writer has stored')

        self.deployment.start_writer()

        self.assertEqual(100, self.answered(reporting)['stored'])

    def test_hostile_batches_are_refused_and_the_rest_is_stored(self):
        self.start()
        caller = self.caller()

        good = report()
        answer = caller.call({}, 'create_messages', messages=[
            report(event_id='the disk of host7 is full'),
            report(event_id='000099'),
            report(message_level='FATAL'),
            report(resource_type='SHARE'),
            report(project_id=None),
            report(resource_uuid='x' * 100_000),
            report(request_id='req\0'),
            report(id='1 OR 1=1'),
            'not even an object',
            good])
        self.assertEqual(1, answer['stored'])
        self.assertEqual(9, len(answer['rejected']))
        self.assertTrue(all(one['reason'] for one in answer['rejected']))
        again = caller.call({}, 'create_messages', messages=[good])
        self.assertEqual((0, 1), (again['stored'], again['duplicates']))
        for messages in (None, 'all of them', {}, [report()] * 1001):
            answer = caller.call({}, 'create_messages', messages=messages)
            self.assertEqual(0, answer['stored'])
            self.assertEqual(1, len(answer['rejected']))

        for method, version in (('drop_table', '1.0'), ('_save', '1.0'),
                                ('create_messages', '2.0'),
                                ('create_messages', '1.2')):
            self.assertRaises(
                messaging.RemoteError,
                caller.prepare(version=version).call, {}, method)
        with fixtures.broker() as connection:
            producer = connection.Producer()
            for body in (b'\xff\xfe', b'{"oslo', b'[]', b'null', b'7'):
                producer.publish(
                    body, exchange=contract.EXCHANGE,
                    routing_key=contract.TOPIC,
                    content_type='application/json', content_encoding='utf-8')

        self.report_by_hand('--event-id', '000001')
        self.assertEqual(
            ['000001', '000002'],
            [message['event_id'] for message in self.api.list_all(PROJECT)])
        # NOTE: one for each batch.
        lines = [line for line in self.writer.lines if 'Rejected' in line]
        self.assertEqual(5, len(lines))
        self.assertIn('Rejected 9 of 10 reports', lines[0])

    def test_a_writer_of_the_first_version_works_beside_a_new_one(self):
        self.start()
        bind = engine.make_engine(self.conf_of_the_deployment())
        self.addCleanup(bind.dispose)
        new = endpoint.MessagesEndpoint(
            store.MessageStore(bind), catalog.Catalog.builtin(), 3600)

        class Writer:
            target = messaging.Target(version='1.0')
            calls = 0

            @messaging.expose
            def create_messages(self, context, messages):
                Writer.calls += 1
                answer = new.create_messages(context, messages)
                for rejected in answer['rejected']:
                    del rejected['code']
                return answer

        transport = self.transport(is_emitter=False)
        server = messaging.get_rpc_server(
            transport, messaging.Target(
                exchange=contract.EXCHANGE, topic=contract.TOPIC,
                server='of-the-first-version'),
            [Writer()], access_policy=messaging.ExplicitRPCAccessPolicy)
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)

        reporting = self.deployment.start_reporter(3000, '--pace', '0.0003')
        counters = self.answered(reporting)

        self.assertEqual((3000, 0), (
            counters['stored'], counters['suppressed']))
        self.assertEqual(3000, len(self.api.list_all(PROJECT)))
        self.assertGreater(Writer.calls, 0)

    def test_an_emitter_of_a_later_version_is_understood(self):
        self.start()
        answer = self.caller().call({}, 'create_messages', messages=[
            report(colour='red', shapes=[1, {'of': 'things'}])])
        self.assertEqual(1, answer['stored'])

    def test_a_database_that_is_not_migrated_stops_the_start(self):
        done = self.deployment.run('cinder-messages-writer')

        self.assertEqual(1, done.returncode, done.stdout)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        self.assertIn('cinder-messages-manage db sync', done.stderr)

    def test_a_database_that_is_away_stops_the_start(self):
        with open(self.deployment.config_file, 'a') as config:
            config.write('[database]\nconnection = %s\n' % (
                self.deployment.connection.replace(
                    '127.0.0.1', f'127.0.0.1:{process.free_port()}', 1)
                .replace(':3306/', '/', 1).replace(':5432/', '/', 1)))

        for command in (['cinder-messages-writer'],
                        ['cinder-messages-manage', 'db', 'sync'],
                        ['cinder-messages-manage', 'db', 'check']):
            done = self.deployment.run(*command)
            self.assertEqual(1, done.returncode, done.stdout)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
            self.assertIn('database cannot be reached', done.stderr)


class TestWayOnMariaDB(Way, base.TestCase):
    backend = 'mysql'


class TestWayOnPostgreSQL(Way, base.TestCase):
    backend = 'postgresql'
