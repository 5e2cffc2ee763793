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

"""What is looked at before an upgrade."""

import datetime
import os
import pathlib
import socket
import subprocess
import time
from unittest import mock

import fixtures
from oslo_config import cfg
from oslo_upgradecheck import upgradecheck
from oslo_utils import timeutils
import sqlalchemy as sa

from cinder_messages.cmd import checks
from cinder_messages.conf import opts
from cinder_messages.emit import journal
from cinder_messages.emit import quarantine
from cinder_messages import exception
from cinder_messages.rpc import topology
from cinder_messages.rpc import transport
from cinder_messages.storage import migrate
from tests import base
from tests.unit.emit import test_journal

SUCCESS = upgradecheck.Code.SUCCESS
WARNING = upgradecheck.Code.WARNING
FAILURE = upgradecheck.Code.FAILURE


class ChecksTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'cinder-messages.conf'

    def check(self, check, text='', code=SUCCESS):
        """What a check says of a configuration."""
        self.path.write_text(text)
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf(['--config-file', str(self.path)], project='cinder-messages',
             default_config_dirs=[])
        result = check(conf)
        self.assertEqual(code, result.code, result.details)
        return result.details


class TestOptions(ChecksTestCase):

    def test_what_is_read_is_fine(self):
        self.check(checks.check_options,
                   '[DEFAULT]\nanything = 1\n[api]\nmax_limit = 5\n'
                   '[database]\nmax_pool_size = 3\n[cors]\nany = 1\n')

    def test_what_is_not_read_is_named_with_what_was_meant(self):
        said = self.check(
            checks.check_options, '[api]\nmax_limits = 5\nsomething = 1\n'
            '[writr]\nworkers = 2\n', WARNING)

        for words in (str(self.path), '[api] max_limits (meant is max_limit?)',
                      '[api] something', '[writr] (meant is [writer]?)'):
            self.assertIn(words, said)

    def test_a_directory_of_files_is_looked_at(self):
        (self.directory / 'more.d').mkdir()
        (self.directory / 'more.d' / 'a.conf').write_text('[api]\nxyz = 1\n')
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf(['--config-dir', str(self.directory / 'more.d')],
             default_config_files=[])

        self.assertIn('[api] xyz', checks.check_options(conf).details)


class TestPolicy(ChecksTestCase):

    def check_policy(self, name, text, code):
        path = self.directory / name
        path.write_text(text)
        return self.check(checks.check_policy, '[oslo_policy]\n'
                          f'policy_file = {path}\n', code)

    def test_none_and_a_good_one_are_fine(self):
        self.check(checks.check_policy)
        self.check_policy('policy.yaml', '', SUCCESS)
        self.check_policy(
            'policy.yaml', '"message:get": "rule:mine"\n"mine": "@"\n',
            SUCCESS)

    def test_rules_that_nothing_asks_for(self):
        said = self.check_policy(
            'policy.yaml', '"message:show": "@"\n', WARNING)
        self.assertIn('message:show', said)
        self.assertIn('message:get_all', said)

    def test_json_is_to_be_converted(self):
        said = self.check_policy('policy.json', '{"message:get": ""}', FAILURE)
        self.assertIn('oslopolicy-convert-json-to-yaml', said)

    def test_what_is_not_a_mapping(self):
        for text in '- a\n- [b]\n', 'a: [b\n':
            said = self.check_policy('policy.yaml', text, FAILURE)
            self.assertIn('policy.yaml cannot be read', said)


class TestSpool(ChecksTestCase):

    def setUp(self):
        super().setUp()
        self.spool_dir = self.directory / 'spool'
        self.text = f'[cinder_messages]\nspool_dir = {self.spool_dir}\n'

    def fill(self, count=1):
        filled = journal.Journal(str(self.spool_dir), 1000)
        for number in range(count):
            filled.append(test_journal.line(number))
        return filled

    def age(self, seconds):
        moment = time.time() - seconds
        for path in self.spool_dir.iterdir():
            os.utime(path, (moment, moment))

    def test_none_is_fine(self):
        self.check(checks.check_spool, self.text)
        self.check(checks.check_spool, '[cinder_messages]\nspool_dir =\n')

    def test_what_waits_for_its_own_process_is_fine(self):
        self.addCleanup(self.fill().close)
        self.age(3600)
        self.check(checks.check_spool, self.text)

    def test_what_nobody_takes_over_is_told(self):
        self.fill(3).close()
        self.check(checks.check_spool, self.text)

        self.age(3600)

        said = self.check(checks.check_spool, self.text, WARNING)
        self.assertIn('3 reports', said)
        self.assertIn(str(self.spool_dir), said)

    def test_a_backlog_is_told(self):
        self.addCleanup(self.fill(6).close)
        said = self.check(checks.check_spool,
                          f'{self.text}spool_max_messages = 10\n', WARNING)
        self.assertIn('6 reports wait', said)

    def test_what_cannot_be_read_is_told(self):
        self.spool_dir.mkdir(mode=0o700)
        for name in ('x.corrupt', 'y.unreadable'):
            (self.spool_dir / name).write_text('garbage')
            said = self.check(checks.check_spool, self.text, WARNING)
            self.assertIn(name, said)

    def test_a_spool_of_the_first_version_is_told(self):
        self.spool_dir.mkdir(mode=0o700)
        (self.spool_dir / 'x.spool').write_text('a database')
        said = self.check(checks.check_spool, self.text, WARNING)
        self.assertIn('spool send', said)

    def test_refused_reports_are_told(self):
        self.fill(0).close()
        quarantine.Quarantine(str(self.spool_dir)).add([
            quarantine.Entry.make({'id': 'i'}, 'UNKNOWN_EVENT', 'why')])
        said = self.check(checks.check_spool, self.text, WARNING)
        self.assertIn('refused 1 reports', said)

    def test_a_directory_that_others_may_write_is_told(self):
        self.spool_dir.mkdir()
        self.spool_dir.chmod(0o770)
        said = self.check(checks.check_spool, self.text, WARNING)
        self.assertIn('only that user may write', said)

    def test_what_is_no_directory_is_told(self):
        self.spool_dir.write_text('')
        said = self.check(checks.check_spool, self.text, WARNING)
        self.assertIn('is not a directory', said)


class TestTransport(ChecksTestCase):

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(self.listener.close)
        self.there = '127.0.0.1:%d' % self.listener.getsockname()[1]

    def check_url(self, url, code=SUCCESS):
        return self.check(checks.check_transport,
                          f'[DEFAULT]\ntransport_url = {url}\n', code)

    def accept(self, error=None):
        """Let the broker accept every connection, or find an error."""
        def check(self):
            if error is not None:
                raise error
        self.useFixture(fixtures.MockPatchObject(
            topology.Topology, 'check', check))

    def test_a_broker_that_accepts_and_a_driver_without_broker(self):
        self.accept()
        self.check_url(f'rabbit://me:hush@{self.there}/')
        self.check_url('fake://')

    def test_one_unreachable_host_of_two_is_a_warning(self):
        self.accept()
        said = self.check_url(
            f'rabbit://me:hush@{self.there},me:hush@127.0.0.1:1/', WARNING)
        self.assertIn('127.0.0.1:1 (Connection refused)', said)
        self.assertNotIn('hush', said)

    def test_a_server_that_is_no_broker_is_a_failure(self):
        said = self.check_url(f'rabbit://me:hush@{self.there}/', FAILURE)
        self.assertIn('cannot be used', said)
        self.assertNotIn('hush', said)

    def test_a_mismatch_is_a_failure(self):
        self.accept(exception.BusMismatch(reason='the queue differs'))
        self.assertIn('the queue differs', self.check_url(
            f'rabbit://me:hush@{self.there}/', FAILURE))

    def test_none_is_a_failure(self):
        said = self.check_url('rabbit://me:hush@127.0.0.1:1/', FAILURE)
        self.assertNotIn('hush', said)

    def test_a_host_need_not_be_named(self):
        self.useFixture(fixtures.MockPatchObject(
            transport, '_DEFAULT_PORTS', {'rabbit': int(
                self.there.rpartition(':')[2])}))
        self.accept()
        self.check_url('rabbit://')

    def test_a_url_that_cannot_work_is_a_failure(self):
        self.assertIn('pigeon', self.check_url('pigeon://x', FAILURE))


class TestDatabase(ChecksTestCase):

    def test_the_schema(self):
        said = self.check(
            checks.check_database, '[database]\nconnection = '
            f'sqlite:///{self.directory}/messages.sqlite\n', FAILURE)
        self.assertIn('db sync', said)

    def test_a_table_or_a_clock_that_differs_is_named(self):
        url = f'sqlite:///{self.directory}/messages.sqlite'
        text = f'[database]\nconnection = {url}\n'
        bind = sa.create_engine(url)
        self.addCleanup(bind.dispose)
        migrate.upgrade(bind)
        self.check(checks.check_database, text)

        wrong = timeutils.utcnow() + datetime.timedelta(hours=1)
        with mock.patch.object(timeutils, 'utcnow', autospec=True,
                               return_value=wrong):
            self.assertIn('3600 s ahead', self.check(
                checks.check_database, text, FAILURE))
        with bind.begin() as connection:
            connection.exec_driver_sql(
                'ALTER TABLE user_messages DROP COLUMN host')
        self.assertIn('column host is missing', self.check(
            checks.check_database, text, FAILURE))


class TestCoverage(ChecksTestCase):

    def check_cinder(self, code, installed=True, **done):
        """Check a Cinder whose imports end in a certain way."""
        self.useFixture(fixtures.MockPatch(
            'importlib.util.find_spec', return_value=installed or None))
        self.useFixture(fixtures.MockPatch('subprocess.run', **done))
        return self.check(checks.check_coverage, code=code)

    def test_without_cinder_nothing_is_uncovered(self):
        self.check_cinder(SUCCESS, False, side_effect=AssertionError)

    def test_everything_is_covered(self):
        self.check_cinder(SUCCESS, return_value=mock.Mock(
            returncode=0, stdout=''))

    def test_what_is_not_covered_is_named(self):
        said = self.check_cinder(WARNING, return_value=mock.Mock(
            returncode=0, stdout='without a: b\nwithout c: d\n'))
        self.assertIn('without a: b; without c: d', said)

    def test_a_cinder_that_cannot_be_imported(self):
        self.assertIn('could not be imported', self.check_cinder(
            WARNING, return_value=mock.Mock(returncode=1)))

    def test_a_cinder_that_takes_too_long(self):
        self.assertIn('in time', self.check_cinder(
            WARNING, side_effect=subprocess.TimeoutExpired('python', 120)))

    def test_a_python_that_cannot_be_run(self):
        self.assertIn('no memory', self.check_cinder(
            WARNING, side_effect=OSError('no memory')))
