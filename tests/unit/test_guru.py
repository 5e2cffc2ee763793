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

"""Reports that an operator asks for; real ones are in tests/functional."""

import signal

import fixtures
from oslo_reports import guru_meditation_report
from oslo_reports import opts as report_opts

from cinder_messages import exception
from cinder_messages import guru
from tests import base

REPORT = guru_meditation_report.TextGuruMeditation


class TestGuru(base.TestCase):

    def setUp(self):
        super().setUp()
        report_opts.set_defaults(self.conf)
        self.useFixture(fixtures.MonkeyPatch(
            'oslo_reports.guru_meditation_report.TextGuruMeditation.'
            'persistent_sections', []))

    def test_a_signal_is_handled(self):
        self.addCleanup(signal.signal, signal.SIGUSR2,
                        signal.getsignal(signal.SIGUSR2))
        guru.on_signal(self.conf)
        self.assertTrue(callable(signal.getsignal(signal.SIGUSR2)))

    def test_nothing_is_watched_unless_a_file_is_named(self):
        guru.on_touch(self.conf)
        self.assertEqual([], REPORT.persistent_sections)

    def test_a_file_that_is_not_there_is_told(self):
        self.conf.set_override(
            'file_event_handler', '/nowhere/x', 'oslo_reports')
        error = self.assertRaises(
            exception.InvalidConfiguration, guru.on_touch, self.conf)
        self.assertIn('[oslo_reports] file_event_handler: /nowhere/x',
                      str(error))

    def test_a_report_names_us_and_no_secret(self):
        self.conf.set_override(
            'connection', 'mysql://me:hush@host/d', 'database')
        path = self.useFixture(fixtures.TempDir()).join('touch-me')
        open(path, 'w').close()
        self.useFixture(fixtures.MonkeyPatch(
            'oslo_reports.guru_meditation_report.TextGuruMeditation.'
            '_setup_file_watcher', lambda *args: watched.append(args)))
        watched = []
        self.conf.set_override('file_event_handler', path, 'oslo_reports')

        guru.on_touch(self.conf)

        [(watched_path, _interval, version, *_rest)] = watched
        self.assertEqual(path, watched_path)
        text = REPORT(version).run()
        self.assertIn(guru.SERVICE, text)
        self.assertIn('connection = ***', text)
        self.assertNotIn('hush', text)
