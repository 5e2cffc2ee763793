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

"""What pages and READMEs name between two backquotes exists."""

import re

from cinder_messages.message import defined_messages
from cinder_messages import policies
from tests import base
from tests import command_lines
from tests import documents
from tests import options
from tests import process
from tests import source_lines

# Units of systemd, not all of which are named for a command.
UNITS = {path.stem for path in
         (process.ROOT / 'etc' / 'cinder_messages').glob('*.service')}


class TestNames(base.TestCase):
    def setUp(self):
        super().setUp()
        self.literals = [
            (path, literal) for path, text in documents.texts().items()
            for literal in documents.literals(text)]

    def matching(self, pattern):
        """Where a literal matches as a whole: page, literal and match."""
        for path, literal in self.literals:
            match = re.fullmatch(pattern, literal)
            if match:
                yield f'{path}: {literal}', match

    def test_options_exist(self):
        known = options.registered()
        for where, match in self.matching(r'\[(\w+)\] (\w+)( *=.*)?'):
            self.assertIn(match[2], {
                *known.get(match[1], ()),
                *options.HOST_SERVICES['cinder.conf'].get(match[1], ()),
            }, where)
        for where, match in self.matching(r'OS_([A-Z_]+?)__(\w+)(=.*)?'):
            self.assertIn(match[2].lower(),
                          known.get(match[1].lower(), ()), where)

    def test_groups_exist(self):
        for where, match in self.matching(r'\[(\w+)\]'):
            self.assertIn(match[1], options.registered(), where)

    def test_modules_and_their_names_exist(self):
        for where, match in self.matching(
                r'((?:cinder_messages|tests)(?:\.\w+)+)(?::(\w+))?(?:\(\))?'):
            self.assertTrue(
                source_lines.defines(match[1], match[2]), where)

    def test_paths_exist(self):
        roots = (process.ROOT, process.ROOT / 'cinder_messages')
        tops = {path.name for root in roots for path in root.iterdir()
                if path.is_dir() and not path.name.startswith('.')}
        for where, match in self.matching(r'([\w-]+)/[\w./*-]*'):
            if match[1] in tops:
                self.assertTrue(
                    any(list(root.glob(match[0])) for root in roots), where)

    def test_commands_exist(self):
        for where, match in self.matching(r'cinder-messages-\w+( .+)?'):
            if match[0] in UNITS:
                continue
            try:
                self.assertTrue(command_lines.check(match[0].split()), where)
            except command_lines.NotUnderstood as exc:
                # NOTE: a sentence may name a command and not its arguments.
                self.assertIn('required', str(exc), where)

    def test_environments_of_tox_exist(self):
        for where, match in self.matching(r'\S*tox( run)? -e ([\w-]+)'):
            self.assertTrue(
                command_lines.check(['tox', 'run', '-e', match[2]]), where)

    def test_rules_exist(self):
        known = {rule.name for rule in policies.list_rules()}
        for where, match in self.matching(r'message:[\w:]+|context_\w+'):
            self.assertIn(match[0], known, where)

    def test_each_rule_is_explained(self):
        page = documents.texts()['admin/policies.rst']
        for rule in policies.list_rules():
            self.assertIn(f'* - ``{rule.name}``\n', page)

    def test_flat_events_exist(self):
        known = {*defined_messages.DEFINITIONS, defined_messages.SUPPRESSED}
        for where, match in self.matching(r'(?:VOLUME_)?(\d{6})'):
            self.assertIn(match[1], known, where)

    def test_variables_and_constants_exist(self):
        sources = ''.join(
            path.read_text() for top in ('cinder_messages', 'tests')
            for path in (process.ROOT / top).rglob('*.py'))
        for where, match in self.matching(r'[A-Z]+(?:_[A-Z]+)+'):
            self.assertTrue(
                re.search(rf'\b{match[0]}\b', sources), where)
