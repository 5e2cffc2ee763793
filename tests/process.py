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

"""Real processes, for tests of what happens between them."""

import contextlib
import fcntl
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import fixtures
from testtools import content

ROOT = pathlib.Path(__file__).parent.parent

# Seconds after which something will not happen any more. It does not say how
# long anything takes: on a busy machine a command starts in a minute.
DEADLINE = 300

# Ports for servers, and the file with the one that was given last.
_PORTS = range(10000, max(20000, int(pathlib.Path(
    '/proc/sys/net/ipv4/ip_local_port_range').read_text().split()[0])))
_LAST_PORT = pathlib.Path(tempfile.gettempdir(),
                          f'cinder-messages-tests-{os.getuid()}.port')


def command(name, *args):
    """The command line of one of our console scripts, as installed."""
    return [str(pathlib.Path(sys.executable).parent / name), *args]


def python(*args):
    """The command line of our Python, with its advice kept quiet."""
    return [sys.executable, '-W', 'ignore', *args]


def run(args, timeout=DEADLINE, cwd=ROOT, **env):
    """Run a command to its end; has ``returncode``, ``stdout``, ``stderr``."""
    return subprocess.run(
        args, capture_output=True, text=True, timeout=timeout, cwd=cwd,
        env={**os.environ, **env})


def free_port():
    """A port on loopback that nobody listens on.

    The test processes of a machine take turns through a file. The ports are
    below those that the kernel gives to connections, so that none takes a port
    before its server has started, or while it is down.
    """
    with open(_LAST_PORT, 'a+') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        port = int(file.read() or _PORTS[0])
        while True:
            port = port + 1 if port + 1 in _PORTS else _PORTS[0]
            with socket.socket() as sock, contextlib.suppress(OSError):
                sock.bind(('127.0.0.1', port))
                break
        file.truncate(0)
        file.write(str(port))
    return port


class Process(fixtures.Fixture):
    """A command in the background, killed at the end of the test.

    :param args: the command line
    :param env: what its environment has besides ours
    :ivar lines: what it has written to stdout and stderr so far
    """

    def __init__(self, args, **env):
        self._args = args
        self._env = env

    def _setUp(self):
        self.lines = []
        self._new = queue.Queue()
        # A shell that runs the tests in the background has them ignore
        # SIGINT, and the command would inherit that.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.popen = subprocess.Popen(
            self._args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=ROOT, env={**os.environ, **self._env},
            start_new_session=True)
        self.addCleanup(self._end)
        self.addDetail(' '.join(self._args[:2]), content.Content(
            content.UTF8_TEXT, lambda: ['\n'.join(self.lines).encode()]))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for_line(self, pattern, timeout=DEADLINE):
        """Wait until a line matches, from the last match on.

        :returns: the match
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._new.get(timeout=deadline - time.monotonic())
            except (queue.Empty, ValueError):
                line = None
            if line is None:
                raise AssertionError(
                    f'{self._args[0]} wrote no line like {pattern!r}:\n' +
                    '\n'.join(self.lines))
            found = re.search(pattern, line)
            if found:
                return found

    def kill(self):
        """End it and its workers, with no chance to do anything about it."""
        self._kill_group()
        return self.wait()

    def terminate(self):
        """Ask it to end, as an init system does; its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, timeout=DEADLINE):
        """Wait until it has ended and all it wrote is read; its exit code."""
        returncode = self.popen.wait(timeout)
        self._reader.join(timeout)
        return returncode

    def _read(self):
        for line in self.popen.stdout:
            self.lines.append(line.rstrip('\n'))
            self._new.put(self.lines[-1])
        self._new.put(None)

    def _kill_group(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)

    def _end(self):
        self._kill_group()
        self.popen.wait()
        self._reader.join(10)
        self.popen.stdout.close()
