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

"""All definitions of a process, while they are collected.

The set rejects extensions whose ids or names collide. The catalog answers
questions about the result.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import typing

from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import extension
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

# The first part of a composed event id, and of the flat ids that Cinder used
# before.
PREFIX = 'VOLUME_'

# Fields of a message that identify its reason.
DETAIL_ID = 'detail_id'
EVENT_ID = 'event_id'


class Reason(typing.NamedTuple):
    """The field and the values that select messages with a reason.

    :ivar field: :data:`DETAIL_ID` or, for a flat event, :data:`EVENT_ID`
    :ivar id: the value of the field
    :ivar old_id: the value in messages of an old Cinder; None if an old
        Cinder had no such message
    """

    field: str
    id: str
    old_id: str | None = None


class DefinitionSet:
    """The definitions of this package, and of the extensions that are added.

    :ivar events: flat events by their ids
    :ivar actions: actions by their ids
    :ivar details: details by their ids
    :ivar by_exception: details by the class names of exceptions
    :ivar action_ids: ids of actions by their symbolic names
    :ivar reasons: how to find messages, by the symbolic names of reasons
    :ivar resource_types: the types of resources that messages are about
    """

    def __init__(self) -> None:
        self.events = _by_id((*defined_messages.DEFINITIONS,
                              defined_messages.SUPPRESSED))
        self.actions = _by_id(message_field.ACTIONS)
        self.details = _by_id(message_field.DETAILS)
        self.by_exception = {
            name: detail for detail in message_field.DETAILS
            for name in detail.exceptions}
        self.action_ids = _ids_by_name(message_field.ACTIONS)
        self.reasons = _reasons(self.events, self.details)
        self.resource_types = set(resource_types.ALL)
        self._prefixes: list[str] = []

    def add(self, added: extension.Extension) -> None:
        """Add the definitions of an extension.

        :raises InvalidConfiguration: they collide with others
        """
        for other in self._prefixes:
            if (added.prefix.startswith(other) or
                    other.startswith(added.prefix)):
                raise added.refusal(
                    f'its ids could be those of extension {other!r}')
        self._prefixes.append(added.prefix)
        selected = [(name, detail) for detail in added.details
                    for name in detail.exceptions]
        for name, detail_id in added.exceptions.items():
            if detail_id not in self.details:
                raise added.refusal(
                    f'{name!r} selects {detail_id!r}, which is no detail')
            selected.append((name, self.details[detail_id]))
        for name, detail in selected:
            if name in self.by_exception:
                raise added.refusal(f'{name!r} selects a detail already')
            self.by_exception[name] = detail
        events, details = _by_id(added.events), _by_id(added.details)
        for known, new in (
                (self.action_ids, _ids_by_name(added.actions)),
                (self.reasons, _reasons(events, details))):
            for name in new:
                if name in known:
                    raise added.refusal(f'the name {name!r} is used already')
            known.update(new)  # type: ignore[arg-type]
        self.events |= events
        self.actions |= _by_id(added.actions)
        self.details |= details
        self.resource_types |= set(added.resource_types)


def _by_id(definitions: Iterable[definition.Definition]
           ) -> dict[str, definition.Definition]:
    return {str(one): one for one in definitions}


def _ids_by_name(actions: Iterable[definition.Definition]) -> dict[str, str]:
    return {action.name: str(action) for action in actions if action.name}


def _reasons(events: Mapping[str, definition.Definition],
             details: Mapping[str, definition.Definition]
             ) -> dict[str, Reason]:
    return {one.reason: Reason(field, id, PREFIX + id if id in
                               defined_messages.DEFINITIONS else None)
            for field, known in ((EVENT_ID, events), (DETAIL_ID, details))
            for id, one in known.items() if one.reason}
