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

"""The calling side of the RPC contract; it never repeats a call."""

from collections.abc import Sequence
import functools
import logging
import threading
import typing

import oslo_messaging as messaging

from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import bus as rpc_bus
from cinder_messages.rpc import contract
from cinder_messages.rpc import refusal

LOG = logging.getLogger(__name__)

# Seconds for a connection that checks the broker.
CHECK_TIMEOUT = 5

# Calls without an answer after which the connection is made anew, although
# the broker accepts connections.
_MAX_TIMEOUTS = 6


class WriterClient:
    """Sends batches to a writer that is free; for one thread.

    It connects when it is first needed. After an error it checks the broker
    with a connection of its own, and connects again once the broker accepts
    it: oslo.messaging would retry for ever, and log each attempt.

    :param bus: the message bus
    :param timeout: seconds to wait for the answer to one batch
    """

    def __init__(self, bus: rpc_bus.Bus, timeout: float) -> None:
        self._bus = bus
        self._timeout = timeout
        self._transport: messaging.Transport | None = None
        self._client: messaging.RPCClient | None = None
        self._timeouts = 0
        self._lock = threading.Lock()

    def create_messages(
            self, messages: Sequence[dict[str, str]]
            ) -> rpc_answer.ParsedAnswer:
        """Store a batch; return after the commit.

        :param messages: as :func:`contract.to_primitive` makes them
        :raises BusUnavailable: the broker cannot be used; the text says why
        :raises Exception: the batch was not, or may not have been, stored;
            the driver raises kombu's errors as well as MessagingException,
            and an answer that does not add up is a ValueError
        """
        batch = list(messages)
        return rpc_answer.parse_answer(self._call(None, batch), batch)

    def ping(self, host: str | None = None) -> None:
        """Return if a writer answers.

        The request is an empty batch, which every version of the contract
        supports.

        :param host: host of the writer; None is any writer
        :raises Exception: no writer answered, as for :meth:`create_messages`
        """
        rpc_answer.parse_answer(self._call(host, []), [])

    def close(self) -> None:
        """Close the connection in the background; the next call reopens it.

        Closing can block for as long as the broker does not respond.
        """
        if self._transport is not None:
            self._close(self._transport)

    def _call(self, host: str | None,
              batch: list[dict[str, str]]) -> typing.Any:
        client = self._client or self._connect()
        if host:
            client = client.prepare(server=host)
        try:
            reply = client.call({}, 'create_messages', messages=batch)
        except messaging.RemoteError:
            self._timeouts = 0
            raise
        except (messaging.MessagingTimeout,
                messaging.MessageUndeliverable):
            self._check_after_timeout()
            raise
        except Exception:
            self.close()
            raise
        finally:
            if self._transport is not None:
                refusal.watch_replies(self._transport, functools.partial(
                    self._close, self._transport))
        self._timeouts = 0
        return reply

    def _close(self, transport: messaging.Transport) -> None:
        """Close a connection, unless another thread has done so.

        The broker can refuse it while this client is idle; it is then closed
        in the thread that receives answers. A call in progress times out.
        """
        with self._lock:
            if self._transport is not transport:
                return
            self._transport = self._client = None
            self._timeouts = 0
        threading.Thread(
            target=_clean_up, args=(transport,), daemon=True,
            name='cinder-messages-cleanup').start()

    def _connect(self) -> messaging.RPCClient:
        topology = self._bus.topology(CHECK_TIMEOUT)
        if topology is not None:
            topology.check_emitter()
        transport = self._bus.get_transport()
        target = messaging.Target(
            exchange=contract.EXCHANGE, topic=contract.TOPIC,
            version=contract.CALL_VERSION)
        # NOTE: the caller retries with back-off, so the driver must not. With
        # at_least_once a batch that no queue accepts fails at once.
        client = messaging.get_rpc_client(
            transport, target, timeout=self._timeout, retry=0,
            transport_options=messaging.TransportOptions(at_least_once=True))
        self._transport, self._client = transport, client
        return client

    def _check_after_timeout(self) -> None:
        """Keep the connection if the broker works: a writer may be missing."""
        self._timeouts += 1
        topology = self._bus.topology(CHECK_TIMEOUT)
        if topology is None:
            return
        try:
            topology.check_emitter()
        except Exception as exc:
            LOG.debug('The message bus cannot be used.', exc_info=exc)
            self.close()
        else:
            if self._timeouts >= _MAX_TIMEOUTS:
                self.close()


def _clean_up(transport: messaging.Transport) -> None:
    try:
        transport.cleanup()
    except Exception as exc:
        LOG.debug('Closing a connection failed.', exc_info=exc)
