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

"""How many messages a project may get a minute, and what becomes of more.

A driver that fails a thousand times a second for one project must not fill the
table. What is over the rate is not stored by itself but counted in one message
a minute, which says how many there were.

Nothing is remembered here. An emitter numbers the reports of each project, and
the number decides: so it makes no difference how many writers there are, which
of them is asked, whether one was killed, or how often a batch is sent.
"""

from collections.abc import Iterable
import dataclasses
import datetime
import uuid

from cinder_messages.message import defined_messages
from cinder_messages.message import model
from cinder_messages.rpc import contract

# Of the ids of summaries: one for each project and burst.
_NAMESPACE = uuid.UUID('0bf2ff6c-1a44-4e0c-9f0e-3a0c33b9a1d7')


@dataclasses.dataclass(slots=True)
class Plan:
    """What is to be done with a batch.

    :ivar kept: to be stored as they are
    :ivar summaries: by id, the one message for all others of a burst
    :ivar counts: by its id, how many there were at least
    :ivar suppressed: how many of the batch those are
    """

    kept: list[model.Message] = dataclasses.field(default_factory=list)
    summaries: dict[str, model.Message] = dataclasses.field(
        default_factory=dict)
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    suppressed: int = 0


def plan(messages: Iterable[tuple[model.Message, contract.Turn]],
         rate: int, now: datetime.datetime) -> Plan:
    """Decide what to store.

    :param messages: each with its turn in a burst
    :param rate: how many of a burst of a project are kept
    :param now: when a summary is made
    """
    done = Plan()
    for message, turn in messages:
        over = turn.number - rate
        if over <= 0:
            done.kept.append(message)
            continue
        done.suppressed += 1
        summary_id = str(uuid.uuid5(
            _NAMESPACE, f'{message.project_id}/{turn.burst}'))
        done.counts[summary_id] = max(over, done.counts.get(summary_id, 0))
        if summary_id not in done.summaries:
            done.summaries[summary_id] = _summary(message, summary_id, now)
    return done


def _summary(message: model.Message, summary_id: str,
             now: datetime.datetime) -> model.Message:
    return message._replace(
        id=summary_id, created_at=now,
        event_id=str(defined_messages.SUPPRESSED), action_id=None,
        detail_id=None, message_level=model.WARNING, resource_type=None,
        resource_uuid=None, request_id=None, user_id=None)
