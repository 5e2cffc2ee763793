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

"""Machines of a test's own: systemd, on the file system of this machine.

What a machine changes in its files is gone with it; processes, users of the
network and host names are its own. They see each other on a network that
nothing else is on. It takes root, and no more than the kernel.
"""

import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import fixtures

from tests import process
from tests.services import servers

_SCRIPT = str(pathlib.Path(__file__).with_suffix('.sh')).replace(
    'machines', 'machine')
_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

# Ends with its standard input, and takes all of the machines with it.
_SITE = """
set -e
mount -n --make-rprivate /
mount -n -t tmpfs tmpfs "$1"
ip link add bridge type bridge
ip link set bridge up
echo ready
cat
"""

_CLEAN_UP = """
mkdir -p "$1/cgroup"
mount -n -t cgroup2 cgroup2 "$1/cgroup"
find "$1/cgroup/${1##*/}" -depth -type d -exec rmdir {} + || true
"""

# Replaces the processes of a unit, and waits until the old ones have ended.
_RELOAD = """
old=$(pgrep -P $(systemctl show -p MainPID --value {unit}))
systemctl reload {unit}
for pid in $old; do
    while kill -0 $pid 2> /dev/null; do sleep 0.1; done
done
"""

# Ends all processes of a unit at once, and waits until it is back.
_KILL = """
pid=$(systemctl show -p MainPID --value {unit})
systemctl kill --kill-who=all --signal=KILL {unit}
until [ $(systemctl show -p MainPID --value {unit}) != $pid ] &&
      systemctl -q is-active {unit}; do
    sleep 0.1
done
"""


def _environment():
    """What a shell of root has after a login, and how pip gets packages."""
    return {'PATH': _PATH, 'HOME': '/root', 'LANG': 'C.UTF-8',
            **{name: value for name, value in os.environ.items()
               if name.startswith('PIP_') or name.endswith('_proxy')}}


class Site(fixtures.Fixture):
    """Where machines are: their files in memory, and the network.

    :ivar outside: tells ``nsenter`` where packages come from
    """

    def _setUp(self):
        self._space = tempfile.mkdtemp(prefix='cinder-messages-', dir='/tmp')
        self.addCleanup(os.rmdir, self._space)
        self._holder = subprocess.Popen(
            ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child',
             '--mount-proc', 'bash', '-c', _SITE, 'site', self._space],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self._end)
        if self._holder.stdout.readline() != b'ready\n':
            raise AssertionError('There can be no machines here.')
        self.pid = servers.descendants(self._holder.pid)[0]
        # NOTE: a thread may leave it later, and still need packages.
        outside = open('/proc/thread-self/ns/net')
        self.addCleanup(outside.close)
        self.outside = f'--net=/proc/{os.getpid()}/fd/{outside.fileno()}'

    def _end(self):
        _run(['nsenter', '-t', str(self.pid), '-m', 'bash', '-c', _CLEAN_UP,
              'clean-up', self._space])
        self._holder.stdin.close()
        self._holder.wait(60)
        self._holder.stdout.close()

    def change(self, layer, script, data=None):
        """Run a script as root where only its files are its own.

        :param layer: the name of what it changes, for :meth:`boot`
        :param data: its standard input
        :returns: what it says
        """
        return _run(
            ['nsenter', '-t', str(self.pid), '-m', self.outside, '--',
             'unshare', '--mount', '--pid', '--fork', '--kill-child', '--ipc',
             '--uts', *self._machine(layer), 'bash', '-e', '-c',
             f'cd; {script}'], data)

    def boot(self, name, address, layers=()):
        """A machine with its system up, and an address in the network."""
        machine = Machine(self, name, address, [
            'nsenter', '-t', str(self.pid), '-m', '-p', '--', 'unshare',
            '--mount', '--pid', '--fork', '--kill-child', '--ipc', '--uts',
            '--net', *self._machine(name, layers),
            '/lib/systemd/systemd', '--unit=basic.target'])
        return self.useFixture(machine)

    def _machine(self, name, layers=()):
        return [_SCRIPT, name, self._space, *layers, '--']


class Machine(fixtures.Fixture):
    """One of them.

    :ivar address: in the network
    """

    def __init__(self, site, name, address, command):
        self._site = site
        self.name = name
        self.address = address
        self._command = command

    def _setUp(self):
        self._process = self.useFixture(process.Process(
            self._command, **{**_environment(), 'container': 'other'}))
        self.addCleanup(self.kill)
        deadline = time.monotonic() + 60
        while not self._is_up():
            if time.monotonic() > deadline:
                raise AssertionError('\n'.join(self._process.lines))
            time.sleep(0.1)
        wire = f'{self.name}-wire'[-15:]
        _run(['nsenter', '-t', str(self._site.pid), '-n', 'bash', '-e', '-c',
              f'ip link add {wire} type veth peer name eth0 netns {self.pid}\n'
              f'ip link set {wire} master bridge\n'
              f'ip link set {wire} up'])
        self.run(f'ip link set lo up\n'
                 f'ip address add {self.address}/24 dev eth0\n'
                 f'ip link set eth0 up')

    def _is_up(self):
        # NOTE: nsenter, unshare, and what that has become.
        found = servers.descendants(self._process.popen.pid)
        if len(found) < 2:
            return False
        self.pid = found[1]
        return subprocess.run(
            self.enter('systemctl is-active basic.target'),
            capture_output=True, env=_environment()).returncode == 0

    def enter(self, script, network=True):
        """The command line that runs a script on it, as root.

        :param network: False for a script that needs packages from outside
        """
        return ['nsenter', '-t', str(self.pid), '-m', '-u', '-i', '-p', '-C',
                '-n' if network else self._site.outside, '--', 'bash', '-e',
                '-c', f'cd; {script}']

    def run(self, script, data=None, network=True):
        """What a script says, which must succeed.

        :param data: its standard input
        """
        try:
            return _run(self.enter(script, network), data)
        except AssertionError as error:
            journal = _run(self.enter(
                'journalctl --no-pager -n 500 | grep -v " INFO " | tail -30'))
            raise AssertionError(f'{error}\n{journal}') from None

    @contextlib.contextmanager
    def network(self):
        """Within it this thread, and what it starts, is on the network."""
        with open('/proc/thread-self/ns/net') as before:
            with open(f'/proc/{self.pid}/ns/net') as there:
                _set_network(there)
            try:
                yield
            finally:
                _set_network(before)

    def reload(self, unit):
        """Reload a service; returns when no process of before is left."""
        self.run(_RELOAD.format(unit=unit))

    def kill_service(self, unit):
        """Kill all of its processes; returns when it is back."""
        self.run(_KILL.format(unit=unit))

    def kill(self):
        """Have it lose its power."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()


def _set_network(file):
    # NOTE: os.setns() is there from Python 3.12 on.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(file.fileno(), 0):
        raise OSError(ctypes.get_errno(), 'setns')


def _run(args, data=None):
    done = subprocess.run(
        args, input=data or b'', stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300, env=_environment())
    said = done.stdout.decode(errors='replace')
    if done.returncode:
        raise AssertionError(f'{args[-1]}\n{said}')
    return said
