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

"""The arguments and files of a process; logging is tried on real ones."""

import contextlib
import io
import logging
import pathlib

import fixtures
from oslo_config import cfg
from oslo_log import log

from cinder_messages.conf import startup
from cinder_messages import exception
from tests import base


class TestParse(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'cinder-messages.conf'

    def refused(self, content):
        self.path.write_bytes(content)
        error = self.assertRaises(
            exception.InvalidConfiguration, startup.parse, cfg.ConfigOpts(),
            [], config_files=[str(self.path)])
        return str(error)

    def test_what_is_not_a_configuration_is_refused(self):
        self.assertIn(str(self.path), self.refused(b'nonsense'))
        self.assertIn('UTF-8', self.refused(b'[api]\nx = \xff\n'))

    def test_a_directory_is_refused_by_name(self):
        error = self.assertRaises(
            exception.InvalidConfiguration, startup.parse, cfg.ConfigOpts(),
            [], config_files=[str(self.directory)])
        self.assertIn(str(self.directory), str(error))

    def test_an_option_of_the_command_line_is_looked_at_in_a_file(self):
        refused = self.refused(b'[DEFAULT]\ndebug = maybe\n')
        self.assertIn('[DEFAULT] debug', refused)
        self.assertIn('maybe', refused)

    def test_what_argparse_says_is_passed_on(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertRaises(SystemExit, startup.parse, cfg.ConfigOpts(),
                              ['--nonsense'], config_files=[])
        self.assertIn('--nonsense', said.getvalue())

    def test_the_usual_places_and_a_directory_are_read(self):
        home = self.useFixture(fixtures.TempHomeDir()).path
        usual = pathlib.Path(home) / '.cinder-messages'
        usual.mkdir()
        (usual / 'cinder-messages.conf').write_text(
            '[writer]\nhost = usual\nworkers = 3\n')
        (self.directory / 'more.conf').write_text('[writer]\nhost = more\n')

        conf = cfg.ConfigOpts()
        startup.parse(conf, ['--config-dir', str(self.directory)])

        self.assertEqual(('more', 3), (conf.writer.host, conf.writer.workers))

    def test_the_environment_is_above_files(self):
        self.path.write_text('[writer]\nworkers = 3\n')
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_WRITER__WORKERS', '4'))

        conf = cfg.ConfigOpts()
        startup.parse(conf, [], config_files=[str(self.path)])

        self.assertEqual(4, conf.writer.workers)


class TestSetUp(base.TestCase):

    def set_up(self, error=None):
        def setup(conf, product, version):
            if error is not None:
                raise error

        self.useFixture(fixtures.MonkeyPatch('oslo_log.log.setup', setup))
        conf = cfg.ConfigOpts()
        startup.parse(conf, [], config_files=[])
        startup.initialize(conf)

    def test_passwords_are_not_logged(self):
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_DATABASE__CONNECTION', 'mysql://me:hush@host/d'))
        logged = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))

        self.set_up()

        self.assertRegex(logged.output, r'database\.connection += \*\*\*\*')
        self.assertNotIn('hush', logged.output)

    def test_a_log_that_cannot_be_is_told(self):
        for error, words in (
                (log.LogConfigError('/x.ini', 'no such file'), '/x.ini'),
                (PermissionError(13, 'Permission denied', '/x.log'),
                 'Make the directory')):
            refused = self.assertRaises(
                exception.InvalidConfiguration, self.set_up, error)
            self.assertIn(words, str(refused))
