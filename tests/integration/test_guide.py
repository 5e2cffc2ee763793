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

"""admin/cinder, typed word for word on a Cinder that is in use, and back."""

import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import uuid

import fixtures
import sqlalchemy as sa

from tests import base
from tests import database
from tests import documents
from tests.integration import stack

WRITER = 'cinder-messages-writer'
SERVICES = (*stack.SERVICES, 'cinder-backup')

BEFORE_IMPORT = ('cinder-schema', 'cinder-writer', 'cinder-first-import')


class Host(fixtures.Fixture):
    """Where the commands of the page are typed.

    ``/etc`` and ``/var/lib`` are the stack's, and so are its services. The
    user of Cinder is the one of the test.
    """

    def __init__(self, deployed, backend):
        self._stack = deployed
        self._backend = backend
        # NOTE: twice, with kills, takes eight minutes; once a backend is
        # enough for CI, the files of Cinder are the same.
        self._times = 2 if backend == 'mysql' else 1
        self._name = f'cinder_messages_{uuid.uuid4().hex}'[:32]

    def _setUp(self):
        self._server = sa.make_url(
            database.server_url(self._backend))
        self._stack.path('systemd/system').mkdir(parents=True)
        self._directory = self._stack.directory
        self._environment = {
            **os.environ, **self._stack.environment,
            'PATH': f'{os.path.dirname(sys.executable)}:{os.environ["PATH"]}'}
        self.addCleanup(self._drop)

    def _drop(self):
        engine = sa.create_engine(self._server, poolclass=sa.pool.NullPool,
                                  isolation_level='AUTOCOMMIT')
        drop = ['DATABASE', 'USER' if self._backend == 'mysql' else 'ROLE']
        with engine.connect() as connection:
            for kind in drop:
                connection.exec_driver_sql(
                    f'DROP {kind} IF EXISTS {self._name}')

    def has_database(self):
        """Return whether the server still has our database."""
        engine = sa.create_engine(self._server, poolclass=sa.pool.NullPool)
        query = ('SELECT schema_name FROM information_schema.schemata'
                 if self._backend == 'mysql'
                 else 'SELECT datname FROM pg_database')
        with engine.connect() as connection:
            return self._name in connection.scalars(sa.text(query)).all()

    def do(self, name, times=None, **environment):
        """Do what a block of the page says; what the last command prints.

        :param times: how often; None is twice on MariaDB and once on
            PostgreSQL. If twice, every command of ours is killed once on its
            way before each time.
        """
        times = times or self._times
        block = documents.block_named(name)
        for _ in range(times):
            if block.language == 'ini':
                self._write(block)
                output = ''
            else:
                output = self._type_all(block, times > 1, environment)
        return output

    def _type_all(self, block, with_kill, environment):
        directory, output = self._directory, ''
        for command in block.commands():
            words = command.split()
            if words[0] == 'cd':
                directory = self.type(f'{command} && pwd').strip()
            elif words[0] == 'systemctl':
                self._control(*words[1:])
            else:
                if with_kill and words[0] == 'cinder-messages-manage':
                    self._kill(command)
                output = self.type(command, directory, **environment)
        return output

    def _write(self, block):
        path = pathlib.Path(self._on_stack(block.options['caption']))
        text = block.text
        if self._backend == 'postgresql':
            other = documents.block_named('cinder-our-file-postgresql')
            text = re.sub('(?m)^connection = .*', other.text.splitlines()[1],
                          text)
        path.write_text(self._on_stack(text))

    def type(self, command, directory=None, **environment):
        """Run a command in a shell; it must succeed."""
        done = subprocess.run(
            self._on_stack(command), shell=True, text=True, timeout=300,
            capture_output=True, cwd=directory or self._directory,
            env={**self._environment, **environment})
        if done.returncode:
            raise AssertionError(
                f'{command}\n{done.stdout}\n{done.stderr}')
        return done.stdout

    def _kill(self, command):
        """Start a command, and kill it when it has begun to work."""
        started = subprocess.Popen(
            self._on_stack(command), shell=True, cwd=self._directory,
            env=self._environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            started.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()

    def _control(self, verb, *args):
        """Do what systemd would, from the units that the page installs."""
        if verb == 'daemon-reload':
            return
        unit = args[-1]
        if unit == WRITER:
            text = self._stack.read(f'systemd/system/{WRITER}.service')
            if f'ExecStart=/usr/bin/env {WRITER}\n' not in text:
                raise AssertionError(text)
            if verb == 'enable':
                self._stack.read(
                    f'systemd/system/{WRITER}.service.d/cinder.conf')
        running = self._stack.services.get(unit)
        is_up = running is not None and running.popen.poll() is None
        if verb in ('restart', 'disable') and is_up:
            running.terminate()
            is_up = False
        if verb != 'disable' and not is_up:
            self._stack.start(unit)

    def _on_stack(self, text):
        """What the page names, as it is called here."""
        server = f'{self._server.host}:{self._server.port}'
        text = re.sub(r'(://\w+:SECRET@)controller/', rf'\g<1>{server}/', text)
        text = text.replace('rabbit://openstack:SECRET@controller',
                            self._stack.transport_url)
        text = re.sub('/(etc|var)/', rf'{self._directory}/\1/', text)
        # NOTE: a path behind the prefix of Python is none of the host's.
        text = re.sub(r'\$\(python3 [^)]*\)\)\'\)' + re.escape(
            str(self._directory)), str(self._data_directory()), text)
        text = text.replace('chgrp cinder', f'chgrp {os.getegid()}').replace(
            '-g cinder', f'-g {os.getegid()}')
        # NOTE: a user's name has 32 characters on the oldest servers.
        text = re.sub(r'\bcinder_messages\b(?!\.integration|])',
                      self._name, text)
        options = (f'-h {self._server.host} -P {self._server.port} '
                   f'-u {self._server.username}')
        text = re.sub('^mariadb ', f'mariadb --no-defaults {options} ', text)
        return re.sub(
            r'(^|\| )psql\b', rf'\1psql -q -h {self._server.host} '
            f'-p {self._server.port} -U {self._server.username} '
            f'-d {self._server.database} -v ON_ERROR_STOP=1', text)

    def _data_directory(self):
        """The prefix under which a wheel has put the files of etc."""
        installed = pathlib.Path(sys.prefix, 'etc', 'cinder-messages')
        if installed.is_dir():
            return installed.parent.parent
        # NOTE: an editable installation has none.
        made = self._directory / 'state' / 'prefix'
        if not made.is_dir():
            shutil.copytree(stack.process.ROOT / 'etc' / 'cinder_messages',
                            made / 'etc' / 'cinder-messages')
        return made

    def files(self):
        """Mode and content of each file of ``/etc`` but our own."""
        return {
            str(path): (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
            for path in sorted(self._stack.path('.').rglob('*'))
            if path.is_file() and '/cinder-messages/' not in str(path)}


class GuideMixin:
    """The page from its first step to its last.

    :cvar backend: our database
    """

    def setUp(self):
        super().setUp()
        self.stack = self.useFixture(stack.Stack())
        self.host = self.useFixture(Host(self.stack, self.backend))
        self.stack.start(*SERVICES)
        self.stack.wait_for_pools()
        self.member = self.stack.keystone.create_user(
            'demo', 'member', 'demo')
        self.volumes = self.stack.connect('demo', 'demo').block_storage

    def fail_volume(self):
        """Request a volume that cannot be; its id."""
        volume = self.volumes.create_volume(name='too big', size=900)
        self.volumes.wait_for_status(
            volume, 'error', failures=[], interval=1,
            wait=stack.process.DEADLINE)
        return volume.id

    def listed(self):
        """The resources of all messages of the user."""
        return {message['resource_uuid'] for message in
                self.volumes.get('/messages').json()['messages']}

    def test_install_and_the_way_back(self):
        files = self.host.files()
        before = self.fail_volume()
        self.assertEqual({before}, self.listed())

        self.host.do('cinder-install')
        self.host.do('cinder-database-mysql' if self.backend == 'mysql'
                     else 'cinder-database-postgresql')
        self.host.do('cinder-our-directory')
        self.host.do('cinder-our-file')
        self.host.do('cinder-our-permissions')
        for step in BEFORE_IMPORT:
            self.host.do(step)
        self.assertIn('+[filter:messages]', self.host.do('cinder-dry-run'))
        self.host.do('cinder-connect')
        self.host.do('cinder-restart-api', 1)
        self.assertEqual({before}, self.listed())
        between = self.fail_volume()
        self.assertEqual({before}, self.listed())
        self.host.do('cinder-restart', 1)
        self.stack.wait_for_pools()
        self.host.do('cinder-second-import')
        self.assertEqual({before, between}, self.listed())

        checked = self.host.do('cinder-check')
        self.assertEqual(6, checked.count('ok  '), checked)
        after = self.fail_volume()
        self.stack.wait(lambda: after in self.listed())
        self.host.do('cinder-proof', 1,
                     **self.stack.keystone.environment(self.member))
        self.stack.wait(lambda: len(self.listed()) == 4)

        self.host.do('cinder-back')
        self.host.do('cinder-back-restart', 1)
        self.stack.wait_for_pools()
        self.assertEqual({before, between}, self.listed())
        again = self.fail_volume()
        self.assertEqual({before, between, again}, self.listed())
        self.host.do('cinder-back-writer', 1)
        self.assertEqual(files, self.host.files())
        self.host.do('cinder-gone-mysql' if self.backend == 'mysql'
                     else 'cinder-gone-postgresql', 1)
        self.assertFalse(self.host.has_database())


class TestMySQL(GuideMixin, base.TestCase):
    backend = 'mysql'


class TestPostgreSQL(GuideMixin, base.TestCase):
    backend = 'postgresql'
