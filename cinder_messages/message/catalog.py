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

"""The catalog: the permitted messages of a process and their texts.

It is built once, from the definitions of this package, from extensions of
other distributions and from the texts that a deployer has replaced. It does
not change afterwards and reads no message from the database.
"""

from collections.abc import Iterable
from collections.abc import Sequence
import functools
from importlib import metadata
import typing

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import definition_set
from cinder_messages.message import extension
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.message import text_overrides

# Cached texts. A page shows at most 1000 messages, of few different events.
_MAX_TEXTS = 4096

# NOTE: clients of the first implementation compare this sentence.
_WITHOUT_REMEDY = frozenset({str(defined_messages.UNABLE_TO_ALLOCATE)})

# Texts for messages with a count of one, by event or detail id, and with any.
_WITH_ONE = {
    str(defined_messages.SUPPRESSED): defined_messages.SUPPRESSED_ONE,
}
_WITH_COUNT = {
    str(defined_messages.SUPPRESSED): defined_messages.SUPPRESSED_COUNT,
    str(message_field.Detail.MORE_RESOURCES_FAILED):
        message_field.MORE_RESOURCES_COUNT,
}


class Event(typing.NamedTuple):
    """A permitted event id and its parts, which a flat event does not have."""

    id: str
    action_id: str | None = None
    detail_id: str | None = None
    resource_type: str | None = None


class Explanation(typing.NamedTuple):
    """The texts of an event in one language.

    :ivar user_message: the sentences that a user reads, made of the others
    :ivar action: symbolic name of the action; None for a flat event
    :ivar reason: symbolic name of the reason; None if an extension gives none
    :ivar action_text: the action; None for a flat event and for a text that
        a deployer has replaced
    :ivar detail: why it failed
    :ivar remedy: what the user can do; None if nothing
    :ivar retry: one of :data:`.definition.RETRY`
    :ivar event_id: the permitted event, for an old or unknown id too
    """

    user_message: str
    action: str | None
    reason: str | None
    action_text: str | None
    detail: str
    remedy: str | None
    retry: str
    event_id: str


class Catalog:
    """The permitted messages of a process.

    :param extensions: permitted messages of other distributions
    :param text_overrides_file: path of the file with a deployer's texts; see
        :func:`.text_overrides.read`
    :ivar resource_types: the types of resources that messages are about
    :raises InvalidConfiguration: two extensions define the same name or id,
        or the file cannot be used
    """

    def __init__(self, extensions: Iterable[extension.Extension] = (),
                 text_overrides_file: str | None = None) -> None:
        known = definition_set.DefinitionSet()
        for added in extensions:
            known.add(added)
        self._events = known.events
        self._actions = known.actions
        self._details = known.details
        self._by_exception = known.by_exception
        self._action_ids = known.action_ids
        self._reasons = known.reasons
        self.resource_types = frozenset(known.resource_types)
        self._overrides = text_overrides.read(
            text_overrides_file, lambda event_id: self.find(event_id)
            is not None) if text_overrides_file else {}

    @classmethod
    def builtin(cls) -> 'Catalog':
        """Return the catalog without extensions and replaced texts."""
        return cls()

    @classmethod
    def load(cls, text_overrides_file: str | None = None,
             entry_points: Iterable[metadata.EntryPoint] | None = None
             ) -> 'Catalog':
        """Return the catalog with the installed extensions.

        :param text_overrides_file: as for :class:`Catalog`
        :param entry_points: of extensions; None means those installed
        :raises InvalidConfiguration: an extension or the file is unusable
        """
        return cls(extension.load(entry_points), text_overrides_file)

    @property
    def actions(self) -> Sequence[definition.Definition]:
        """The actions, in the order of their definition."""
        return tuple(self._actions.values())

    @property
    def details(self) -> Sequence[definition.Definition]:
        """The details, in the order of their definition."""
        return tuple(self._details.values())

    @property
    def events(self) -> Sequence[definition.Definition]:
        """The flat events, also the one that no service may report."""
        return tuple(self._events.values())

    def find(self, event_id: object) -> Event | None:
        """Return an event of the catalog; None for any other value."""
        if not isinstance(event_id, str):
            return None
        if event_id in self._events:
            return Event(str(event_id))
        if not event_id.startswith(definition_set.PREFIX):
            return None
        # NOTE: from the right, because resource types contain underscores.
        resource_type, *pair = event_id.removeprefix(
            definition_set.PREFIX).rsplit('_', 2)
        if (len(pair) == 2 and resource_type in self.resource_types and
                pair[0] in self._actions and pair[1] in self._details):
            return Event(str(event_id), pair[0], pair[1], resource_type)
        return None

    def find_stored(self, event_id: str) -> Event | None:
        """Return the event of a stored message, also in Cinder's old form."""
        flat = event_id.removeprefix(definition_set.PREFIX)
        return self.find(flat if flat in self._events else event_id)

    def require(self, event_id: object) -> Event:
        """Return an event that a service may report.

        :raises EventNotPermitted: with the events that are permitted
        """
        event = self.find(event_id)
        if event is None or event.id == defined_messages.SUPPRESSED:
            raise exception.EventNotPermitted(
                event_id=_shorten(event_id),
                permitted=f'{", ".join(defined_messages.DEFINITIONS)} and '
                          f'{definition_set.PREFIX}RESOURCE_ACTION_DETAIL')
        return event

    def check(self, message: model.Message, *,
              allow_summary: bool = False) -> Event:
        """Return the event of a message, if it is permitted.

        :param allow_summary: permit also the summary of suppressed messages,
            which the emitter reports and services may not
        :raises InvalidMessage: its event, level or resource type is not
            permitted
        """
        if allow_summary and message.event_id == defined_messages.SUPPRESSED:
            event = Event(str(defined_messages.SUPPRESSED))
        else:
            event = self.require(message.event_id)
        if message.message_level not in model.LEVELS:
            raise exception.InvalidMessage(
                reason=f'level {_shorten(message.message_level)!r} is none '
                       f'of {", ".join(model.LEVELS)}')
        permitted = (self.resource_types if event.resource_type is None
                     else {event.resource_type})
        kind = message.resource_type
        if kind is not None and (
                not isinstance(kind, str) or kind not in permitted):
            raise exception.InvalidMessage(
                reason=f'resource_type {_shorten(kind)!r} '
                       f'is none of {", ".join(sorted(permitted))}')
        return event

    def compose(self, action: str, detail: str, resource_type: str) -> str:
        """Return the event id of an action, a detail and a resource type.

        :raises EventPartNotPermitted: one of the three is unknown
        """
        for kind, given, known in (
                ('Action', action, self._actions),
                ('Detail', detail, self._details),
                ('Resource type', resource_type, self.resource_types)):
            if not isinstance(given, str) or given not in known:
                raise exception.EventPartNotPermitted(
                    kind=kind, id=_shorten(given),
                    permitted=', '.join(sorted(known)))
        return f'{definition_set.PREFIX}{resource_type}_{action}_{detail}'

    def detail_for(self, error: BaseException | None, default: str) -> str:
        """Return the detail that the class of an exception selects.

        :param default: for an exception that selects none
        """
        for cls in type(error).__mro__ if error is not None else ():
            if cls.__name__ in self._by_exception:
                return self._by_exception[cls.__name__]
        return default

    def action_id(self, name: str) -> str | None:
        """Return the id of the action with a symbolic name, if any."""
        return self._action_ids.get(name)

    def reason(self, name: str) -> definition_set.Reason | None:
        """Return how to find messages with a reason, by its symbolic name."""
        return self._reasons.get(name)

    def text(self, event_id: str, locale: str | None = None,
             count: int | None = None) -> str:
        """Return the sentences that a user reads; see :meth:`explain`."""
        return self.explain(event_id, locale, count).user_message

    @functools.lru_cache(maxsize=_MAX_TEXTS)
    def explain(self, event_id: str, locale: str | None = None,
                count: int | None = None) -> Explanation:
        """Return what an event means; an unknown one is an unknown error.

        :param locale: one of :data:`cinder_messages.i18n.LANGUAGES`; anything
            else is English
        :param count: of the message; only texts that sum up others have it
        """
        if locale not in i18n.LANGUAGES:
            locale = None
        event = (self.find_stored(event_id) or
                 Event(str(defined_messages.UNKNOWN_ERROR)))
        action = self._actions.get(event.action_id or '')
        action_name = action.name or None if action else None
        why = self._details.get(event.detail_id or '')
        if why is None:
            why = self._events[event.id]
        override = self._overrides.get(event.id)
        if override is not None:
            return Explanation(
                override, action_name, why.reason or None, None,
                override, None, why.retry, event.id)
        action_text = action and i18n.translate(action.text, locale)
        with_count = _text_with_count(event, count)
        detail = (i18n.translate(why.text, locale) if with_count is None else
                  i18n.Text(with_count, count=count).translate(locale))
        remedy = why.remedy and i18n.translate(why.remedy, locale)
        return Explanation(
            _join(action_text, detail,
                  None if event.id in _WITHOUT_REMEDY else remedy),
            action_name, why.reason or None, action_text, detail,
            remedy or None, why.retry, event.id)


def _text_with_count(event: Event, count: int | None) -> str | None:
    """Return the text for a message with this count, if there is one."""
    if count is None:
        return None
    key = event.detail_id or event.id
    return (count == 1 and _WITH_ONE.get(key)) or _WITH_COUNT.get(key)


def _join(action_text: str | None, detail: str, remedy: str | None) -> str:
    sentences = f'{detail} {remedy}' if remedy else detail
    return f'{action_text}: {sentences}' if action_text else sentences


def _shorten(value: object) -> object:
    if value is None:
        return None
    return value[:64] if isinstance(value, str) else type(value).__name__
