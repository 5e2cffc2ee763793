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

"""What a writer answers to: checks a batch and stores it.

Nothing that arrives on the bus is trusted. Each message is checked by itself;
a bad one is refused with its reason and the rest of the batch is stored.
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
from cinder_messages.message import model
from cinder_messages.rpc import contract
from cinder_messages.writer import limiter
from cinder_messages.writer import observer as writer_observer

LOG = logging.getLogger(__name__)


class MessageStore(typing.Protocol):
    """The one thing that the endpoint asks of storage."""

    def create(self, messages: Sequence[model.Message]) -> typing.Any:
        """Store what is new; has ``stored`` and ``duplicates``."""

    def raise_summaries(
            self, counts: Sequence[tuple[model.Message, int]]) -> None:
        """Have messages of suppressed ones say at least these numbers."""


class MessagesEndpoint:
    """The exposed methods of the contract.

    :param store: where messages go
    :param catalog: says which are permitted
    :param ttl: seconds that a stored message is guaranteed
    :param utcnow: the clock
    :param rate: of a burst of a project, how many are stored; 0 is all
    :param observer: is told of what is done
    """

    target = messaging.Target(version=contract.VERSION)

    def __init__(
            self, store: MessageStore, catalog: message_catalog.Catalog,
            ttl: int, utcnow: Callable[[], datetime.datetime] =
            timeutils.utcnow,
            rate: int = 0,
            observer: writer_observer.Observer = writer_observer.Nobody()
            ) -> None:
        self._store = store
        self._catalog = catalog
        self._ttl = datetime.timedelta(seconds=ttl)
        self._rate = rate
        self._observer = observer
        self._utcnow = utcnow

    @messaging.expose
    @messaging.expected_exceptions(exception.DatabaseUnavailable)
    def create_messages(self, context: dict,
                        messages: typing.Any = None) -> contract.Answer:
        """Store a batch; answered after the commit.

        :param messages: what came as the batch, see :mod:`..rpc.contract`
        :raises DatabaseUnavailable: to the caller, who sends the batch again
        """
        answer: contract.Answer = {
            'stored': 0, 'duplicates': 0, 'suppressed': 0, 'rejected': []}
        accepted = []
        for primitive in self._batch(messages, answer):
            try:
                accepted.append((self._accept(primitive),
                                 contract.Turn.from_primitive(primitive)))
            except exception.InvalidMessage as exc:
                self._reject(answer, primitive, str(exc))
        if self._rate:
            self._save_limited(accepted, answer)
        else:
            self._save([message for message, _ in accepted], answer)
        LOG.debug('Stored %(stored)d, known already %(duplicates)d.', answer)
        return answer

    def _batch(self, messages: typing.Any,
               answer: contract.Answer) -> list:
        if not isinstance(messages, list):
            self._reject(answer, None, 'the batch is not a list')
        elif len(messages) > contract.MAX_BATCH:
            self._reject(answer, None, 'the batch has more than %d messages'
                         % contract.MAX_BATCH)
        else:
            self._observer.received(len(messages))
            return messages
        return []

    def _accept(self, primitive: object) -> model.Message:
        """The message to store: permitted, complete, with its expiry."""
        message = contract.from_primitive(primitive)
        event = self._catalog.check(message, allow_summary=True)
        now = self._utcnow()
        return message._replace(
            action_id=event.action_id, detail_id=event.detail_id,
            resource_type=message.resource_type or event.resource_type,
            expires_at=now + self._ttl,
            # The emitter's clock may run ahead; nothing happens in future.
            created_at=min(message.created_at, now))

    def _save_limited(
            self, messages: Sequence[tuple[model.Message, contract.Turn]],
            answer: contract.Answer) -> None:
        """Store what the projects' rate permits, and count the rest."""
        plan = limiter.plan(messages, self._rate, self._utcnow())
        self._save(plan.kept, answer)
        if plan.summaries:
            self._store.raise_summaries(
                [(summary, plan.counts[summary.id])
                 for summary in plan.summaries.values()])
        for summary in plan.summaries.values():
            LOG.info('Project %s is over its rate, %d messages of this minute '
                     'are counted only.', summary.project_id,
                     plan.counts[summary.id])
        answer['suppressed'] = plan.suppressed
        if plan.suppressed:
            kept = {message.id for message in plan.kept}
            self._observer.suppressed(
                message.event_id for message, _ in messages
                if message.id not in kept)

    def _save(self, messages: Sequence[model.Message],
              answer: contract.Answer) -> None:
        """Store all in one transaction, or each by itself if one spoils it."""
        if not messages:
            return
        started = time.perf_counter()
        try:
            outcome = self._store.create(messages)
        except exception.DatabaseUnavailable as exc:
            LOG.warning('%d messages are not stored yet, their emitter will '
                        'send them again: %s', len(messages), exc)
            self._observer.failed()
            raise
        except exception.InvalidMessage as exc:
            if len(messages) == 1:
                self._reject(answer, {'id': messages[0].id,
                                      'event_id': messages[0].event_id},
                             str(exc))
                return
            for message in messages:
                self._save([message], answer)
            return
        self._observer.stored(
            (message.event_id for message in messages), outcome.duplicates,
            time.perf_counter() - started)
        answer['stored'] += outcome.stored
        answer['duplicates'] += outcome.duplicates

    def _reject(self, answer: contract.Answer, primitive: object,
                reason: str) -> None:
        message_id = primitive.get('id') if isinstance(
            primitive, dict) else None
        if not model.is_id(message_id, contract.MAX_LENGTH['id']):
            message_id = None
        LOG.warning('Refused message %s: %s', message_id, reason)
        event = self._catalog.find(
            primitive.get('event_id') if isinstance(primitive, dict) else None)
        self._observer.rejected(event.id if event else None)
        answer['rejected'].append({'id': message_id, 'reason': reason})
