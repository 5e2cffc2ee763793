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
report that the tests of the service would have found wrong, and waits for
nothing: its threads do all that can block.
"""

import atexit
from collections.abc import Callable
import datetime
import logging
import os
import socket
import typing

from oslo_config import cfg
from oslo_utils import timeutils

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import concurrency
from cinder_messages.emit import counters
from cinder_messages.emit import own_files
from cinder_messages.emit import pipeline
from cinder_messages.emit import spool_directory
from cinder_messages import exception
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.rpc import bus
from cinder_messages.rpc import client
from cinder_messages.rpc import contract
from cinder_messages.rpc import tracing
from cinder_messages.rpc import transport

LOG = logging.getLogger(__name__)

# Seconds that a fork waits for an emitter that another thread makes.
_FORK_PATIENCE = 10.0


class Emitter:
    """Checks reports against the catalog and has them sent.

    One serves a process and all its threads. In a child made by ``os.fork()``
    it starts afresh, because what waits is the parent's to send. What is not
    acknowledged when the process ends is sent by another process that shares
    the spool directory.

    :param conf: with ``[cinder_messages]`` and the options of oslo.messaging
    :param catalog: the permitted messages
    :param connect: makes the client of a writer; None connects to the bus
    :raises InvalidConfiguration: the transport URL cannot be read
    """

    def __init__(self, conf: cfg.ConfigOpts,
                 catalog: message_catalog.Catalog,
                 connect: Callable[[], client.WriterClient] | None = None
                 ) -> None:
        emitter_conf.register_opts(conf)
        self.catalog = catalog
        self._conf = conf
        self._connect_to_writer = connect or self._connect
        self._options = conf[emitter_conf.GROUP]
        transport.check_url(
            conf, self._options.transport_url,
            'transport_url, of [cinder_messages] or else of [DEFAULT],')
        tracing.prepare(conf)
        self.host = host_name(conf)
        self._pipeline_options = self._read_options()
        self._pipeline = self._make_pipeline()
        # NOTE: by process, see _renew().
        self._pipelines = {self._pipeline.pid: self._pipeline}
        _EVERY[id(self)] = self
        atexit.register(self.close)
        self._pipeline.ensure_keeper()

    def emit(self, message: model.Message) -> None:
        """Take one report.

        :raises InvalidMessage: it is not permitted: its event, level, project
            or resource type
        """
        check(self.catalog, message)
        try:
            self._current().put(message, tracing.current_traceparent())
        except Exception as exc:
            # NOTE: no call of Python, because the stack may be full.
            self._pipeline.failed.append((message, exc))

    def note(self, text: str, *args: object) -> None:
        """Have a warning logged, at most one a minute.

        The caller of ``create()`` may hold the lock of a log handler.
        """
        self._pipeline.notices.texts.append((text, args))

    def flush(self, timeout: float) -> bool:
        """Wait until a writer has acknowledged all that was reported.

        :param timeout: seconds to wait at most
        :returns: False if something waits still
        """
        return self._current().flush(timeout)

    def close(self) -> None:
        """Wait for acknowledgements for a bounded time, and release all."""
        atexit.unregister(self.close)
        _EVERY.pop(id(self), None)
        if not self._current().close() and self.waiting:
            LOG.warning(
                'The process ends while %d reports wait. Another process '
                'with the same spool_dir sends them, or '
                'cinder-messages-manage spool send.', self.waiting)

    @property
    def counters(self) -> counters.Counters:
        """The totals of this process, read now."""
        return self._current().counters

    @property
    def waiting(self) -> int:
        """The number of reports that no writer has acknowledged."""
        return self._current().waiting

    @property
    def waiting_since(self) -> datetime.datetime | None:
        """The UTC time of the oldest such report; None if there is none."""
        try:
            reports = self._current().journal.read(1).reports
            return datetime.datetime.fromisoformat(
                reports[0]['created_at']) if reports else None
        except (OSError, KeyError, TypeError, ValueError):
            return None

    def renew(self) -> None:
        """Start afresh in a child that has just been forked."""
        self._current()

    def expect_orphans(self) -> None:
        """Prepare to send what children leave; called after a fork."""
        self._pipeline.expect_orphans()

    def _current(self) -> pipeline.Pipeline:
        """Return the pipeline of this process, and not that of its parent.

        A fork that Python is not told of, as uWSGI makes them, is noticed
        here.
        """
        found = self._pipeline
        if found.pid == os.getpid():
            return found
        new = self._pipelines.setdefault(
            os.getpid(), self._make_pipeline(found))
        if self._pipeline is found:
            self._pipeline = new
            self._pipelines = {new.pid: new}
            found.abandon()
            own_files.close_inherited()
        return new

    def _make_pipeline(self, parent: pipeline.Pipeline | None = None
                       ) -> pipeline.Pipeline:
        return pipeline.Pipeline(
            self._pipeline_options, self._connect_to_writer, self._summary,
            parent)

    def _read_options(self) -> pipeline.Options:
        options = self._options
        return pipeline.Options(
            spool_dir=spool_directory.resolve(options.spool_dir),
            spool_max_messages=options.spool_max_messages,
            batch_size=options.batch_size,
            exit_timeout=options.exit_timeout,
            project_rate=options.project_rate)

    def _connect(self) -> client.WriterClient:
        return client.WriterClient(
            bus.Bus.for_emitter(self._conf), self._options.call_timeout)

    def _summary(self, project_id: str, count: int) -> model.Message:
        now = timeutils.utcnow()
        return model.Message(
            id=model.make_id(now), project_id=project_id, created_at=now,
            event_id=str(defined_messages.SUPPRESSED),
            message_level=model.WARNING, count=count, host=self.host)


def check(catalog: message_catalog.Catalog, message: model.Message) -> None:
    """Check a report before anything is done with it.

    :raises InvalidMessage: as :meth:`Emitter.emit`
    """
    catalog.check(message)
    if not model.is_id(message.project_id):
        raise exception.InvalidMessage(
            reason='project_id %.64r is not the id of the project that '
                   'the message is for' % (message.project_id,))
    # NOTE: a writer refuses these, when nobody sees it but an operator.
    if not contract.is_message_id(message.id):
        raise exception.InvalidMessage(
            reason='message_id %.64r is not a UUID in its canonical form' % (
                message.id,))
    if message.count is not None and not contract.is_count(message.count):
        raise exception.InvalidMessage(
            reason=f'count is not a number from 1 to {contract.MAX_COUNT}')


def host_name(conf: cfg.ConfigOpts) -> str | None:
    """Return the ``host`` of the service if it has one, or the machine's."""
    try:
        name = conf.host
    except (cfg.Error, AttributeError):
        name = None
    name = name or socket.gethostname()
    return name if model.is_id(name) else None


# NOTE: against the house rule that modules hold no state. A service makes an
# API object wherever it needs one, Cinder even one a request; the journal, the
# threads and the connection behind them belong to the process, and nothing
# else in a host service can keep them.
_EMITTERS: dict[int, Emitter] = {}
# NOTE: a dict is copied at once, whatever other threads do; a set is not.
_EVERY: dict[int, Emitter] = {}
_LOCK: typing.Any = concurrency.make_lock()


def for_process(conf: cfg.ConfigOpts) -> Emitter:
    """Return the emitter of this process for a configuration.

    :raises InvalidConfiguration: as :class:`Emitter` and the catalog do
    """
    # NOTE: by identity, ConfigOpts cannot be hashed; an Emitter keeps its
    # conf alive, so the id is not used again.
    found = _EMITTERS.get(id(conf))
    if found is not None:
        return found
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


def _before_fork() -> None:
    """Wait for another thread that makes an emitter.

    It imports modules, and a child would have them by half, with their locks
    held for ever.
    """
    _LOCK.acquire(timeout=_FORK_PATIENCE)


def _after_fork_in_parent() -> None:
    try:
        _LOCK.release()
    except RuntimeError:
        # NOTE: it could not be acquired in time.
        pass
    for emitter in list(_EVERY.values()):
        emitter.expect_orphans()


def _after_fork_in_child() -> None:
    global _LOCK
    _LOCK = concurrency.make_lock()
    for emitter in list(_EVERY.values()):
        emitter.renew()


os.register_at_fork(before=_before_fork,
                    after_in_parent=_after_fork_in_parent,
                    after_in_child=_after_fork_in_child)
