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

"""The RPC server of a writer."""

from collections.abc import Callable
import functools
import logging
import threading
import typing

from oslo_config import cfg
import oslo_messaging as messaging
from oslo_messaging import opts as messaging_opts
from oslo_messaging.rpc import server as rpc_server

from cinder_messages.rpc import contract

LOG = logging.getLogger(__name__)

# Defaults that suit a service with many callers better than oslo.messaging's.
# Calls without a free thread stay on the broker, where other writers take them
# or they expire; an answer to a caller that is gone blocks a thread for so
# many seconds at most.
_DEFAULTS = {
    'executor_thread_pool_size': 8,
    'rabbit_qos_prefetch_count': 8,
    'kombu_missing_consumer_retry_timeout': 2,
}


class BoundedServer(rpc_server.RPCServer):
    """An RPC server that takes no call from the broker without a free thread.

    The original acknowledges all calls at once and keeps them in memory
    without a limit; a killed process loses them. It also logs a traceback of a
    hundred lines for each answer that the broker does not take.
    """

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        super().__init__(*args, **kwargs)
        self._free = threading.BoundedSemaphore(
            self.conf.executor_thread_pool_size)

    def _on_incoming(self, incoming: typing.Any) -> None:
        # NOTE: this blocks the listener, which takes no call meanwhile.
        self._free.acquire()
        super()._on_incoming(incoming)

    def _process_incoming(self, incoming: typing.Any) -> None:
        message = incoming[0]
        message.reply = functools.partial(_reply, message.reply)
        try:
            super()._process_incoming(incoming)
        finally:
            self._free.release()


def _reply(reply: Callable[..., None], *args: typing.Any,
           **kwargs: typing.Any) -> None:
    """Answer a call; a caller without an answer sends its batch again."""
    try:
        reply(*args, **kwargs)
    except Exception as exc:
        LOG.debug('Answering failed.', exc_info=exc)
        LOG.warning('A call was not answered (%s). Its caller sends the '
                    'reports again, and they are stored once.',
                    type(exc).__name__)


def set_defaults(conf: cfg.ConfigOpts) -> int:
    """Set a writer's defaults, before its transport is created.

    Options that the operator has set are not changed.

    :returns: the number of calls that a server handles concurrently
    """
    for group, options in messaging_opts.list_opts():
        for option in options:
            if option.name in _DEFAULTS:
                conf.register_opt(option, group)
                conf.set_default(option.name, _DEFAULTS[option.name], group)
    return conf.executor_thread_pool_size


def make_server(transport: messaging.Transport, endpoint: object,
                host: str) -> messaging.MessageHandlingServer:
    """Return a server for ``endpoint`` that is not started yet.

    Only methods marked with ``messaging.expose`` can be called.

    :param endpoint: an object with a ``target`` of the contract's version
    :param host: a name that stays the same over restarts; each new name
        leaves a queue on the broker
    """
    target = messaging.Target(
        exchange=contract.EXCHANGE, topic=contract.TOPIC, server=host)
    return messaging.get_rpc_server(
        transport, target, [endpoint], server_cls=BoundedServer,
        access_policy=messaging.ExplicitRPCAccessPolicy)
