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

"""Choose the detail of a failure: the most specific reason that is known."""

import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import reasons
from cinder_messages.integration import scheduler_refusals
from cinder_messages.message import message_field


def choose_detail(call: coverage.Call, error: BaseException | None) -> str:
    """Return the detail of the resource that a call is about.

    In this order: the filters that refused, the exception, what the row of
    the method says.
    """
    if is_refusal(error) or (error is None and call.runs):
        detail = refusal_of(call)
        if detail:
            return detail
    return (reasons.detail_of(error, call.rule.details) or
            call.rule.detail_of(call))


def refusal_of(call: coverage.Call) -> str | None:
    """Return why the scheduler found no back end."""
    detail = scheduler_refusals.detail_of(
        call.runs, call.rule.wanted(call), call.rule.new)
    if detail is None and not call.rule.new:
        return message_field.Detail.BACKEND_NOT_SUITABLE
    return detail


def is_refusal(error: typing.Any) -> bool:
    """Return whether an exception says that there is no back end."""
    return any(cls.__name__ == 'NoValidBackend'
               for cls in type(error).__mro__)
