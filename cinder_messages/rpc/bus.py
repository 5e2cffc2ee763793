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

"""The message bus as emitters and writers use it.

Both sides connect with the same driver options by construction: the options
are part of the transport URL, whose query overrides
``[oslo_messaging_rabbit]`` for that transport alone. A host service and its
emitter can therefore differ.

Only writers create the exchange and the queue; see
:mod:`cinder_messages.rpc.topology`.
"""

import dataclasses
import importlib

from oslo_config import cfg
import oslo_messaging as messaging
from oslo_messaging import opts as messaging_opts

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.conf import writer as writer_conf
from cinder_messages.rpc import topology
from cinder_messages.rpc import tracing

_RABBIT = ('rabbit', 'kombu')

# Options of oslo.messaging that it registers on the global configuration only.
_GLOBAL_OPTIONS = (
    ('oslo_messaging._metrics.client', 'oslo_messaging_metrics'),
    ('oslo_messaging._tracing.client', 'oslo_messaging_tracing'),
)

# Exchanges and queues must be declared alike on both sides.
_ALIKE = {
    'amqp_durable_queues': 'true',
    'amqp_auto_delete': 'false',
    'rabbit_ha_queues': 'false',
    'rabbit_stream_fanout': 'false',
    'rabbit_quorum_delivery_limit': '0',
    'rabbit_quorum_max_memory_length': '0',
    'rabbit_quorum_max_memory_bytes': '0',
}

# A connection that froze is found within 30 seconds, and one that was refused
# is tried again within 10. The query of an operator's URL can change these.
_RECOVERY = {
    'heartbeat_timeout_threshold': '15',
    'heartbeat_rate': '3',
    'rabbit_interval_max': '10',
}

# Queues for answers have random names, so a restart cannot find one of another
# type; they are deleted 5 minutes after their process. Retries of a connection
# that is not in use are rare, since each is a line in the log of the host
# service.
_EMITTER = {
    'use_queue_manager': 'false',
    'rabbit_transient_queues_ttl': '300',
    'rabbit_qos_prefetch_count': '0',
}
_EMITTER_RECOVERY = {
    'rabbit_retry_interval': '10',
}


@dataclasses.dataclass(frozen=True)
class Bus:
    """The message bus of an emitter or a writer.

    :ivar conf: with the options of oslo.messaging
    :ivar url: the transport URL; None for ``[DEFAULT] transport_url``
    :ivar quorum: True for quorum queues, False for classic ones
    :ivar option: the option that sets ``quorum``, for error messages
    :ivar is_emitter: False for a writer
    """

    conf: cfg.ConfigOpts
    url: str | None
    quorum: bool
    option: str
    is_emitter: bool

    @classmethod
    def for_emitter(cls, conf: cfg.ConfigOpts) -> 'Bus':
        """Return the bus as ``[cinder_messages]`` configures it."""
        emitter_conf.register_opts(conf)
        options = conf[emitter_conf.GROUP]
        return cls(conf, options.transport_url, options.rabbit_quorum_queue,
                   f'[{emitter_conf.GROUP}] rabbit_quorum_queue', True)

    @classmethod
    def for_writer(cls, conf: cfg.ConfigOpts,
                   is_emitter: bool = False) -> 'Bus':
        """Return the bus as ``[writer]`` configures it.

        :param is_emitter: True for a client that uses the writer's options
        """
        writer_conf.register_opts(conf)
        return cls(conf, None, conf[writer_conf.GROUP].rabbit_quorum_queue,
                   f'[{writer_conf.GROUP}] rabbit_quorum_queue', is_emitter)

    @property
    def is_rabbit(self) -> bool:
        """True if the driver is RabbitMQ's and there is a broker."""
        name, _, implementation = self._parse().transport.partition('+')
        return name in _RABBIT and implementation != 'memory'

    def transport_url(self) -> messaging.TransportURL:
        """Return the URL with the driver options in its query."""
        url = self._parse()
        if url.transport.partition('+')[0] in _RABBIT:
            quorum = str(self.quorum).lower()
            # NOTE: the query of a URL without our options may be meant for
            # the host service, so it decides about recovery only.
            url.query = {
                **_RECOVERY, **(_EMITTER_RECOVERY if self.is_emitter else {}),
                **url.query, **_ALIKE,
                'rabbit_quorum_queue': quorum,
                'rabbit_transient_quorum_queue': quorum,
                **(_EMITTER if self.is_emitter else {})}
        return url

    def get_transport(self) -> messaging.Transport:
        """Return a new RPC transport; the caller cleans it up."""
        register_options(self.conf)
        tracing.prepare(self.conf)
        return messaging.get_rpc_transport(
            self.conf, url=self.transport_url())

    def topology(self, timeout: float) -> topology.Topology | None:
        """Return the broker's exchange and queue; None without RabbitMQ.

        :param timeout: seconds for the connection and each operation
        """
        if not self.is_rabbit:
            return None
        register_options(self.conf)
        return topology.Topology(
            self.conf, self.transport_url(), self.quorum, self.option,
            timeout)

    def _parse(self) -> messaging.TransportURL:
        return messaging.TransportURL.parse(self.conf, self.url)


def register_options(conf: cfg.ConfigOpts) -> None:
    """Register the options of oslo.messaging that a transport needs.

    A service can pass a ``ConfigOpts`` of its own.
    """
    for group, options in messaging_opts.list_opts():
        conf.register_opts(options, group)
    for module, name in _GLOBAL_OPTIONS:
        try:
            options = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError:
            # NOTE: oslo.messaging traces its calls from 18.3.0 on.
            continue
        conf.register_opts(options, group=name)
