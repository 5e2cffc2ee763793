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

"""The writer service: an RPC server and a reaper in one process."""

from collections.abc import Callable
import logging

from oslo_config import cfg
import oslo_messaging as messaging
from oslo_service import service

from cinder_messages.conf import messages as messages_conf
from cinder_messages.message import catalog
from cinder_messages.rpc import server
from cinder_messages.storage import engine
from cinder_messages.storage import store
from cinder_messages.writer import endpoint
from cinder_messages.writer import observer
from cinder_messages.writer import reaper

LOG = logging.getLogger(__name__)


class WriterService(service.ServiceBase):
    """Stores what services report until it is stopped.

    Nothing is built before :meth:`start`: it runs in the worker process, and
    neither a connection nor a thread survives the fork before it.

    :param conf: with the options of ``[database]``, ``[messages]``,
        ``[writer]`` and oslo.messaging
    :param measuring: makes who is told of what is done; None is nobody
    :param ready: is called when calls are taken
    """

    def __init__(self, conf: cfg.ConfigOpts,
                 measuring: observer.Measuring | None = None,
                 ready: Callable[[], None] = lambda: None) -> None:
        self._conf = conf
        self._measuring = measuring
        self._ready = ready
        self._server: messaging.MessageHandlingServer | None = None

    def start(self) -> None:
        """Build all parts and begin to serve."""
        conf = self._conf
        threads = server.set_defaults(conf)
        # NOTE: a connection for each of them and for the reaper. What is more
        # than the pool keeps is made for each batch and costs more than it.
        conf.set_default('max_pool_size', threads + 1, 'database')
        told: observer.Observer = (
            self._measuring.start() if self._measuring else observer.Nobody())
        self._facade = engine.make_facade(conf)
        messages = store.MessageStore(self._facade)
        self._reaper = reaper.Reaper(
            messages, conf.messages.message_reap_interval,
            conf.messages.message_reap_batch_size, told.reaped)
        self._transport = messaging.get_rpc_transport(conf)
        self._server = server.make_server(
            self._transport,
            endpoint.MessagesEndpoint(
                messages,
                catalog.Catalog.load(conf.messages.text_overrides_file),
                conf.messages.message_ttl, rate=conf.writer.project_rate,
                observer=told),
            conf.writer.host)
        self._server.start()
        if conf.messages.message_reap_interval != messages_conf.NEVER:
            self._reaper.start()
        self._ready()
        LOG.info('Writer %s stores what is reported.', self._conf.writer.host)

    def stop(self) -> None:
        """Take no more calls, answer those under way, and leave."""
        if self._server is None:
            return
        # NOTE: oslo.service calls nothing after stop(), so it must wait for
        # the calls itself or their callers time out on rows that are stored.
        self._server.stop()
        self._server.wait()
        self._reaper.stop()
        self._transport.cleanup()
        self._facade.dispose_pool()
        if self._measuring:
            self._measuring.stop()
        LOG.info('Writer %s has stopped.', self._conf.writer.host)

    def wait(self) -> None:
        """Nothing to wait for: the threads of the server do the work."""

    def reset(self) -> None:
        """Nothing to do: oslo.service makes new workers on SIGHUP."""
