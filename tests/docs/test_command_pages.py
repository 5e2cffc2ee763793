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

"""Each command has a page, and a manual page is made of it."""

from importlib import metadata

from cinder_messages.cmd import manage
from tests import base
from tests import documents


class TestPages(base.TestCase):

    def page(self, program):
        return (documents.SOURCE / 'cli' / f'{program}.rst').read_text()

    def test_each_program_has_one(self):
        programs = {point.name for point in metadata.entry_points(
            group='console_scripts') if point.dist and
            point.dist.name == 'cinder-messages'}
        self.assertIn('cinder-messages-writer', programs)
        for program in programs:
            self.assertIn(f'\n.. command-help:: {program}\n',
                          self.page(program))

    def test_each_command_is_there(self):
        text = self.page('cinder-messages-manage')
        for category, (_about, commands) in manage.COMMANDS.items():
            for name in commands:
                self.assertIn('\n.. command-help:: cinder-messages-manage '
                              f'{category} {name}\n', text)

    def test_each_command_without_a_category_is_there(self):
        text = self.page('cinder-messages-manage')
        for name, command in manage.SINGLE_COMMANDS.items():
            self.assertIn('\n.. command-help:: cinder-messages-manage '
                          f'{name}\n', text)
            self.assertTrue(command.examples and command.run.__doc__)

    def test_each_command_has_examples(self):
        for category, (_about, commands) in manage.COMMANDS.items():
            for name, command in commands.items():
                self.assertTrue(command.examples, f'{category} {name}')
                self.assertTrue(command.run.__doc__)
