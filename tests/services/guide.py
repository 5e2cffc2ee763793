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

"""The installation guide, followed to the letter on machines of a test's own.

A block of a page says by its ``:class:`` who types it: ``cloud``,
``messages1``, ``messages2``, ``messages`` for both of these, ``client`` for an
administrator with the clients of OpenStack, ``user`` for a user of the project
``demo``. A block with a path for its ``:caption:`` is that file, or with the
class ``append`` the end of it. A block without a class is an example.
"""

import os
import pathlib
import re
import shutil
import sys
import textwrap

import fixtures

from tests import documents
from tests import process
from tests.services import keystone
from tests.services import machines

CLOUD = '203.0.113.10'
HOSTS = {'messages1': '203.0.113.11', 'messages2': '203.0.113.12'}

VERSIONS = pathlib.Path('cinder_messages/storage/migrations/versions')

_LITERAL = re.compile(
    r'^\.\. literalinclude:: (?P<path>\S+)\n +:language: (?P<language>\w+)\n'
    r'(?P<options>( +:.*\n)*)', re.MULTILINE)

# What this machine may have of MariaDB and RabbitMQ is not for the test: they
# are as Debian's packages leave them.
_AS_INSTALLED = """
for name in mysql rabbitmq; do
    mount -t tmpfs tmpfs /var/lib/$name
    mount -t tmpfs tmpfs /etc/$name
    chown $name: /var/lib/$name
done
mkdir /etc/mysql/mariadb.conf.d
echo '[client-server]
socket = /run/mysqld/mysqld.sock
!includedir /etc/mysql/mariadb.conf.d/' > /etc/mysql/my.cnf
echo '[server]
user = mysql
bind-address = 127.0.0.1' > /etc/mysql/mariadb.conf.d/50-server.cnf
echo '#!/bin/sh' > /etc/mysql/debian-start
chmod 755 /etc/mysql/debian-start
mariadb-install-db --user=mysql --skip-test-db > /dev/null
"""


class Guide(fixtures.Fixture):
    """Who follows the guide, and what comes of it.

    :ivar cloud: the machine with MariaDB, RabbitMQ, haproxy and Keystone
    :ivar hosts: the machines with the writers and APIs, by their names
    :ivar keystone: the one of the cloud
    :ivar user: a member of the project ``demo``
    :ivar transcript: what was typed where, and what came of it
    """

    def _setUp(self):
        self.transcript = []
        self.hosts = {}
        self._site = self.useFixture(machines.Site())
        self.cloud = self._site.boot('cloud', CLOUD)
        self.cloud.run(_AS_INSTALLED)
        # NOTE: until the end, this thread and what it starts is there.
        network = self.cloud.network()
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        self.keystone = self.useFixture(keystone.Keystone(
            f'{CLOUD}:5000', service_user=False))
        self.keystone.create_user('nova', 'service', 'service')
        self.user = self.keystone.create_user('user', 'member', 'demo')
        self._administrator = keystone.User('admin', None)

    def bring(self, wheel):
        """Have a file in the directory where root's commands are typed."""
        for _, run in self._hosts():
            run(f'cat > {wheel.name}', wheel.read_bytes())

    def follow(self, page, tree=process.ROOT):
        """Do what a page of a version says, from its beginning to its end."""
        for block in _blocks(tree / 'doc' / 'source' / page):
            who, *how = block.options.get('class', '').split() or ['nobody']
            if who == 'nobody':
                continue
            if block.language == 'console':
                self._type(who, block)
            else:
                self._write(who, block, '>>' if 'append' in how else '>')

    def _type(self, who, block):
        commands = [command.replace('PROJECT_ID', self.user.project_id)
                    for command in block.commands()]
        for name, run in self._places(who, ' '.join(commands)):
            sign = '$' if who in ('client', 'user') else '#'
            directory, said = '', ''
            for command in commands:
                self.transcript.append(f'{name}{sign} {command}\n')
                if command.startswith('cd '):
                    directory = command
                else:
                    said = run(f'{directory}\n{command}')
                self.transcript.append(said)
            if block.output() not in said:
                raise AssertionError(f'{block}: {said}')

    def _write(self, who, block, sign):
        path = block.options['caption']
        for name, run in self._places(who):
            self.transcript.append(f'{name}# cat {sign} {path} ...\n')
            run(f'cat {sign} {path}', block.text.encode())

    def _places(self, who, script=''):
        """The names of those who type it, and how each does."""
        if who in ('client', 'user'):
            return [(who, lambda script: self._run_client(who, script))]
        if who == 'cloud':
            return [(who, _runner(self.cloud))]
        if 'systemctl' in script or who != 'messages':
            self._boot()
        return [(name, run) for name, run in self._hosts()
                if who in (name, 'messages')]

    def _hosts(self):
        if self.hosts:
            return [(name, _runner(host))
                    for name, host in self.hosts.items()]
        # NOTE: what both hosts do before they differ is done once.
        return [('messages', lambda script, data=None: self._site.change(
            'messages', script, data))]

    def _boot(self):
        if not self.hosts:
            self.hosts = {
                name: self._site.boot(name, address, ['messages'])
                for name, address in HOSTS.items()}

    def _run_client(self, who, script):
        environment = self.keystone.environment(
            self.user if who == 'user' else self._administrator)
        environment['PATH'] = (f'{pathlib.Path(sys.executable).parent}:'
                               f'{os.environ["PATH"]}')
        return _run(['bash', '-e', '-c', script], **environment)


def build_wheels(directory):
    """Build the wheels of two versions, between which the tables change.

    The older version is the last commit before the latest migration. A tree
    without its history gives its own version twice.

    :returns: the tree of the older version, its wheel, and the newer wheel
    """
    tree, older = (pathlib.Path(directory, name) for name in ('tree', 'older'))
    shutil.copytree(process.ROOT, tree, ignore=shutil.ignore_patterns(
        '.git', '.tox', '.venv*', '.stestr', 'build', '*.egg-info',
        '__pycache__'))
    _run(['/usr/bin/python3', '-m', 'venv', f'{directory}/venv'])
    if commit := _commit_before_migration():
        older.mkdir()
        _run(['bash', '-o', 'pipefail', '-c',
              f'git -C "{process.ROOT}" archive {commit} |'
              f' tar -x -C "{older}"'])
    else:
        print('The history of the tree is not there: upgrading to itself.')
        shutil.copytree(tree, older)
    return (older, _build(directory, older, '0.0.1'),
            _build(directory, tree, '0.0.2'))


def _commit_before_migration():
    """Return the commit before the latest migration, or None."""
    done = process.run([
        'git', '-C', str(process.ROOT), 'log', '--format=%P',
        '--diff-filter=A', '-1', '--', f'{VERSIONS}/*_*.py'])
    return done.stdout.split()[0] if done.stdout.strip() else None


def _build(directory, tree, version):
    _run([f'{directory}/venv/bin/pip', 'wheel', '-q', '--no-deps', '-w',
          str(directory), str(tree)], PBR_VERSION=version)
    [wheel] = pathlib.Path(directory).glob(f'cinder_messages-{version}-*.whl')
    return wheel


def _run(args, **environment):
    done = process.run(args, timeout=300, **environment)
    if done.returncode:
        raise AssertionError(f'{args}\n{done.stdout}{done.stderr}')
    return done.stdout


def _runner(machine):
    def run(script, data=None):
        # NOTE: where packages come from is not on the network of the site,
        # and nothing but what gets them is to see anything else.
        outside = re.fullmatch(r'\n(apt-get|/\S+/bin/pip) [^\n]*', script)
        return machine.run(script, data, network=not outside)
    return run


def _blocks(path):
    """The blocks of a page, files that it includes among them."""

    def include(found):
        text = (path.parent / found['path']).read_text()
        return (f'.. code-block:: {found["language"]}\n{found["options"]}\n'
                + textwrap.indent(text, '   '))

    return documents.blocks_of(
        path.name, _LITERAL.sub(include, path.read_text()))
