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

"""Tells systemd when the writer can be relied on (``Type=notify``).

The library that forks the workers would say so before any of them has a
connection, so it is not told where to. A worker says that it takes calls to
its parent, who tells systemd: a unit need not accept messages of children.

There is no watchdog. One worker of several that hangs would go unnoticed, and
what hangs in practice is the broker or the database: see ``writer ping``.
"""

from collections.abc import MutableMapping
import contextlib
import logging
import os
import socket
import threading

LOG = logging.getLogger(__name__)


class Readiness:
    """Made once, in the parent and before it forks.

    :param environ: of the process; the name of systemd's socket is taken out
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._address = environ.pop('NOTIFY_SOCKET', '')
        self._told, self._tell = os.pipe()
        if self._address:
            threading.Thread(target=self._wait, name='readiness',
                             daemon=True).start()

    def ready(self) -> None:
        """A worker takes calls."""
        if self._address:
            os.write(self._tell, b'.')

    def stopping(self) -> None:
        """The service has been asked to end."""
        self._send('STOPPING=1')

    def _wait(self) -> None:
        while os.read(self._told, 1):
            self._send('READY=1')

    def _send(self, text: str) -> None:
        if not self._address:
            return
        address = self._address
        if address.startswith('@'):
            # NOTE: systemd's way to write an abstract socket.
            address = '\0' + address[1:]
        try:
            with contextlib.closing(socket.socket(
                    socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
                sock.connect(address)
                sock.sendall(text.encode())
        except OSError as exc:
            LOG.warning('systemd is not told %s: %s', text, exc)
