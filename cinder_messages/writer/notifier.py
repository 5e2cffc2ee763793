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

"""Notifications about stored and rejected reports, for other services.

They are off unless ``[oslo_messaging_notifications] driver`` is set. A thread
of its own sends them, after the commit: storing never waits for a
notification, and never fails because of one. While the broker is away a
bounded number waits; further ones are dropped, counted and logged. A writer
that is killed loses those that wait.

The payload is described in doc/source/admin/notifications.rst, and changes
compatibly within a major version.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import datetime
import functools
import logging
import queue
import threading
import time
import typing

from oslo_config import cfg
import oslo_messaging as messaging

from cinder_messages.message import model

LOG = logging.getLogger(__name__)

VERSION = '1.0'
STORED = 'user_message.stored'
REJECTED = 'user_message.rejected'

# Notifications that wait at most: some megabytes.
MAX_WAITING = 10000

# Seconds between two log lines, and for the end of the thread.
_LOG_INTERVAL = 60
_STOP_TIMEOUT = 5

_FIELDS = (
    'id', 'project_id', 'user_id', 'request_id', 'global_request_id',
    'event_id', 'action_id', 'detail_id', 'message_level', 'resource_type',
    'resource_uuid', 'count', 'host', 'created_at')

Payload = dict[str, typing.Any]


class Sender(typing.Protocol):
    """The methods of ``oslo_messaging.Notifier`` that are used."""

    def info(self, ctxt: dict, event_type: str, payload: Payload) -> None:
        """Send at the priority of information."""

    def warn(self, ctxt: dict, event_type: str, payload: Payload) -> None:
        """Send at the priority of a warning."""


class NullNotifier:
    """Sends nothing; for a deployment without a notification driver."""

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def messages_stored(self, messages: Iterable[model.Message]) -> None:
        """Do nothing."""

    def reports_rejected(
            self, rejected: Iterable[Mapping[str, typing.Any]]) -> None:
        """Do nothing."""


class Notifier(NullNotifier):
    """Sends notifications from a thread.

    :param sender: sends one notification, and may block or raise
    :param max_waiting: number of notifications that wait at most
    :param clock: seconds, for the interval of log lines
    :ivar dropped: number of notifications that were not sent
    """

    def __init__(self, sender: Sender, max_waiting: int = MAX_WAITING,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(
            max_waiting)
        self._clock = clock
        self._next_line = clock()
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._run, name='notifier', daemon=True)
        self.dropped = 0

    def start(self) -> None:
        """Start the thread, in the worker process."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, for some seconds at most, and end the thread."""
        deadline = self._clock() + _STOP_TIMEOUT
        try:
            self._queue.put(None, timeout=_STOP_TIMEOUT)
        except queue.Full:
            pass
        else:
            self._thread.join(max(0, deadline - self._clock()))
        left = self._queue.qsize()
        if self._thread.is_alive() and left:
            LOG.warning('The writer stops and %d notifications were not sent.',
                        left)

    def messages_stored(self, messages: Iterable[model.Message]) -> None:
        """Notify of committed messages; returns at once."""
        for message in messages:
            self._put(functools.partial(self._send_stored, message))

    def reports_rejected(
            self, rejected: Iterable[Mapping[str, typing.Any]]) -> None:
        """Notify of rejected reports; returns at once.

        :param rejected: the entries of the answer, see
            :mod:`cinder_messages.rpc.contract`
        """
        for entry in rejected:
            self._put(functools.partial(self._send_rejected, entry))

    def _send_stored(self, message: model.Message) -> None:
        self._sender.info({}, STORED, stored_payload(message))

    def _send_rejected(self, entry: Mapping[str, typing.Any]) -> None:
        self._sender.warn({}, REJECTED, rejected_payload(entry))

    def _put(self, send: Callable[[], None]) -> None:
        try:
            self._queue.put_nowait(send)
        except queue.Full:
            self._drop('too many wait')

    def _run(self) -> None:
        while (send := self._queue.get()) is not None:
            try:
                send()
            # NOTE: drivers raise exceptions of the libraries below them.
            except Exception as exc:
                self._drop(type(exc).__name__)

    def _drop(self, reason: str) -> None:
        with self._lock:
            self.dropped += 1
            now = self._clock()
            if now < self._next_line:
                return
            self._next_line = now + _LOG_INTERVAL
        LOG.warning('Notifications are dropped, %d so far (%s). The messages '
                    'themselves are stored. See that the broker of '
                    '[oslo_messaging_notifications] runs.', self.dropped,
                    reason)


def stored_payload(message: model.Message) -> Payload:
    """Return the payload about a stored message."""
    payload: Payload = {'version': VERSION}
    for name in _FIELDS:
        payload[name] = _primitive(getattr(message, name))
    return payload


def rejected_payload(entry: Mapping[str, typing.Any]) -> Payload:
    """Return the payload about a rejected report."""
    return {'version': VERSION, **{
        name: entry.get(name) for name in ('id', 'code', 'reason')}}


def _primitive(value: object) -> object:
    return value.isoformat() if isinstance(
        value, datetime.datetime) else value


def from_conf(conf: cfg.ConfigOpts, host: str) -> NullNotifier:
    """Return the notifier that ``[oslo_messaging_notifications]`` asks for.

    :param host: of the writer, for the publisher id
    """
    transport = messaging.get_notification_transport(conf)
    drivers = conf.oslo_messaging_notifications.driver
    if not any(name and name != 'noop' for name in drivers):
        return NullNotifier()
    return Notifier(messaging.Notifier(
        transport, publisher_id=f'cinder-messages-writer.{host}'))
