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

"""The catalog: which messages are permitted, and what their texts are.

Built once and never changed: from the definitions of this package, from what
extensions of other distributions add, and from the texts that a deployer has
put in place of ours. It keeps no rows and knows no language; ``text()``
translates when it is asked.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from importlib import metadata
import re
import typing

import yaml

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.message import resource_types

EXTENSIONS = 'cinder_messages.permitted_messages'

# The first part of a composed event id, and of the ids that Cinder gave flat
# events before.
_PREFIX = 'VOLUME_'

_EVENT_LENGTH = 255
_FIELD_LENGTH = 10
_RESOURCE_LENGTH = 36
_ID = re.compile(r'[A-Za-z0-9]+')
_RESOURCE = re.compile(r'[A-Z][A-Z0-9]*(_[A-Z0-9]+)*')


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A permitted event id, taken apart; a flat one has no parts."""

    id: str
    action_id: str | None = None
    detail_id: str | None = None
    resource_type: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Extension:
    """What another distribution permits, by an entry point of ours.

    :ivar prefix: letters and digits that each of its ids begins with, so
        that they are nobody else's; its resource types begin with it, too
    """

    prefix: str
    events: tuple[definition.Definition, ...] = ()
    actions: tuple[definition.Definition, ...] = ()
    details: tuple[definition.Definition, ...] = ()
    resource_types: tuple[str, ...] = ()


_BUILTIN = Extension(
    prefix='', events=defined_messages.DEFINITIONS,
    actions=message_field.ACTIONS, details=message_field.DETAILS,
    resource_types=resource_types.ALL)


class Catalog:
    """The permitted messages of a process.

    :param extensions: what is permitted besides our own
    :param overrides: texts by event id that take the place of ours
    :raises InvalidConfiguration: two use the same id, an id is malformed, or
        a text is for an event that is not permitted
    """

    def __init__(self, extensions: Iterable[Extension] = (),
                 overrides: Mapping[str, str] | None = None) -> None:
        self._events: dict[str, definition.Definition] = {}
        self._actions: dict[str, definition.Definition] = {}
        self._details: dict[str, definition.Definition] = {}
        self._by_exception: dict[str, definition.Definition] = {}
        resources: set[str] = set()
        for extension in (_BUILTIN, *extensions):
            _add(self._events, extension, extension.events, _EVENT_LENGTH)
            _add(self._actions, extension, extension.actions, _FIELD_LENGTH)
            _add(self._details, extension, extension.details, _FIELD_LENGTH)
            for detail in extension.details:
                for name in detail.exceptions:
                    if name in self._by_exception:
                        raise _refusal(extension, name, 'is mapped already')
                    self._by_exception[name] = detail
            for resource in extension.resource_types:
                _check_resource(extension, resource, resources)
                resources.add(resource)
        self.resource_types = frozenset(resources)
        self._texts: dict[tuple[str, str | None], str] = {}
        self._overrides = dict(overrides or {})
        for event_id in self._overrides:
            if self.find(event_id) is None:
                raise exception.InvalidConfiguration(
                    reason=f'{event_id!r} has a text but is no permitted '
                           'event')

    @classmethod
    def builtin(cls) -> 'Catalog':
        """What this package permits by itself."""
        return cls()

    @classmethod
    def load(cls, text_overrides_file: str | None = None,
             entry_points: Iterable[metadata.EntryPoint] | None = None
             ) -> 'Catalog':
        """The catalog of a process, with what is installed and configured.

        :param text_overrides_file: the option of ``[messages]``
        :param entry_points: of extensions; None are those installed
        :raises InvalidConfiguration: an extension or the file is unusable
        """
        if entry_points is None:
            entry_points = metadata.entry_points(group=EXTENSIONS)
        extensions = [_load(point) for point in
                      sorted(entry_points, key=lambda point: point.name)]
        if not text_overrides_file:
            return cls(extensions)
        try:
            return cls(extensions, _read_overrides(text_overrides_file))
        except exception.InvalidConfiguration as exc:
            raise exception.InvalidConfiguration(
                reason=f'text_overrides_file {text_overrides_file}: {exc}'
            ) from exc

    def find(self, event_id: object) -> Event | None:
        """A permitted event; None for anything else, of whatever type."""
        if not isinstance(event_id, str):
            return None
        if event_id in self._events:
            return Event(str(event_id))
        if not event_id.startswith(_PREFIX):
            return None
        # NOTE: from the right, for resource types hold underscores.
        resource, *parts = event_id[len(_PREFIX):].rsplit('_', 2)
        if (len(parts) == 2 and resource in self.resource_types and
                parts[0] in self._actions and parts[1] in self._details):
            return Event(str(event_id), parts[0], parts[1], resource)
        return None

    def require(self, event_id: object) -> Event:
        """A permitted event.

        :raises EventNotPermitted: with the events that are
        """
        event = self.find(event_id)
        if event is None:
            raise exception.EventNotPermitted(
                event_id=_shorten(event_id),
                permitted=f'{", ".join(self._events)} and '
                          f'{_PREFIX}RESOURCE_ACTION_DETAIL')
        return event

    def check(self, message: model.Message) -> Event:
        """The event of a message that may be reported.

        :raises InvalidMessage: its event, level or resource type may not
        """
        event = self.require(message.event_id)
        if message.message_level not in model.LEVELS:
            raise exception.InvalidMessage(
                reason=f'level {_shorten(message.message_level)!r} is none '
                       f'of {", ".join(model.LEVELS)}')
        permitted = (self.resource_types if event.resource_type is None
                     else {event.resource_type})
        if message.resource_type not in permitted | {None}:
            raise exception.InvalidMessage(
                reason=f'resource_type {_shorten(message.resource_type)!r} '
                       f'is none of {", ".join(sorted(permitted))}')
        return event

    def compose(self, action: str, detail: str, resource_type: str) -> str:
        """The event id of a pair.

        :raises EventNotPermitted: one of the three is not known
        """
        for given, known in ((action, self._actions),
                             (detail, self._details),
                             (resource_type, self.resource_types)):
            if not isinstance(given, str) or given not in known:
                raise exception.EventNotPermitted(
                    event_id=_shorten(given),
                    permitted=', '.join(sorted(known)))
        return f'{_PREFIX}{resource_type}_{action}_{detail}'

    def detail_for(self, error: BaseException | None, default: str) -> str:
        """The detail that an exception selects by the name of its class.

        :param default: for an exception that selects none
        """
        for cls in type(error).__mro__ if error is not None else ():
            if cls.__name__ in self._by_exception:
                return self._by_exception[cls.__name__]
        return default

    def text(self, event_id: str, locale: str | None = None) -> str:
        """What a user reads of an event; one that is unknown reads so.

        :param locale: the language, None is English
        """
        text = self._texts.get((event_id, locale))
        if text is None:
            text = self._render(event_id, locale)
            # NOTE: bounded, as permitted events and languages are.
            if self.find(event_id) is not None:
                self._texts[event_id, locale] = text
        return text

    def _render(self, event_id: str, locale: str | None) -> str:
        flat = event_id.removeprefix(_PREFIX)
        if flat in self._events:
            # NOTE: so that Cinder's form of the flat ids reads, too.
            event_id = flat
        if event_id in self._overrides:
            return self._overrides[event_id]
        event = self.find(event_id)
        if event is None or event.action_id is None:
            known = self._events.get(event_id, defined_messages.UNKNOWN_ERROR)
            return i18n.translate(known.text, locale)
        action = self._actions[event.action_id].text
        detail = self._details[typing.cast(str, event.detail_id)].text
        return (f'{i18n.translate(action, locale)}:'
                f'{i18n.translate(detail, locale)}')


def _shorten(value: object) -> object:
    return value[:64] if isinstance(value, str) else type(value).__name__


def _refusal(extension: Extension, what: object,
             reason: str) -> exception.InvalidConfiguration:
    return exception.InvalidConfiguration(
        reason=f'permitted messages with prefix {extension.prefix!r}: '
               f'{what!r} {reason}')


def _add(known: dict[str, definition.Definition], extension: Extension,
         new: Iterable[definition.Definition], length: int) -> None:
    for one in new:
        if not (_ID.fullmatch(one) and len(one) <= length and
                one.startswith(extension.prefix)):
            raise _refusal(
                extension, str(one), 'is not an id of at most '
                f'{length} letters and digits that begins with the prefix')
        if one in known:
            raise _refusal(extension, str(one), 'is used already')
        known[str(one)] = one


def _check_resource(extension: Extension, resource: str,
                    known: set[str]) -> None:
    if not (_RESOURCE.fullmatch(resource) and
            len(resource) <= _RESOURCE_LENGTH and
            resource.startswith(extension.prefix)):
        raise _refusal(
            extension, resource, 'is not a resource type of at most '
            f'{_RESOURCE_LENGTH} capitals, digits and single underscores '
            'that begins with the prefix')
    if resource in known:
        raise _refusal(extension, resource, 'is used already')


def _load(point: metadata.EntryPoint) -> Extension:
    try:
        extension = point.load()
    except Exception as exc:
        raise exception.InvalidConfiguration(
            reason=f'permitted messages {point.name} ({point.value}) cannot '
                   f'be loaded: {exc}') from exc
    if not (isinstance(extension, Extension) and
            _ID.fullmatch(extension.prefix)):
        raise exception.InvalidConfiguration(
            reason=f'permitted messages {point.name} ({point.value}) are not '
                   'an Extension with a prefix of letters and digits')
    return extension


def _read_overrides(path: str) -> dict[str, str]:
    try:
        with open(path, encoding='utf-8') as stream:
            texts = yaml.safe_load(stream)
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise exception.InvalidConfiguration(reason=str(exc)) from exc
    if not isinstance(texts, dict):
        raise exception.InvalidConfiguration(
            reason='it is not a mapping of event ids to texts')
    for event_id, text in texts.items():
        if not isinstance(event_id, str):
            raise exception.InvalidConfiguration(
                reason=f'{event_id!r} must be quoted to be an event id')
        if not isinstance(text, str) or not text.strip():
            raise exception.InvalidConfiguration(
                reason=f'the text of {event_id!r} is empty or not a string')
    return texts
