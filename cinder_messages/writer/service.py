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
from oslo_service import service

from cinder_messages.conf import messages as messages_conf
from cinder_messages.message import catalog
from cinder_messages.rpc import bus
from cinder_messages.rpc import server
from cinder_messages.storage import engine
from cinder_messages.storage import store
from cinder_messages.writer import clock
from cinder_messages.writer import consumer
from cinder_messages.writer import endpoint
from cinder_messages.writer import metrics as writer_metrics
from cinder_messages.writer import notifier
from cinder_messages.writer import reaper

LOG = logging.getLogger(__name__)


class WriterService(service.ServiceBase):
    """Stores reports until it is stopped.

    Everything is built in :meth:`start`, in the worker process: connections
    and threads do not survive the fork before it.

    :param conf: with the options of ``[database]``, ``[messages]``,
        ``[writer]`` and oslo.messaging
    :param start_metrics: called in the worker process; returns what counts
        the work of the writer. None counts nothing.
    :param ready: called when the writer accepts calls
    :param initialize: called first in the worker process
    """

    def __init__(self, conf: cfg.ConfigOpts,
                 start_metrics: Callable[[], writer_metrics.Metrics] | None
                 = None,
                 ready: Callable[[], None] = lambda: None,
                 initialize: Callable[[], None] = lambda: None) -> None:
        self._conf = conf
        self._initialize = initialize
        self._start_metrics = start_metrics or writer_metrics.NullMetrics
        self._ready = ready
        self._consumer: consumer.Consumer | None = None

    def start(self) -> None:
        """Build all parts and start to serve."""
        conf = self._conf
        self._initialize()
        threads = server.set_defaults(conf)
        # NOTE: one connection per thread, one for the reaper and one for the
        # clock; a connection beyond the pool would be made anew each time.
        conf.set_default('max_pool_size', threads + 2, 'database')
        self._metrics = self._start_metrics()
        self._notifier = notifier.from_conf(conf, conf.writer.host)
        self._notifier.start()
        self._engine = engine.make_engine(conf)
        messages = store.MessageStore(self._engine)
        self._reaper = reaper.Reaper(
            messages, conf.messages.message_reap_interval,
            conf.messages.message_reap_batch_size,
            self._metrics.messages_reaped)
        self._clock = clock.DatabaseClock(
            messages, self._metrics.clock_skew_measured)
        self._clock.start()
        self._consumer = consumer.Consumer(
            bus.Bus.for_writer(conf),
            endpoint.MessagesEndpoint(
                messages,
                catalog.Catalog.load(conf.messages.text_overrides_file),
                conf.messages.message_ttl, self._clock.utcnow,
                self._metrics, self._notifier),
            conf.writer.host, conf.writer.workers, self._ready)
        self._consumer.start()
        if conf.messages.message_reap_interval != messages_conf.NEVER:
            self._reaper.start()

    def stop(self) -> None:
        """Accept no more calls, answer those in progress, and stop."""
        if self._consumer is None:
            return
        # NOTE: oslo.service calls nothing after stop(), so stop() waits for
        # the calls in progress; otherwise their callers would time out.
        self._consumer.stop()
        self._reaper.stop()
        self._notifier.stop()
        self._clock.stop()
        self._engine.dispose()
        self._metrics.stop()
        LOG.info('Writer %s has stopped.', self._conf.writer.host)

    def wait(self) -> None:
        """Return at once: :meth:`stop` has waited already."""

    def reset(self) -> None:
        """Do nothing: oslo.service replaces the workers on SIGHUP."""
