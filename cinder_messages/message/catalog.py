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
import dataclasses
import functools
from importlib import metadata

import yaml

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import extension
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.message import resource_types

# The first part of a composed event id, and of the ids that Cinder gave flat
# events before.
_PREFIX = 'VOLUME_'

# Texts that are remembered; what is shown at one time is far less.
_MAX_TEXTS = 4096


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A permitted event id, taken apart; a flat one has no parts."""

    id: str
    action_id: str | None = None
    detail_id: str | None = None
    resource_type: str | None = None


class Catalog:
    """The permitted messages of a process.

    :param extensions: what is permitted besides our own
    :param text_overrides_file: the option of ``[messages]``: YAML that maps
        event ids, composed ones as a whole, to the text that is shown
        instead, in every language
    :ivar resource_types: what a message can be about
    :raises InvalidConfiguration: two extensions claim the same, or the file
        is unusable or names an event that is not permitted
    """

    def __init__(self, extensions: Iterable[extension.Extension] = (),
                 text_overrides_file: str | None = None) -> None:
        self._events = _by_id(defined_messages.DEFINITIONS)
        self._actions = _by_id(message_field.ACTIONS)
        self._details = _by_id(message_field.DETAILS)
        self._by_exception = {
            name: detail for detail in message_field.DETAILS
            for name in detail.exceptions}
        self.resource_types = frozenset(resource_types.ALL)
        prefixes: list[str] = []
        for added in extensions:
            for other in prefixes:
                if (added.prefix.startswith(other) or
                        other.startswith(added.prefix)):
                    raise added.refusal(
                        f'its ids could be those of extension {other!r}')
            prefixes.append(added.prefix)
            self._add(added)
        self._overrides = (self._read_overrides(text_overrides_file)
                           if text_overrides_file else {})

    @classmethod
    def builtin(cls) -> 'Catalog':
        """What this package permits by itself."""
        return cls()

    @classmethod
    def load(cls, text_overrides_file: str | None = None,
             entry_points: Iterable[metadata.EntryPoint] | None = None
             ) -> 'Catalog':
        """The catalog of a process, with what is installed and configured.

        :param text_overrides_file: as for :class:`Catalog`
        :param entry_points: of extensions; None are those installed
        :raises InvalidConfiguration: an extension or the file is unusable
        """
        return cls(extension.load(entry_points), text_overrides_file)

    def find(self, event_id: object) -> Event | None:
        """A permitted event; None for anything else, of whatever type."""
        if not isinstance(event_id, str):
            return None
        if event_id in self._events:
            return Event(str(event_id))
        if not event_id.startswith(_PREFIX):
            return None
        # NOTE: from the right, for resource types hold underscores.
        resource_type, *pair = event_id[len(_PREFIX):].rsplit('_', 2)
        if (len(pair) == 2 and resource_type in self.resource_types and
                pair[0] in self._actions and pair[1] in self._details):
            return Event(str(event_id), pair[0], pair[1], resource_type)
        return None

    def find_stored(self, event_id: str) -> Event | None:
        """The event of a stored message, in Cinder's form of a flat id too."""
        flat = event_id.removeprefix(_PREFIX)
        return self.find(flat if flat in self._events else event_id)

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

    @functools.lru_cache(maxsize=_MAX_TEXTS)
    def text(self, event_id: str, locale: str | None = None,
             detail_id: str | None = None) -> str:
        """What a user reads of an event; one that is unknown reads so.

        :param detail_id: of the message: the number in a text that has one
        :param locale: one of :data:`cinder_messages.i18n.LANGUAGES`; anything
            else is English
        """
        if locale not in i18n.LANGUAGES:
            locale = None
        if event_id == defined_messages.SUPPRESSED and detail_id:
            return i18n.Text(defined_messages.SUPPRESSED.text,
                             count=detail_id).translate(locale)
        event = self.find_stored(event_id)
        if event is None:
            return i18n.translate(defined_messages.UNKNOWN_ERROR.text, locale)
        if event.id in self._overrides:
            return self._overrides[event.id]
        if event.action_id and event.detail_id:
            action = self._actions[event.action_id].text
            detail = self._details[event.detail_id].text
            return (f'{i18n.translate(action, locale)}:'
                    f'{i18n.translate(detail, locale)}')
        return i18n.translate(self._events[event.id].text, locale)

    def _add(self, added: extension.Extension) -> None:
        selected = [(name, detail) for detail in added.details
                    for name in detail.exceptions]
        for name, detail_id in added.exceptions.items():
            if detail_id not in self._details:
                raise added.refusal(
                    f'{name!r} selects {detail_id!r}, which is no detail')
            selected.append((name, self._details[detail_id]))
        for name, detail in selected:
            if name in self._by_exception:
                raise added.refusal(f'{name!r} selects a detail already')
            self._by_exception[name] = detail
        self._events |= _by_id(added.events)
        self._actions |= _by_id(added.actions)
        self._details |= _by_id(added.details)
        self.resource_types |= set(added.resource_types)

    def _read_overrides(self, path: str) -> dict[str, str]:
        texts: dict[str, str] = {}
        for key, value in _read_mapping(path):
            event_id = key.value
            if self.find(event_id) is None:
                raise _unusable(
                    path, f'{_shorten(event_id)!r} is no permitted event')
            if event_id in texts:
                raise _unusable(path, f'{event_id!r} has two texts')
            if (value.tag != 'tag:yaml.org,2002:str' or
                    not definition.is_text(value.value)):
                raise _unusable(
                    path, f'{event_id!r} must have a string that is not empty')
            texts[event_id] = value.value
        return texts


def _by_id(definitions: Iterable[definition.Definition]
           ) -> dict[str, definition.Definition]:
    return {str(one): one for one in definitions}


def _shorten(value: object) -> object:
    return value[:64] if isinstance(value, str) else type(value).__name__


def _read_mapping(path: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        with open(path, encoding='utf-8') as stream:
            # NOTE: not loaded but composed: an id such as 000002 stays what
            # it is, and one that is there twice is seen.
            document = yaml.compose(stream, yaml.SafeLoader)
    except OSError as exc:
        raise _unusable(path, str(exc.strerror)) from exc
    except (ValueError, yaml.YAMLError) as exc:
        raise _unusable(path, ' '.join(str(exc).split())) from exc
    if not isinstance(document, yaml.MappingNode):
        raise _unusable(path, 'it is not a mapping of event ids to texts')
    return document.value


def _unusable(path: str, reason: str) -> exception.InvalidConfiguration:
    return exception.InvalidConfiguration(
        reason=f'[messages] text_overrides_file {path}: {reason}')
