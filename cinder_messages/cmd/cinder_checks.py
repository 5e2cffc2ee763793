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

"""Check each step between a failure in Cinder and the user who reads of it."""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import os
import queue
import socket
import subprocess  # nosec B404
import sys
import threading
import time

from oslo_config import cfg
from oslo_context import context
import oslo_messaging as messaging
from oslo_utils import netutils
from oslo_utils import uuidutils

from cinder_messages.cmd import common
from cinder_messages import exception
from cinder_messages.integration.install import options
from cinder_messages.integration.install import pipelines
from cinder_messages.integration.install import plan
from cinder_messages.message import api as message_api
from cinder_messages.message import defined_messages
from cinder_messages.rpc import bus
from cinder_messages.rpc import client

_DEFAULT_PORT = 5672

# Seconds for a connection, for a call to a writer, and for a message to be
# stored.
CONNECT_TIMEOUT = 3
CALL_TIMEOUT = 10
STORE_TIMEOUT = 30

# Owner of the message that the last step reports and deletes.
PROJECT = 'cinder-messages-check'

# The steps without which another one cannot succeed.
NEEDS = {'message': ('configuration', 'database', 'broker')}

_LOAD = """\
import sys
from cinder import objects
from cinder_messages.integration import managers
objects.register_all()
for name in sys.argv[1:]:
    getattr(managers, name)
"""


class Missing(exception.Error):
    """A step is not done; the text says how to do it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one step.

    :ivar text: what was found, or what to do
    """

    step: str
    passed: bool
    text: str


class Checks:
    """The steps, in the order in which they build on one another.

    :param conf: our configuration
    :param site: the files of Cinder on this host
    """

    def __init__(self, conf: cfg.ConfigOpts, site: plan.Site) -> None:
        self._conf = conf
        self._site = site

    def run(self) -> Iterator[Result]:
        """Run every step whose needs are met, also after one has failed."""
        steps: dict[str, Callable[[], str]] = {
            'configuration': self.check_configuration,
            'database': self.check_database,
            'broker': self.check_broker,
            'filter': self.check_filter,
            'managers': self.check_managers,
            'message': self.check_message}
        failed = []
        for name, step in steps.items():
            needed = [each for each in NEEDS.get(name, ()) if each in failed]
            try:
                if needed:
                    raise Missing(f'needs {" and ".join(needed)}')
                yield Result(name, True, step())
            except (exception.Error, cfg.Error) as exc:
                failed.append(name)
                yield Result(name, False, ' '.join(str(exc).split()))

    def check_configuration(self) -> str:
        """Check that our services and Cinder's use the same broker."""
        if not self._conf.config_file:
            raise Missing('No cinder-messages.conf was found. Write '
                          '/etc/cinder-messages/cinder-messages.conf.')
        if not self._conf.database.connection:
            raise Missing('[database] connection is not set in '
                          f'{", ".join(self._conf.config_file)}.')
        ours = _place(self._conf, self._conf.transport_url)
        theirs = _place(self._conf, self._emitter_url())
        if ours != theirs:
            raise Missing(
                'The services of Cinder report to another broker or virtual '
                f'host ({_describe(theirs)}) than the writers listen on '
                f'({_describe(ours)}). Set [cinder_messages] transport_url in '
                'cinder.conf to the [DEFAULT] transport_url of '
                f'{self._conf.config_file[0]}.')
        if self._emitter_quorum() != self._conf.writer.rabbit_quorum_queue:
            raise Missing(
                'Emitters and writers use different types of queues: [writer] '
                'rabbit_quorum_queue is '
                f'{self._conf.writer.rabbit_quorum_queue}, and '
                '[cinder_messages] rabbit_quorum_queue of cinder.conf is '
                f'{self._emitter_quorum()}. Set both alike.')
        return f'read {", ".join(self._conf.config_file)}'

    def check_database(self) -> str:
        """Check that the database has the schema of this version."""
        common.check_database(self._conf)
        return 'the schema is up to date'

    def check_broker(self) -> str:
        """Call a writer over the broker, with the URL that Cinder uses."""
        url = self._emitter_url()
        self._check_connections(url)
        started = time.monotonic()
        answer: queue.Queue[Exception | None] = queue.Queue()
        # NOTE: a call can block for longer than its timeout while the broker
        # refuses it; a daemon thread does not keep the command from ending.
        threading.Thread(target=self._ping, args=(url, answer),
                         daemon=True).start()
        try:
            error = answer.get(timeout=2 * CALL_TIMEOUT)
        except queue.Empty:
            error = TimeoutError()
        if isinstance(error, exception.BusUnavailable):
            raise error
        if error:
            raise Missing(
                f'No writer answered over the broker ({type(error).__name__})'
                '. Start cinder-messages-writer, and see that transport_url '
                'is right.') from error
        return ('a writer answered in '
                f'{(time.monotonic() - started) * 1000:.0f} ms')

    def _check_connections(self, url: str | None) -> None:
        """Fail unless one of the hosts of a URL accepts connections."""
        hosts, _ = _place(self._conf, url)
        errors = []
        for host in sorted(hosts):
            name, port = netutils.parse_host_port(host)
            try:
                socket.create_connection((name, port), CONNECT_TIMEOUT).close()
                return
            except OSError as exc:
                errors.append(f'{host}: {exc.strerror or exc}')
        raise Missing('The broker cannot be reached '
                      f'({", ".join(errors)}). Start it, or correct '
                      'transport_url.')

    def _ping(self, url: str | None,
              answer: queue.Queue[Exception | None]) -> None:
        quorum = self._emitter_quorum()
        writers = client.WriterClient(bus.Bus(
            self._conf, url, quorum,
            '[cinder_messages] rabbit_quorum_queue', True), CALL_TIMEOUT)
        try:
            writers.ping()
        # NOTE: drivers raise exceptions of the libraries below them.
        except Exception as exc:
            answer.put(exc)
        else:
            answer.put(None)
        finally:
            writers.close()

    def check_filter(self) -> str:
        """Check that the filter is in each pipeline of api-paste.ini."""
        path = self._site.paste_file
        if path is None:
            return 'not checked, as --paste-file is not given'
        found = pipelines.PasteFile(plan.read(path), str(path))
        if found.missing:
            raise Missing(
                f'{path} has no messages filter in '
                f'{", ".join(map(str, found.missing))}. Run: '
                f'cinder-messages-manage cinder install --paste-file {path}')
        config_file = found.config_file()
        if config_file and config_file not in map(
                os.path.abspath, self._conf.config_file):
            raise Missing(f'The filter in {path} reads {config_file}, and not '
                          f'{", ".join(self._conf.config_file)}.')
        return f'in {len(found.pipelines)} pipelines of {path}'

    def check_managers(self) -> str:
        """Check that cinder.conf names our managers, and load them."""
        paths = self._site.config_files
        if not paths:
            return 'not checked, as --config-file is not given'
        missing = options.ConfigFiles(
            {path: plan.read(path) for path in paths}).missing()
        if missing:
            raise Missing(
                f'{", ".join(missing)} of {", ".join(map(str, paths))} do not '
                'name the managers of cinder_messages. Run: '
                'cinder-messages-manage cinder install --config-file '
                f'{paths[0]}')
        # NOTE: in a process of its own, as Cinder's modules may patch it.
        done = subprocess.run(  # nosec B603
            [sys.executable, '-W', 'ignore', '-c', _LOAD,
             *(ours.rpartition('.')[2]
               for _, ours in options.MANAGERS.values())],
            capture_output=True, text=True, timeout=120)
        if done.returncode:
            last = (done.stderr.strip() or 'no output').splitlines()[-1]
            raise Missing(
                f'The managers cannot be loaded by {sys.executable} ({last}). '
                'Install cinder_messages into the Python environment of '
                'Cinder, and run this command from there.')
        return 'cinder.conf names them, and they can be loaded'

    def check_message(self) -> str:
        """Report a message as a service would, list it and delete it."""
        conf = self._conf
        started = time.monotonic()
        api = message_api.API(conf)
        message_id = api.create(
            context.RequestContext(project_id=PROJECT, overwrite=False),
            defined_messages.UNKNOWN_ERROR, PROJECT, level='INFO',
            resource_uuid=uuidutils.generate_uuid())
        if not api.flush(STORE_TIMEOUT):
            raise Missing(
                f'A reported message was not stored within {STORE_TIMEOUT} s. '
                'The log of cinder-messages-writer has the reason; the report '
                'remains in [cinder_messages] spool_dir.')
        milliseconds = (time.monotonic() - started) * 1000
        with common.storage(conf) as messages:
            try:
                messages.get(message_id, PROJECT)
            except exception.MessageNotFound as exc:
                raise Missing(
                    'A writer has stored a message, but not in [database] '
                    f'connection of {conf.config_file[0]}: writers and APIs '
                    'need the same database.') from exc
            messages.delete(message_id, PROJECT)
        return f'reported, stored and found within {milliseconds:.0f} ms'

    def _emitter_quorum(self) -> bool:
        """Return whether Cinder's services use quorum queues."""
        if not self._site.config_files:
            return self._conf.writer.rabbit_quorum_queue
        theirs = options.load(self._site.config_files)
        return theirs.cinder_messages.rabbit_quorum_queue

    def _emitter_url(self) -> str | None:
        """Return the URL that Cinder's services report to."""
        if not self._site.config_files:
            return self._conf.transport_url
        theirs = options.load(self._site.config_files)
        return (theirs.cinder_messages.transport_url or
                theirs.transport_url or 'rabbit://')


def _place(conf: cfg.ConfigOpts, url: str | None) -> tuple[set[str], str]:
    """Return the hosts and the virtual host of a transport URL."""
    parsed = messaging.TransportURL.parse(conf, url)
    hosts = {f'{netutils.escape_ipv6(host.hostname or "localhost")}:'
             f'{host.port or _DEFAULT_PORT}' for host in parsed.hosts}
    return (hosts or {f'localhost:{_DEFAULT_PORT}'},
            parsed.virtual_host or '/')


def _describe(place: tuple[set[str], str]) -> str:
    hosts, virtual_host = place
    return f'{", ".join(sorted(hosts))}, virtual host {virtual_host}'
