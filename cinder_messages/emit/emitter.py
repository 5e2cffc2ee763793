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

"""The emitter of a process: takes a report and returns at once.

It is called while something else is failing. So it raises for nothing but a
report that its own tests would have found wrong, and waits for nobody: a
sender thread does all that can block.
"""

import atexit
import dataclasses
import datetime
import logging
import os
import threading

from oslo_config import cfg

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import counters
from cinder_messages.emit import periodic_log
from cinder_messages.emit import sender
from cinder_messages.emit import spool
from cinder_messages import exception
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model
from cinder_messages.rpc import bus
from cinder_messages.rpc import client
from cinder_messages.rpc import contract
from cinder_messages.rpc import transport

LOG = logging.getLogger(__name__)


class Emitter:
    """Checks reports against the catalog and hands them to a sender.

    One serves a whole process and its threads; in a child made by
    ``os.fork()`` it starts afresh, for what waits is the parent's to send.
    What is not answered when the process ends is sent by the next one that
    has the same spool directory.

    :param conf: with ``[cinder_messages]`` and the options of oslo.messaging
    :param catalog: the permitted messages
    :raises InvalidConfiguration: the transport URL cannot be read
    """

    def __init__(self, conf: cfg.ConfigOpts,
                 catalog: message_catalog.Catalog) -> None:
        emitter_conf.register_opts(conf)
        self.catalog = catalog
        self._conf = conf
        self._options = conf[emitter_conf.GROUP]
        transport.check_url(
            conf, self._options.transport_url,
            'transport_url, of [cinder_messages] or else of [DEFAULT],')
        self._inherited: list[spool.Spool] = []
        self._finding = threading.Lock()
        self._begin()
        os.register_at_fork(after_in_child=self._begin_in_child)
        atexit.register(self.close)
        if self._spool.orphans():
            self._ensure_sender()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._counters = counters.Counters()
        self._spool = spool.Spool(self._options.spool_dir,
                                  self._options.spool_max_messages)
        self._sender: sender.Sender | None = None
        self._starting = threading.Lock()
        self._full = periodic_log.PeriodicLog(LOG)

    def _find_fork(self) -> None:
        """Notice a fork that Python was not told of, as uWSGI makes them."""
        if self._pid != os.getpid():
            with self._finding:
                if self._pid != os.getpid():
                    self._begin_in_child()

    def _begin_in_child(self) -> None:
        self._spool.let_parent_keep()
        # NOTE: kept, for SQLite's connections must not be closed in a child.
        self._inherited.append(self._spool)
        self._begin()

    def emit(self, message: model.Message) -> None:
        """Take one report.

        :raises InvalidMessage: it may not be reported, whoever asks: its
            event, level, project or resource type
        """
        check(self.catalog, message)
        try:
            self._find_fork()
            if self._spool.put(contract.to_primitive(message)):
                self._counters.reported += 1
                self._ensure_sender()
            else:
                self._dropped()
        except Exception:
            self._counters.dropped += 1
            LOG.exception('A message could not be reported.')

    def flush(self, timeout: float) -> bool:
        """Wait until a writer has answered for all that was reported.

        :param timeout: seconds to wait at most
        :returns: whether nothing waits any more
        """
        return self._spool.wait_empty(timeout)

    def close(self) -> None:
        """Wait for answers, though not for ever, and let go of the spool."""
        atexit.unregister(self.close)
        if not self.flush(self._options.exit_timeout):
            LOG.warning('The process ends and no writer has answered for %d '
                        'reports.', self.waiting)
        if self._sender is not None:
            self._sender.stop()
        self._spool.close()

    @property
    def counters(self) -> counters.Counters:
        """What became of the reports so far, as of now."""
        return dataclasses.replace(self._counters, waiting=self.waiting)

    @property
    def waiting(self) -> int:
        """How many reports no writer has answered for yet."""
        return len(self._spool)

    @property
    def waiting_since(self) -> datetime.datetime | None:
        """When the oldest of them happened, in UTC; None if none waits."""
        oldest = self._spool.oldest()
        if oldest is None:
            return None
        return datetime.datetime.fromisoformat(oldest['created_at'])

    def _ensure_sender(self) -> None:
        if self._sender is not None:
            return
        with self._starting:
            if self._sender is None:
                new = sender.Sender(self._spool, self._connect,
                                    self._options.batch_size, self._counters)
                new.start()
                self._sender = new

    def _connect(self) -> client.WriterClient:
        return client.WriterClient(
            bus.Bus.for_emitter(self._conf), self._options.call_timeout)

    def _dropped(self) -> None:
        self._counters.dropped += 1
        self._full.error(
            'The spool is full, %d reports wait: new ones are refused, %d so '
            'far.', self.waiting, self._counters.dropped)


def check(catalog: message_catalog.Catalog, message: model.Message) -> None:
    """What a report must be before anything is done with it.

    :raises InvalidMessage: as :meth:`Emitter.emit`
    """
    catalog.check(message)
    if not model.is_id(message.project_id):
        raise exception.InvalidMessage(
            reason='project_id %.64r is not the id of the project that '
                   'the message is for' % (message.project_id,))


# NOTE: against the house rule that modules hold no state. A service makes an
# API object wherever it needs one, Cinder even one a request; the spool, the
# thread and the connection behind them belong to the process, and there is
# nobody else in a host service to keep them.
_EMITTERS: dict[int, Emitter] = {}
_LOCK = threading.Lock()


def for_process(conf: cfg.ConfigOpts) -> Emitter:
    """The emitter of this process for a configuration; made when first asked.

    :raises InvalidConfiguration: as :class:`Emitter` and the catalog do
    """
    # NOTE: by identity, ConfigOpts cannot be hashed; an Emitter keeps its
    # conf alive, so the id is not used again.
    with _LOCK:
        found = _EMITTERS.get(id(conf))
        if found is None:
            found = Emitter(conf, message_catalog.Catalog.load())
            _EMITTERS[id(conf)] = found
    return found


def forget(conf: cfg.ConfigOpts) -> None:
    """End the emitter of a configuration, for tests that need another."""
    with _LOCK:
        found = _EMITTERS.pop(id(conf), None)
    if found is not None:
        found.close()
