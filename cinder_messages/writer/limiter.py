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
"""

import collections
from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import datetime
import threading
import time
import uuid

from cinder_messages.message import defined_messages
from cinder_messages.message import model

# Seconds in which the rate is counted.
WINDOW = 60.0

# What is remembered at most: projects, so that made-up ones do not fill the
# memory; and ids of reports, so that one that is sent again counts once.
_PROJECTS = 100_000
_REPORTS = 100_000


@dataclasses.dataclass(slots=True)
class _Window:
    """A minute of a project."""

    ends: float
    taken: int = 0
    summary_id: str = dataclasses.field(
        default_factory=lambda: str(uuid.uuid4()))


@dataclasses.dataclass(slots=True)
class Plan:
    """What is to be done with a batch.

    :ivar kept: to be stored as they are
    :ivar summaries: the one message for a project of which others are counted
    :ivar counts: how many in each, by its id
    """

    kept: list[model.Message] = dataclasses.field(default_factory=list)
    summaries: dict[str, model.Message] = dataclasses.field(
        default_factory=dict)
    counts: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter)
    _new: dict[str, str | None] = dataclasses.field(default_factory=dict)
    _taken: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter)


class ProjectLimiter:
    """Sorts messages by whether their project is over its rate.

    Any thread may call it. Each writer process counts by itself.

    :param rate: messages of a project to be stored a minute
    :param clock: seconds that only grow
    """

    def __init__(self, rate: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        # NOTE: in the order in which they end.
        self._windows: collections.OrderedDict[str, _Window] = (
            collections.OrderedDict())
        # By the id of a report: the summary that counts it, or None.
        self._seen: collections.OrderedDict[str, str | None] = (
            collections.OrderedDict())

    def plan(self, messages: Sequence[model.Message],
             now: datetime.datetime) -> Plan:
        """Decide, and count what is kept.

        :param now: when a summary is made
        """
        plan = Plan()
        with self._lock:
            for message in messages:
                self._plan_one(plan, message, now)
        return plan

    def undo(self, plan: Plan) -> None:
        """The batch was not stored, and will come again."""
        with self._lock:
            for project_id, count in plan._taken.items():
                window = self._windows.get(project_id)
                if window is not None:
                    window.taken = max(0, window.taken - count)

    def done(self, plan: Plan) -> None:
        """The batch is stored: whoever sends it again is known."""
        with self._lock:
            self._seen |= plan._new
            while len(self._seen) > _REPORTS:
                self._seen.popitem(last=False)

    def _plan_one(self, plan: Plan, message: model.Message,
                  now: datetime.datetime) -> None:
        for seen in self._seen, plan._new:
            if message.id in seen:
                if seen[message.id] is None:
                    plan.kept.append(message)
                return
        window = self._window(message.project_id)
        if window.taken < self._rate:
            window.taken += 1
            plan._taken[message.project_id] += 1
            plan._new[message.id] = None
            plan.kept.append(message)
            return
        plan._new[message.id] = window.summary_id
        plan.counts[window.summary_id] += 1
        if window.summary_id not in plan.summaries:
            plan.summaries[window.summary_id] = dataclasses.replace(
                message, id=window.summary_id, created_at=now,
                event_id=str(defined_messages.SUPPRESSED), action_id=None,
                detail_id=None, message_level=model.WARNING,
                resource_type=None, resource_uuid=None, request_id=None,
                user_id=None)

    def _window(self, project_id: str) -> _Window:
        now = self._clock()
        while self._windows:
            oldest = next(iter(self._windows.values()))
            if oldest.ends > now and len(self._windows) < _PROJECTS:
                break
            self._windows.popitem(last=False)
        return self._windows.setdefault(project_id, _Window(now + WINDOW))
