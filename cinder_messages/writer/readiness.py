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

"""Notifies systemd when the writer accepts calls (``Type=notify``).

The library that forks the workers would notify before any worker has a
connection, so the socket's name is hidden from it. A worker notifies its
parent, and the parent notifies systemd: the unit need not accept messages of
child processes.

There is no watchdog. In practice the broker or the database hangs, not the
process; use ``cinder-messages-manage writer ping`` to check all of them.
"""

from collections.abc import MutableMapping
import contextlib
import logging
import os
import socket
import threading

LOG = logging.getLogger(__name__)


class Readiness:
    """Passes the state of the workers to systemd; created before the fork.

    :param environ: the environment; the name of systemd's socket is removed
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._address = environ.pop('NOTIFY_SOCKET', '')
        self._read_end, self._write_end = os.pipe()
        if self._address:
            threading.Thread(target=self._wait, name='readiness',
                             daemon=True).start()

    def ready(self) -> None:
        """Notify systemd that a worker accepts calls."""
        if self._address:
            os.write(self._write_end, b'.')

    def stopping(self) -> None:
        """Notify systemd that the service stops."""
        self._send('STOPPING=1')

    def _wait(self) -> None:
        while os.read(self._read_end, 1):
            self._send('READY=1')

    def _send(self, text: str) -> None:
        if not self._address:
            return
        address = self._address
        if address.startswith('@'):
            # NOTE: systemd writes an abstract socket like this.
            address = '\0' + address[1:]
        try:
            with contextlib.closing(socket.socket(
                    socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
                sock.connect(address)
                sock.sendall(text.encode())
        except OSError as exc:
            LOG.warning('systemd could not be notified of %s: %s', text, exc)
