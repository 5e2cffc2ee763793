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

"""Keeps the RPC server of a writer connected to the message bus."""

from collections.abc import Callable
import logging
import threading
import time

import oslo_messaging as messaging

from cinder_messages import exception
from cinder_messages.rpc import bus as rpc_bus
from cinder_messages.rpc import refusal
from cinder_messages.rpc import server as rpc_server
from cinder_messages.rpc import topology as rpc_topology

LOG = logging.getLogger(__name__)

# Seconds for a connection that checks and declares exchange and queues.
_CHECK_TIMEOUT = 5

# Seconds between two checks, before and after the server has started.
_RETRY_INTERVAL = 2
_CHECK_INTERVAL = 10

# Checks in a row that find too few consumers before the server is restarted.
_MAX_MISSING = 3

# Seconds between two log lines of an outage.
_LOG_INTERVAL = 60

# Seconds that stop() waits for a check and for calls in progress; with the
# reaper less than the 60 after which oslo.service kills a worker.
_CHECK_STOP_TIMEOUT = 5
_STOP_TIMEOUT = 40


class Consumer:
    """Starts an RPC server when the broker accepts it, and keeps it running.

    With RabbitMQ a thread declares the exchange and the queues before the
    server starts, and again periodically: it restores them if they were
    deleted, and restarts a server that does not consume any more. With other
    drivers the server starts at once.

    :param bus: the message bus
    :param endpoint: what the server serves
    :param host: name of the writer
    :param workers: consumers of the host, all processes together
    :param ready: called when the server accepts calls
    """

    def __init__(self, bus: rpc_bus.Bus, endpoint: object, host: str,
                 workers: int, ready: Callable[[], None]) -> None:
        self._bus = bus
        self._endpoint = endpoint
        self._host = host
        self._workers = workers
        self._ready = ready
        self._topology = bus.topology(_CHECK_TIMEOUT)
        self._transport: messaging.Transport | None = None
        self._server: messaging.MessageHandlingServer | None = None
        self._stopping = threading.Event()
        self._is_refused = False
        self._missing = 0
        self._logged = ('', 0.0)
        self._thread = threading.Thread(
            target=self._run, name='bus', daemon=True)

    def start(self) -> None:
        """Start to serve, in the background if the broker must be checked."""
        if self._topology is None:
            self._start_server()
        else:
            self._thread.start()

    def stop(self) -> None:
        """Accept no more calls and wait for those in progress."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_CHECK_STOP_TIMEOUT)
        self._stop_server()

    def check(self) -> bool:
        """Declare exchange and queues, and start the server if necessary.

        A server whose connection the broker has refused is stopped first.

        :returns: False if the bus cannot be used now
        """
        if self._is_refused:
            self._stop_server()
        try:
            self._stop_if_missing(self._declare())
            if self._server is None:
                self._start_server()
        except exception.BusUnavailable as exc:
            self._log_outage(str(exc))
            return False
        except Exception as exc:
            LOG.debug('The RPC server has not started.', exc_info=exc)
            self._log_outage(f'The RPC server cannot start: '
                             f'{type(exc).__name__}')
            return False
        return True

    def _stop_if_missing(self, consumers: int) -> None:
        """Stop a server that does not consume any more."""
        if self._server is None or consumers >= self._workers:
            self._missing = 0
            return
        self._missing += 1
        if self._missing >= _MAX_MISSING:
            LOG.warning('Writer %s has %d consumers of its queue instead of '
                        '%d; its RPC server is restarted.', self._host,
                        consumers, self._workers)
            self._missing = 0
            self._stop_server()

    def _declare(self) -> int:
        topology: rpc_topology.Topology | None = self._topology
        return topology.declare(self._host) if topology else self._workers

    def _run(self) -> None:
        delay = 0.0
        while not self._stopping.wait(delay):
            delay = _CHECK_INTERVAL if self.check() else _RETRY_INTERVAL

    def _start_server(self) -> None:
        transport = self._bus.get_transport()
        server = rpc_server.make_server(transport, self._endpoint, self._host)
        try:
            server.start()
        except Exception:
            _try(transport.cleanup)
            raise
        self._is_refused = False
        refusal.watch_listener(server, self._note_refusal)
        self._transport, self._server = transport, server
        self._ready()
        LOG.info('Writer %s accepts reports.', self._host)

    def _note_refusal(self) -> None:
        self._is_refused = True

    def _stop_server(self) -> None:
        """Stop the server; a broker that does not respond blocks that."""
        server, transport = self._server, self._transport
        if server is None or transport is None:
            return
        self._server = self._transport = None
        stopping = threading.Thread(
            target=_stop, args=(server, transport), daemon=True)
        stopping.start()
        stopping.join(_STOP_TIMEOUT)
        if stopping.is_alive():
            LOG.warning('The RPC server of writer %s does not stop; its '
                        'connection is abandoned.', self._host)

    def _log_outage(self, text: str) -> None:
        last, moment = self._logged
        if text != last or time.monotonic() - moment > _LOG_INTERVAL:
            LOG.error('Writer %s cannot serve and tries again every %d '
                      'seconds. %s.', self._host, _RETRY_INTERVAL,
                      text.rstrip('.'))
            self._logged = (text, time.monotonic())


def _stop(server: messaging.MessageHandlingServer,
          transport: messaging.Transport) -> None:
    """Stop a server and close its connections, whatever of that fails."""
    for step in (server.stop, server.wait, transport.cleanup):
        _try(step)


def _try(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as exc:
        LOG.debug('Stopping the RPC server failed.', exc_info=exc)
