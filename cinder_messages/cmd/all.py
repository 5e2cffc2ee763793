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

"""cinder-messages-all: API, writer and reaper in one process, for trials."""

from collections.abc import Sequence
import ipaddress
import json
import logging
import pathlib
import queue
import signal
import socket
import sys
import threading
import urllib.request

from oslo_config import cfg
from oslo_context import context
from oslo_utils import netutils

from cinder_messages.api import app
from cinder_messages.api import versions
from cinder_messages.cmd import common
from cinder_messages.cmd import http_server
from cinder_messages.conf import api as api_conf
from cinder_messages import exception
from cinder_messages.message import api as message_api
from cinder_messages.message import defined_messages
from cinder_messages.message import resource_types
from cinder_messages.metrics import loader
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.writer import service as writer_service

LOG = logging.getLogger(__name__)

DESCRIPTION = """\
Run the API, a writer and its reaper in one process on loopback, with SQLite in
the state directory, RPC inside the process, and no Keystone (the token is
USER:PROJECT[:ROLE,...]). For trials and development; reads only the
configuration files that --config-file names.
"""

EPILOG = """\
Exit status: 0 success, 1 error (one line on stderr), 2 invalid arguments.
For example: cinder-messages-all --example
"""

DEFAULT_PORT = 8776
DEFAULT_STATE_DIR = '~/.local/state/cinder-messages'

CLI_OPTS = [
    cfg.StrOpt(
        'listen',
        default=f'127.0.0.1:{DEFAULT_PORT}',
        metavar='HOST:PORT',
        help='Address of the API; port 0 selects a free one. Default: '
             f'127.0.0.1:{DEFAULT_PORT}'),
    cfg.StrOpt(
        'state-dir',
        default=DEFAULT_STATE_DIR,
        metavar='DIR',
        help='Directory of the database file; created if it is missing. '
             f'Default: {DEFAULT_STATE_DIR}'),
    cfg.BoolOpt(
        'example',
        default=False,
        help='Report the failure of a volume, print the message that its '
             'user reads, and print commands to go on with.'),
]

EXAMPLE_USER = 'demo'
EXAMPLE_PROJECT = '6c430ede-9476-4128-8838-8d3929ced223'
EXAMPLE_VOLUME = 'f292cc0c-54a7-4b3b-8174-d2ff82d87008'

# Seconds within which the example must be stored.
EXAMPLE_TIMEOUT = 30


@common.one_line_errors()
def main(argv: Sequence[str]) -> int:
    """Run until a signal stops it."""
    conf = cfg.CONF
    common.configure(conf, argv, DESCRIPTION, CLI_OPTS, EPILOG,
                     config_files=[])
    common.use_state_dir(conf, conf.state_dir)
    stopping = Stop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: stopping.request())
    host, port = _address(conf)
    # NOTE: both services count in one registry, which needs no files.
    make_middleware = loader.make_middleware(conf, single_process=True)
    start_metrics = loader.prepare_writer_metrics(conf, single_process=True)
    server = http_server.bind(host, port)
    try:
        database = engine.make_engine(conf)
        migrate.upgrade(database)
        database.dispose()
        writer = writer_service.WriterService(conf, start_metrics)
        server.wsgi_app = app.loadapp(
            conf, make_middleware=make_middleware)
        url = 'http://%s:%d/v3' % (netutils.escape_ipv6(host),
                                   server.bind_addr[1])
        _serve(conf, server, writer, url, stopping)
    finally:
        # NOTE: its threads keep the process alive, whatever has failed.
        server.stop()
    return 0


def _serve(conf: cfg.ConfigOpts, server: http_server.Server,
           writer: writer_service.WriterService, url: str,
           stopping: 'Stop') -> None:
    """Run the API and the writer until told to stop."""
    writer.start()
    # NOTE: in a thread, because serve() does not return on a signal.
    serving = threading.Thread(target=server.serve, name='api')
    serving.start()
    try:
        # Also sends the reports that a killed process has left here.
        message_api.API(conf)
        print(f'Serving {url}; Ctrl-C ends it.', flush=True)
        if conf.example:
            _show_example(conf, url)
        stopping.wait()
    finally:
        server.stop()
        serving.join()
        writer.stop()


class Stop:
    """A request to stop, made by a signal handler.

    NOTE: not an Event. Its set() takes a lock that the interrupted wait() of
    the same thread may hold.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[None] = queue.SimpleQueue()

    def request(self) -> None:
        """Have :meth:`wait` return."""
        self._requests.put(None)

    def wait(self) -> None:
        """Return once after each request."""
        self._requests.get()


def _address(conf: cfg.ConfigOpts) -> tuple[str, int]:
    """Return the host and port of --listen, loopback unless allowed."""
    try:
        host, port = netutils.parse_host_port(conf.listen, DEFAULT_PORT)
        if not netutils.is_valid_port(port) and port != 0:
            raise ValueError(port)
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (ValueError, OSError, OverflowError):
        raise exception.InvalidConfiguration(
            reason=f'--listen {conf.listen}: not an address of this host of '
                   'the form HOST:PORT') from None
    if (conf.api.auth_strategy == api_conf.NOAUTH and
            not conf.api.noauth_allow_remote and
            not ipaddress.ip_address(address[0][4][0]).is_loopback):
        raise exception.InvalidConfiguration(
            reason=f'--listen {conf.listen}: without authentication only a '
                   'loopback address is served. If everyone who reaches the '
                   'port may be an administrator, set [api] '
                   'noauth_allow_remote (or OS_API__NOAUTH_ALLOW_REMOTE=true)')
    return host, port


def _show_example(conf: cfg.ConfigOpts, url: str) -> None:
    """Report the example of the first specification, and print it."""
    message_id = message_api.API(conf).create(
        context.RequestContext(user_id=EXAMPLE_USER, overwrite=False),
        defined_messages.UNABLE_TO_ALLOCATE, EXAMPLE_PROJECT,
        resource_type=resource_types.VOLUME, resource_uuid=EXAMPLE_VOLUME)
    if not message_api.API(conf).flush(EXAMPLE_TIMEOUT):
        raise exception.Error('The example was not stored; the log says why.')
    version = '%s.%s' % versions.MAX_VERSION
    token = f'{EXAMPLE_USER}:{EXAMPLE_PROJECT}'
    messages = f'{url}/{EXAMPLE_PROJECT}/messages'
    request = urllib.request.Request(f'{messages}/{message_id}', headers={
        'X-Auth-Token': token, 'OpenStack-API-Version': f'volume {version}'})
    with urllib.request.urlopen(request) as response:  # nosec B310
        message = json.dumps(json.load(response), indent=4)
    bin_dir = pathlib.Path(sys.argv[0]).parent
    # NOTE: the command comes with the extra "client".
    openstack = (bin_dir / 'openstack' if (bin_dir / 'openstack').exists()
                 else 'openstack')
    print(f"""
A volume could not be scheduled, and its user reads:

GET {messages}/{message_id}
{message}

In another terminal, ask why with the openstack client:

{openstack} --os-auth-type admin_token --os-token {token} \\
    --os-endpoint {url}/{EXAMPLE_PROJECT} \\
    volume why {EXAMPLE_VOLUME}

list the messages:

curl -s -H 'X-Auth-Token: {token}' \\
    -H 'OpenStack-API-Version: volume {version}' \\
    {messages}

the same with the client of python-cinderclient, where it is installed:

cinder --os-auth-type noauth --os-endpoint {url} --os-user-id {EXAMPLE_USER} \\
    --os-project-id {EXAMPLE_PROJECT} \\
    --os-volume-api-version {version} message-list

and report another failure, as a service would:

{bin_dir / 'cinder-messages-manage'} --state-dir {conf.state_dir} \\
    message create --event-id {defined_messages.UNABLE_TO_ALLOCATE} \\
    --project-id {EXAMPLE_PROJECT} \\
    --resource-type {resource_types.VOLUME} --resource-uuid {EXAMPLE_VOLUME}
""", flush=True)


if __name__ == '__main__':
    sys.exit(main())
