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

"""The answering side of the contract."""

import threading
import typing

from oslo_config import cfg
import oslo_messaging as messaging
from oslo_messaging import opts as messaging_opts
from oslo_messaging.rpc import server as rpc_server

from cinder_messages.rpc import contract

# Defaults of oslo.messaging that do not suit a service that many call and that
# must not fall behind. Calls it has no thread for stay on the broker, for
# other writers and to expire there; an answer to somebody who is gone holds a
# thread up for no longer than this, in seconds.
_DEFAULTS = {
    'executor_thread_pool_size': 8,
    'rabbit_qos_prefetch_count': 8,
    'kombu_missing_consumer_retry_timeout': 2,
}


class BoundedServer(rpc_server.RPCServer):
    """Takes no call from the broker that it has no free thread for.

    oslo.messaging's own acknowledges whatever there is and keeps it in memory,
    without bound, and a killed process loses all of it.
    """

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        super().__init__(*args, **kwargs)
        self._free = threading.BoundedSemaphore(
            self.conf.executor_thread_pool_size)

    def _on_incoming(self, incoming: typing.Any) -> None:
        # NOTE: the listener's thread waits here and meanwhile takes nothing.
        self._free.acquire()
        super()._on_incoming(incoming)

    def _process_incoming(self, incoming: typing.Any) -> None:
        try:
            super()._process_incoming(incoming)
        finally:
            self._free.release()


def set_defaults(conf: cfg.ConfigOpts) -> int:
    """Have a writer's defaults; before its transport is made.

    What the operator has set stays as it is.

    :returns: how many calls a server will carry out at once
    """
    for group, options in messaging_opts.list_opts():
        for option in options:
            if option.name in _DEFAULTS:
                conf.register_opt(option, group)
                conf.set_default(option.name, _DEFAULTS[option.name], group)
    return conf.executor_thread_pool_size


def make_server(transport: messaging.Transport, endpoint: object,
                host: str) -> messaging.MessageHandlingServer:
    """A server, not yet started, that serves ``endpoint``.

    Only methods marked with ``messaging.expose`` can be called.

    :param endpoint: has a ``target`` with the contract's version
    :param host: a name that stays the same over restarts; each new one
        leaves a queue behind on the broker
    """
    target = messaging.Target(
        exchange=contract.EXCHANGE, topic=contract.TOPIC, server=host)
    return messaging.get_rpc_server(
        transport, target, [endpoint], server_cls=BoundedServer,
        access_policy=messaging.ExplicitRPCAccessPolicy)
