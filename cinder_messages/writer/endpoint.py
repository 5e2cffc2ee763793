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

"""The RPC endpoint of the writer: validates a batch and stores it.

Nothing from the bus is trusted. Each report is validated by itself; an
invalid one is rejected with a code and a reason, and the rest of the batch is
stored.
"""

from collections.abc import Callable
from collections.abc import Sequence
import datetime
import logging
import time
import typing

import oslo_messaging as messaging
from oslo_utils import timeutils

from cinder_messages import exception
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.rpc import answer as rpc_answer
from cinder_messages.rpc import contract
from cinder_messages.rpc import tracing
from cinder_messages.writer import metrics as writer_metrics
from cinder_messages.writer import notifier as writer_notifier
from cinder_messages.writer import rejections

LOG = logging.getLogger(__name__)

# A report from before is from a host with a wrong clock.
EARLIEST = datetime.datetime(2010, 1, 1)

# Reports of a batch that are tried one by one, before all are deferred, if
# the store fails with an unexpected error.
_MAX_SINGLE_FAILURES = 10


class BatchStore(typing.Protocol):
    """The storage that the endpoint requires."""

    def create(self, messages: Sequence[model.Message],
               ttl: int | None = None) -> typing.Any:
        """Store new messages in one transaction.

        :param ttl: seconds from now, by the clock of the database, for which
            the messages are guaranteed
        :returns: an object with ``stored`` and ``duplicates``, and
            ``foreign``, the ids among the duplicates whose row belongs to
            another project
        :raises DatabaseUnavailable: nothing was stored
        """


class MessagesEndpoint:
    """The exposed methods of the contract.

    :param store: where messages are stored
    :param catalog: the permitted messages
    :param ttl: seconds for which a stored message is guaranteed
    :param utcnow: the clock of the database, for times that cannot be true
    :param metrics: counts what the endpoint does
    :param notifier: notifies other services of stored and rejected reports
    """

    target = messaging.Target(version=contract.VERSION)

    def __init__(
            self, store: BatchStore, catalog: message_catalog.Catalog,
            ttl: int, utcnow: Callable[[], datetime.datetime] =
            timeutils.utcnow,
            metrics: writer_metrics.Metrics | None = None,
            notifier: writer_notifier.NullNotifier | None = None) -> None:
        self._store = store
        self._catalog = catalog
        self._ttl = ttl
        self._metrics = metrics or writer_metrics.NullMetrics()
        self._notifier = notifier or writer_notifier.NullNotifier()
        self._utcnow = utcnow

    @messaging.expose
    @messaging.expected_exceptions(exception.DatabaseUnavailable)
    def create_messages(self, context: dict,
                        messages: typing.Any = None) -> rpc_answer.Answer:
        """Store a batch and answer after the commit.

        :param messages: the batch, see :mod:`cinder_messages.rpc.contract`
        :raises DatabaseUnavailable: the batch was not stored, or only a part
            of it; the caller sends it again. No other exception is raised.
        """
        rejected = rejections.Rejections()
        accepted = self._accept_batch(messages, rejected)
        answer: rpc_answer.Answer = {
            'stored': 0, 'duplicates': 0, 'rejected': rejected.entries}
        try:
            with tracing.trace_batch(messages, accepted):
                self._save(accepted, answer, rejected)
        finally:
            rejected.log(LOG, len(accepted) + len(rejected.entries))
            for event_id in rejected.event_ids:
                self._metrics.report_rejected(event_id)
        self._notifier.reports_rejected(rejected.entries)
        LOG.debug('Stored %(stored)d messages, %(duplicates)d duplicates.',
                  answer)
        return answer

    def _accept_batch(self, batch: object, rejected: rejections.Rejections
                      ) -> list[model.Message]:
        """Return the messages to store, and reject the other reports."""
        if not isinstance(batch, list):
            rejected.add(None, contract.INVALID_BATCH,
                         'the batch is not a list')
            return []
        if len(batch) > contract.MAX_BATCH:
            rejected.add(None, contract.INVALID_BATCH, 'the batch has more '
                         f'than {contract.MAX_BATCH} reports')
            return []
        self._metrics.batch_received(len(batch))
        now = self._utcnow()
        accepted = []
        for report in batch:
            try:
                accepted.append(self._accept(report, now))
            except exception.EventNotPermitted as exc:
                rejected.add(report, contract.UNKNOWN_EVENT, str(exc))
            except exception.InvalidMessage as exc:
                rejected.add(report, contract.INVALID_REPORT, str(exc),
                             self._find_event_id(report))
            except Exception:
                # NOTE: an error of ours concerns this report only.
                LOG.exception('A report could not be validated.')
                rejected.add(report, contract.WRITER_ERROR,
                             'the writer failed, its log has the error',
                             self._find_event_id(report))
        return accepted

    def _accept(self, report: object,
                now: datetime.datetime) -> model.Message:
        """Return the message to store, complete but for its expiry.

        :raises InvalidMessage: the report is not permitted
        """
        message = contract.from_primitive(report)
        event = self._catalog.check(message, allow_summary=True)
        if event.id == defined_messages.SUPPRESSED:
            check_summary(message)
        return message._replace(
            action_id=event.action_id, detail_id=event.detail_id,
            resource_type=message.resource_type or event.resource_type,
            created_at=clamp_time(message.created_at, now))

    def _find_event_id(self, report: object) -> str | None:
        event = self._catalog.find(
            report.get('event_id') if isinstance(report, dict) else None)
        return event.id if event else None

    def _save(self, messages: Sequence[model.Message],
              answer: rpc_answer.Answer,
              rejected: rejections.Rejections) -> None:
        """Store all in one transaction, or each by itself if that fails.

        :raises DatabaseUnavailable: the batch must be sent again
        """
        if not messages:
            return
        try:
            try:
                self._store_batch(messages, answer, rejected)
            except exception.DatabaseUnavailable:
                raise
            except Exception:
                LOG.exception('Storing %d messages failed with an unexpected '
                              'error; they are stored one by one.',
                              len(messages))
                self._save_singly(messages, answer, rejected)
        except exception.DatabaseUnavailable as exc:
            LOG.warning('%d messages are not stored yet, their emitter sends '
                        'them again: %s', len(messages), exc)
            self._metrics.batch_failed()
            raise

    def _save_singly(self, messages: Sequence[model.Message],
                     answer: rpc_answer.Answer,
                     rejected: rejections.Rejections) -> None:
        """Store each message by itself and reject those that fail alone.

        :raises DatabaseUnavailable: none can be stored, so the error does not
            concern single messages
        """
        failed = []
        for message in messages:
            try:
                self._store_batch([message], answer, rejected)
            except exception.DatabaseUnavailable:
                raise
            except Exception as exc:
                failed.append(message)
                if (len(failed) == min(len(messages), _MAX_SINGLE_FAILURES)
                        and not answer['stored'] + answer['duplicates']):
                    raise exception.DatabaseUnavailable(
                        reason=type(exc).__name__) from exc
        for message in failed:
            rejected.add({'id': message.id}, contract.WRITER_ERROR,
                         'the message could not be stored, the log of the '
                         'writer has the error', message.event_id)

    def _store_batch(self, messages: Sequence[model.Message],
                     answer: rpc_answer.Answer,
                     rejected: rejections.Rejections) -> None:
        started = time.perf_counter()
        outcome = self._store.create(messages, self._ttl)
        seconds = time.perf_counter() - started
        foreign = outcome.foreign
        duplicates = outcome.duplicates - len(foreign)
        for message_id in foreign:
            rejected.add({'id': message_id}, contract.FOREIGN_ID,
                         'the id is the id of a message of another project')
        own = [message for message in messages if message.id not in foreign]
        self._metrics.batch_stored(
            (message.event_id for message in own), duplicates, len(foreign),
            seconds)
        if outcome.stored:
            # NOTE: which of them are duplicates is not known.
            self._notifier.messages_stored(own)
        answer['stored'] += outcome.stored
        answer['duplicates'] += duplicates


def check_summary(message: model.Message) -> None:
    """Validate a summary of reports over a rate limit.

    :raises InvalidMessage: it has no count, or is about one resource
    """
    if message.count is None:
        raise exception.InvalidMessage(
            reason=f'event {message.event_id} requires a count')
    if message.resource_type is not None:
        raise exception.InvalidMessage(
            reason=f'event {message.event_id} is about no single resource')


def clamp_time(moment: datetime.datetime,
               now: datetime.datetime) -> datetime.datetime:
    """Return ``moment``, or ``now`` for a time that no true clock has had."""
    return moment if EARLIEST <= moment <= now else now
