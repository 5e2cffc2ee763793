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

"""The HTTP server of cinder-messages-all: cheroot, with the API's faults."""

from typing import Any

from cheroot import errors as cheroot_errors
from cheroot import server as cheroot_server
from cheroot import wsgi

from cinder_messages.api import errors
from cinder_messages.api import versions
from cinder_messages import exception

Server = wsgi.Server

# As cheroot spells the names of headers.
_VERSION_HEADER = versions.HEADER.title().encode()


class _Headers(dict[bytes, bytes]):
    """Join repeated version headers, and keep the last of any other."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        if name == _VERSION_HEADER and name in self:
            value = b', '.join((self[name], value))
        super().__setitem__(name, value)


class _HeaderReader(cheroot_server.HeaderReader):
    """Read the headers of a request.

    cheroot joins the values of repeated headers that are lists, such as
    ``Accept-Language``. It does not know ``OpenStack-API-Version``, which
    clients can repeat with one item each.
    """

    def __call__(self, rfile: Any, hdict: Any = None) -> Any:
        headers = super().__call__(rfile, _Headers())
        if hdict is None:
            return headers
        hdict.update(headers)
        return hdict


class _Request(cheroot_server.HTTPRequest):
    """Answer a request that cheroot refuses with a fault in Cinder's format.

    For example a malformed request line, which no application sees.
    """

    header_reader = _HeaderReader()

    def simple_response(self, status: str, msg: str = '') -> None:
        body = errors.fault_body(int(str(status)[:3]), msg or None)
        head = (f'{self.server.protocol} {status}\r\n'
                f'Content-Length: {len(body)}\r\n'
                'Content-Type: application/json\r\n'
                'Connection: close\r\n\r\n')
        self.close_connection = True
        try:
            self.conn.wfile.write(head.encode('latin-1') + body)
        except OSError as exc:
            if exc.errno not in cheroot_errors.socket_errors_to_ignore:
                raise


class _Connection(cheroot_server.HTTPConnection):
    RequestHandlerClass = _Request


class _Gateway(wsgi.Gateway_10):
    """Close a connection after a request with a chunked body.

    The API reads no bodies, and cheroot would take the body for the next
    request. And name the server by its address: links without a ``Host`` are
    made of it.
    """

    def get_environ(self) -> Any:
        environ: dict[str, Any] = super().get_environ()  # type: ignore
        environ['SERVER_NAME'] = self.req.server.bind_addr[0]
        return environ

    def respond(self) -> None:
        if self.req.chunked_read:
            self.req.close_connection = True
        super().respond()


def bind(host: str, port: int) -> Server:
    """Return a server that holds its port and has no application yet.

    :raises InvalidConfiguration: the address cannot be listened on
    """
    server = Server((host, port), None, server_name='cinder-messages')
    server.gateway = _Gateway
    server.ConnectionClass = _Connection
    try:
        server.prepare()
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'--listen {host}:{port}: {exc}. Another port can be '
                   'given, and 0 takes a free one') from exc
    return server
