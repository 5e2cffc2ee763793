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

"""A row of the table of failures (``failures.py``)."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import reporting
from cinder_messages.integration import rules

Chosen = str | Callable[[coverage.Call], str]


def _yes(call: coverage.Call) -> bool:
    return True


def _no(call: coverage.Call) -> bool:
    return False


@dataclasses.dataclass(frozen=True, eq=False)
class Rule:
    """Rule to report the failure of a method of a manager.

    :ivar method: name of the method
    :ivar action: what the user asked for, or a function of the call
    :ivar detail: why it failed, if no exception tells; also a function
    :ivar argument: the parameter that holds the resource; None if the method
        is about none, and only resources in an error state are reported
    :ivar resource_type: of that resource
    :ivar details: details by exception class, for this method only
    :ivar member_detail: the default for other resources that the call put
        into an error state; None is the detail of the resource
    :ivar member_action: the action for such a resource; with one, it is
        reported although the method succeeded
    :ivar new: the resource does not exist yet: the scheduler can place it
        anywhere
    :ivar wanted: the back end that the scheduler is bound to
    :ivar keeps_errors: an error state counts although the method writes
        another one later
    :ivar holds: hold Cinder's own reports until the outcome is known
    :ivar always: look at calls that neither raise nor write an error state
    :ivar is_container: covered methods that this one calls are outermost
        calls of their own
    :ivar is_internal: Cinder makes this call for itself, or for a request
        that reports its own failure: nothing is reported
    :ivar is_final: whether an exception that leaves the method is the end
    :ivar swallowed: the detail of a failure that neither raises nor writes
        an error state
    :ivar correct: change a report of Cinder's own, or drop it (None)
    :ivar prepare: read what the method changes; None: not covered
    :ivar reader: the project that receives the message; None is the owner
    """

    method: str
    action: Chosen
    detail: Chosen
    argument: str | None
    resource_type: Chosen
    _: dataclasses.KW_ONLY
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)
    member_detail: str | None = None
    member_action: str | None = None
    new: bool = False
    wanted: Callable[[coverage.Call], str | None] = rules.nothing
    keeps_errors: bool = False
    holds: bool = False
    always: bool = False
    is_container: bool = False
    is_internal: Callable[[coverage.Call], bool] = _no
    is_final: Callable[[coverage.Call], bool] = _yes
    swallowed: Callable[[coverage.Call], str | None] = rules.nothing
    correct: Callable[[coverage.Call, reporting.Report],
                      reporting.Report | None] = rules.refine
    prepare: Callable[[coverage.Call], typing.Any] | None = None
    reader: Callable[[coverage.Call], str | None] = rules.nothing

    def type_of(self, call: coverage.Call) -> str:
        """Return the type of the resource."""
        return _choose(self.resource_type, call)

    def action_of(self, call: coverage.Call) -> str:
        """Return the action."""
        return _choose(self.action, call)

    def detail_of(self, call: coverage.Call) -> str:
        """Return the default detail."""
        return _choose(self.detail, call)


def _choose(chosen: Chosen, call: coverage.Call) -> str:
    return chosen if isinstance(chosen, str) else chosen(call)
