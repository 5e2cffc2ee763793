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

"""Our rules for flake8 find what they are for, and nothing in the package."""

import ast

from tests import base
from tests.hacking import checks
from tests import process


def findings(source, path='cinder_messages/emit/sender.py'):
    """The numbers of what is wrong in a file."""
    return [text.partition(' ')[0] for _line, _column, text, _class
            in checks.Checks(ast.parse(source), path).run()]


class TestChecks(base.TestCase):

    def test_eventlet(self):
        for source in ('import eventlet', 'import os, eventlet.green.os',
                       'from eventlet import patcher'):
            self.assertEqual(['N301'], findings(source))
            self.assertEqual([], findings(source, 'tests/host.py'))
        self.assertEqual([], findings('from . import eventlet'))

    def test_the_global_configuration_stays_at_the_entry(self):
        source = 'cfg.CONF.register_opts(OPTS)'
        self.assertEqual(['N302'], findings(source))
        for path in ('cmd/all.py', 'wsgi/api.py', 'policy.py',
                     'message/api.py', 'integration/managers.py'):
            self.assertEqual([], findings(source, f'cinder_messages/{path}'))
        self.assertEqual([], findings(source, 'tests/fixtures.py'))

    def test_translated_log_lines(self):
        self.assertEqual(['N303'], findings("LOG.info(_('text'), 1)"))
        self.assertEqual(['N303'], findings("self.log.error(N_('text'))"))
        self.assertEqual([], findings("LOG.info('text')"))
        self.assertEqual([], findings("LOG.info()"))

    def test_print(self):
        self.assertEqual(['N304'], findings('print(1)'))
        self.assertEqual([], findings('print(1)', '/a/cinder_messages/cmd/a'))
        self.assertEqual([], findings('print(1)', 'benchmarks/create.py'))

    def test_the_package_keeps_to_them(self):
        for path in (process.ROOT / checks.PACKAGE).rglob('*.py'):
            self.assertEqual(
                [], findings(path.read_text(), str(path)), path)
