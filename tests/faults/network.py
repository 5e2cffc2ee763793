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

"""A network that a test may cut."""

import contextlib
import select
import socket
import threading

import fixtures


class Network(fixtures.Fixture):
    """A way to a server that can be cut: nothing gets through, nothing ends.

    :param port: of the server
    :ivar port: of the way to it
    """

    def __init__(self, port):
        self._to = port

    def _setUp(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(self._listener.close)
        self.port = self._listener.getsockname()[1]
        self._pairs = []
        self._frozen = []
        self._whole = threading.Event()
        self._whole.set()
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()
        self.addCleanup(self._end)

    def cut(self):
        """From now on, let nothing through."""
        self._whole.clear()

    def freeze(self):
        """From now on, let nothing through on the connections there are.

        They stay open and take whatever is sent; new ones work.
        """
        self._frozen, self._pairs = self._frozen + self._pairs, []

    def redirect(self, port):
        """Let new connections go to another server; others stay."""
        self._to = port

    def mend(self, port=None):
        """Let new connections through; those of before are gone.

        :param port: of another server
        """
        self._to = port or self._to
        self._close_all()
        self._whole.set()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(
                    target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        self._whole.wait()
        with contextlib.suppress(OSError, ValueError), near:
            with socket.create_connection(('127.0.0.1', self._to)) as far:
                pair = (near, far)
                self._pairs.append(pair)
                other = {near: far, far: near}
                while True:
                    for ready in select.select([near, far], [], [])[0]:
                        data = ready.recv(65536)
                        if pair in self._frozen:
                            if not data:
                                # NOTE: the other end does not learn of it.
                                _drain(other[ready])
                                return
                            continue
                        if not data or not self._whole.is_set():
                            # NOTE: held up until the connection is closed.
                            self._whole.wait()
                            return
                        other[ready].sendall(data)

    def _close_all(self):
        for pair in self._pairs + self._frozen:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._pairs, self._frozen = [], []

    def _end(self):
        self._close_all()
        self._whole.set()


def _drain(end):
    """Read until the end is closed."""
    while end.recv(65536):
        pass
