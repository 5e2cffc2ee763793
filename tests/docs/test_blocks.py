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

"""Every page, held against the code.

What a page tells one to type is parsed by the program itself, what it tells
one to write in a file is read by who reads the file, and what it names is
there. ``code-block`` alone makes blocks, so that each has a language; its
``caption`` is the name of the file that it is of.

A block with a ``name`` is run, too, by the test that has that name in it.
"""

import configparser
import json
import pathlib
import re

import fixtures
from oslo_policy import policy
import yaml

from cinder_messages.message import catalog
from cinder_messages import policies
from tests import base
from tests import command_lines
from tests import documents
from tests import options
from tests import process
from tests import source_lines

LANGUAGES = {'console', 'ini', 'json', 'python', 'sql', 'text', 'yaml'}

# Programs of others, whose arguments nothing here can parse.
PROGRAMS = {
    '.ci/run', 'a2dissite', 'a2enmod', 'a2ensite', 'alias', 'apache2ctl',
    'apt-get', 'cat', 'cd', 'chgrp', 'chmod', 'chown', 'cp', 'echo', 'export',
    'git', 'grep',
    'haproxy', 'install', 'journalctl', 'ls', 'mariadb', 'mariadb-dump', 'mv',
    'oslopolicy-list-redundant', 'oslopolicy-sample-generator',
    'oslopolicy-validator', 'pg_dump', 'pip',
    'psql', 'python3', 'rabbitmqctl', 'reno', 'rm', 'sed', 'sqlite3',
    'systemctl', 'systemd-sysusers',
}


PAGE = """
Say ``[api] max_limit`` and ``cinder_messages.policy``:

.. code-block:: console
   :name: one

   $ sudo -u me NAME=x cinder-messages-manage db \\
       sync | grep ok > /dev/null
   ok
   # ls /tmp && ls /etc
   a  b

   c

And go on, with ``two
words``.

.. code-block:: ini
   :caption: /etc/cinder-messages.conf

   [api]
   max_limit = 5
"""


class DocumentTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.path = pathlib.Path(self.useFixture(
            fixtures.TempDir()).join('file'))

    def check_each(self, language, check):
        """Run a check on each block in a language."""
        for block in documents.blocks(language):
            with self.subTest(str(block)):
                check(block)

    def block(self, language, text, **options):
        """A block as a page could have it."""
        return documents.Block('page', 1, language, options, text)


class TestDocuments(DocumentTestCase):
    """What the checks see of a page."""

    def test_blocks(self):
        console, ini = documents.blocks_of('page', PAGE)
        self.assertEqual(('console', {'name': 'one'}),
                         (console.language, console.options))
        self.assertEqual('page:4', str(console))
        self.assertEqual('cinder-messages.conf', ini.caption)
        self.assertEqual('[api]\nmax_limit = 5\n', ini.text)

    def test_commands_and_output(self):
        console = next(documents.blocks_of('page', PAGE))
        first, second = console.commands()
        self.assertEqual(
            [['cinder-messages-manage', 'db', 'sync'], ['grep', 'ok']],
            list(documents.simple_commands(first)))
        self.assertEqual([['ls', '/tmp'], ['ls', '/etc']],
                         list(documents.simple_commands(second)))
        self.assertEqual('a  b\n\nc', console.output())

    def test_literals(self):
        self.assertEqual(
            ['[api] max_limit', 'cinder_messages.policy', 'two words'],
            list(documents.literals(PAGE)))


class TestBlocks(DocumentTestCase):

    def test_each_has_a_language(self):
        for block in documents.blocks():
            self.assertIn(block.language, LANGUAGES, str(block))
        for path, text in documents.pages().items():
            for line in documents.without_blocks(text).splitlines():
                self.assertFalse(
                    line.endswith('::') and not line.lstrip().startswith('..'),
                    f'{path}: {line!r} begins a block without a language')

    def check_console(self, block):
        commands = list(block.commands())
        self.assertNotEqual([], commands, 'No line begins with "$ "')
        for command in commands:
            for words in documents.simple_commands(command):
                if not command_lines.check(words):
                    self.assertIn(
                        words[0].removeprefix('.venv/bin/').removeprefix(
                            '/opt/cinder-messages/bin/'),
                        PROGRAMS, command)

    def test_commands_are_understood(self):
        self.check_each('console', self.check_console)

    def test_commands_that_would_fail_are_found(self):
        for command in (
                'cinder-messages-manage db snyc',
                'cinder-messages-manage message create --event-id 000002',
                'cinder-messages-all --exampel',
                'cinder-messages-status upgrade',
                'cinder message-list --levle ERROR',
                'openstack volume message list --limits 1',
                'openstack volume massage list',
                'curl --silent-ly http://127.0.0.1/',
                'tox run -e pep9',
                '.tox/py3/bin/python -m testtools.run tests.unit.none'):
            with self.subTest(command):
                self.assertRaises(
                    command_lines.NotUnderstood, self.check_console,
                    self.block('console', f'$ {command}\n'))

    def check_ini(self, block):
        self.path.write_text(block.text)
        where = block.options.get('caption', '')
        if (block.caption in ('', 'cinder-messages.conf',
                              *options.HOST_SERVICES) or
                '/cinder-messages.conf.d/' in where):
            options.check_file(self.path, block.caption)
        else:
            parser = configparser.ConfigParser(
                strict=False, allow_no_value=True, interpolation=None)
            parser.read(self.path)
            self.assertNotEqual([], parser.sections())

    def test_files_are_read_by_who_reads_them(self):
        self.check_each('ini', self.check_ini)

    def test_options_and_values_that_are_none_are_found(self):
        for text, error in (
                ('[api]\nmax_limits = 5\n', options.UnknownOption),
                ('[apis]\nmax_limit = 5\n', options.UnknownOption),
                ('[api]\nmax_limit = few\n', ValueError),
                ('[api]\nauth_strategy = none\n', ValueError)):
            with self.subTest(text):
                self.assertRaises(
                    error, self.check_ini, self.block('ini', text))

    def check_yaml(self, block):
        self.path.write_text(block.text)
        if block.caption == 'policy.yaml':
            self.check_policy(yaml.safe_load(block.text))
        elif block.caption == 'texts.yaml':
            catalog.Catalog(text_overrides_file=str(self.path))
        else:
            yaml.safe_load(block.text)

    def check_policy(self, rules):
        enforcer = policy.Enforcer(self.conf)
        enforcer.register_defaults(policies.list_rules())
        for name in rules:
            self.assertIn(name, enforcer.registered_rules)
        enforcer.set_rules(policy.Rules.from_dict({
            rule.name: rule.check_str for rule in policies.list_rules()}))
        enforcer.set_rules(policy.Rules.from_dict(rules), overwrite=False)
        # NOTE: what cannot be parsed becomes a check that nobody passes.
        for name, check in rules.items():
            self.assertEqual(check == '!', str(enforcer.rules[name]) == '!',
                             check)
        enforcer.check_rules(raise_on_violation=True)

    def test_yaml_is_read_by_who_reads_it(self):
        self.check_each('yaml', self.check_yaml)

    def test_policies_that_would_not_work_are_found(self):
        for text in ('"message:gte": "role:reader"',
                     '"message:get": "role:reader and ("'):
            with self.subTest(text):
                self.assertRaises(
                    AssertionError, self.check_yaml,
                    self.block('yaml', text, caption='policy.yaml'))

    def test_python_compiles(self):
        self.check_each('python', lambda block: compile(
            block.text, str(block), 'exec'))

    def test_json_is_json(self):
        self.check_each('json', lambda block: json.loads(block.text))

    def test_what_is_to_be_run_is_run(self):
        """Not that it is run well: the tests that name a block see to that."""
        sources = ''.join(
            path.read_text() for path in
            (process.ROOT / 'tests').rglob('test_*.py'))
        for block in documents.blocks():
            name = block.options.get('name')
            self.assertTrue(
                name is None or repr(name) in sources,
                f'{block}: no test names {name!r}')


class TestLogLines(DocumentTestCase):
    """Blocks of ``:class: log`` quote what our code writes."""

    def is_written(self, line):
        return any(pattern.search(line) for pattern in source_lines.patterns())

    def test_they_are_in_the_code(self):
        for block in documents.blocks('text'):
            if block.options.get('class') == 'log':
                for line in block.text.splitlines():
                    self.assertTrue(self.is_written(line), f'{block}: {line}')

    def test_each_that_is_worth_reading_is_explained(self):
        quoted = [line for block in documents.blocks('text')
                  for line in block.text.splitlines()
                  if block.path.startswith('admin/')]
        for where, pattern in source_lines.warnings():
            self.assertTrue(
                any(re.search(pattern, line) for line in quoted),
                'admin/troubleshooting.rst does not say what is to be done '
                f'on {where}: {pattern}')

    def test_a_line_that_nothing_writes_is_found(self):
        self.assertTrue(self.is_written(
            'The spool is full, 9 reports wait: new ones are refused, 3 so '
            'far.'))
        for line in ('The spool is full, nine reports wait.',
                     'Something else: went wrong'):
            self.assertFalse(self.is_written(line), line)
