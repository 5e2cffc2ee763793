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

"""Select messages: filters on the service, or here where it has none."""

from collections.abc import Callable, Iterator, Mapping
import dataclasses
import datetime
import heapq
import typing

from cinder_messages.client import message as client_message
from cinder_messages.client import service as client_service

Predicate = Callable[[client_message.Message], bool]
Sort = tuple[tuple[str, bool], ...]

# Order of every list unless another one is asked for; True is descending.
NEWEST_FIRST: Sort = (('created_at', True),)

LEVELS = ('ERROR', 'WARNING', 'INFO')
# Names of users for the types of every service.
_TYPES = {'VOLUME': 'VOLUME', 'SNAPSHOT': 'VOLUME_SNAPSHOT',
          'BACKUP': 'VOLUME_BACKUP', 'GROUP': 'VOLUME_GROUP',
          'GROUP_SNAPSHOT': 'VOLUME_GROUP_SNAPSHOT'}


class InvalidFilter(ValueError):
    """A filter cannot be used; the text is a sentence for the user."""


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """Filters of a list; empty fields select all messages.

    :ivar resource_text: a part of the id of the resource
    :ivar request_id: a request id or a global request id
    :ivar project_id: another project, for administrators
    :ivar own_project_id: the project of the user; None if it is unknown
    """

    resource_uuid: str | None = None
    resource_text: str | None = None
    resource_type: str | None = None
    level: str | None = None
    action: str | None = None
    reason: str | None = None
    request_id: str | None = None
    since: datetime.datetime | None = None
    project_id: str | None = None
    all_projects: bool = False
    own_project_id: str | None = None
    sort: Sort = NEWEST_FIRST


def normalize_type(text: str) -> str:
    """Return the name that the API has for a type of resource."""
    name = text.strip().upper().replace('-', '_').replace(' ', '_')
    return _TYPES.get(name, name)


def check_type(service: client_service.MessageService, selection: Selection
               ) -> None:
    """Refuse a type that no message of the projects has.

    Extensions of a service can add types, which only their messages tell.

    :raises InvalidFilter: if the type is unknown
    """
    type_ = selection.resource_type
    if type_ is None or type_ in _TYPES.values():
        return
    only_type = Selection(
        resource_type=type_, project_id=selection.project_id,
        all_projects=selection.all_projects,
        own_project_id=selection.own_project_id)
    if next(select(service, only_type, size=1), None) is None:
        raise InvalidFilter(
            f'{type_.lower()!r} is no type of resource; the types are '
            f'{", ".join(_TYPES).lower()}.')


def normalize_level(text: str) -> str:
    """Return a level in upper case.

    :raises InvalidFilter: if it is no level
    """
    if text.upper() not in LEVELS:
        raise InvalidFilter(
            f'{text!r} is no level; the levels are {", ".join(LEVELS)}.')
    return text.upper()


def normalize_name(text: str) -> str:
    """Return the name that the API has for an action or a reason."""
    return text.strip().upper().replace('-', '_')


def parse_sort(text: str) -> Sort:
    """Return the keys of ``KEY[:asc|:desc][,...]``; descending by default.

    :raises InvalidFilter: if it has another form
    """
    keys = []
    for part in text.split(','):
        name, _, direction = part.strip().partition(':')
        if not name or direction not in ('', 'asc', 'desc'):
            raise InvalidFilter(
                f'{text!r} is no sort order; write KEY[:asc|:desc][,...].')
        keys.append((name, direction != 'asc'))
    return tuple(keys)


def select(service: client_service.MessageService, selection: Selection,
           size: int = client_service.PAGE_SIZE, marker: str | None = None
           ) -> Iterator[client_message.Message]:
    """Yield the messages of a selection in its order.

    :param size: rows a request
    :param marker: id of the message after which the list begins
    :raises InvalidFilter: if neither side can apply a filter
    """
    filters, predicates = _filters(service, selection)
    lists = [service.list(each, size, marker)
             for each in _by_request(service, filters, selection)]
    found = lists[0] if len(lists) == 1 else _merge(lists, selection.sort)
    for message in found:
        if selection.since and message.created_at and (
                message.created_at < selection.since):
            if selection.sort[0] == NEWEST_FIRST[0]:
                return
            continue
        if all(accepts(message) for accepts in predicates):
            yield message


def _filters(service: client_service.MessageService, selection: Selection
             ) -> tuple[dict[str, str], list[Predicate]]:
    filters = _projects(service, selection)
    for name, value in (('resource_uuid', selection.resource_uuid),
                        ('resource_type', selection.resource_type),
                        ('message_level', selection.level)):
        if value:
            filters[name] = value
    filters['sort'] = ','.join(
        f'{name}:{"desc" if descending else "asc"}'
        for name, descending in selection.sort)
    predicates: list[Predicate] = []
    text = selection.resource_text
    if text:
        predicates.append(
            lambda message: text in message.get('resource_uuid'))
    for name, value in (('action', selection.action),
                        ('reason', selection.reason)):
        if value and value.isdigit():
            predicates.append(_has_id(name, value))
        elif value and service.extended:
            filters[name] = value
        elif value:
            raise InvalidFilter(
                f'This Block Storage service does not tell the {name} by '
                f'name. Use the number in the event id: of '
                'VOLUME_VOLUME_001_003 the action is 001 and the reason '
                'is 003.')
    return filters, predicates


def _projects(service: client_service.MessageService, selection: Selection
              ) -> dict[str, str]:
    """Return the parameters that name the projects.

    NOTE: ``all_tenants`` selects nothing in Cinder, where an administrator
    sees all projects unless the list is confined to one.
    """
    if service.extended:
        wider = bool(selection.all_projects or selection.project_id)
        return {**({'all_tenants': '1'} if wider else {}),
                **({'project_id': selection.project_id}
                   if selection.project_id else {})}
    project_id = selection.project_id or (
        None if selection.all_projects else selection.own_project_id)
    return {'project_id': project_id} if project_id else {}


def _has_id(name: str, value: str) -> Predicate:
    number = int(value)
    field = f'{"action" if name == "action" else "detail"}_id'

    def accepts(message: client_message.Message) -> bool:
        found = getattr(message, field)
        return bool(found) and int(found) == number

    return accepts


def _by_request(service: client_service.MessageService,
                filters: Mapping[str, str], selection: Selection
                ) -> list[dict[str, str]]:
    """Return the filters of each list that makes up the selection."""
    if not selection.request_id:
        return [dict(filters)]
    names = ['request_id'] + ['global_request_id'] * service.extended
    return [{**filters, name: selection.request_id} for name in names]


class _Descending:
    """A sort key that compares the other way round."""

    def __init__(self, value: typing.Any) -> None:
        self._value = value

    def __lt__(self, other: '_Descending') -> bool:
        return bool(other._value < self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and self._value == other._value


def _merge(lists: list[Iterator[client_message.Message]], sort: Sort
           ) -> Iterator[client_message.Message]:
    """Merge sorted lists, each message once."""

    def key(message: client_message.Message) -> tuple[typing.Any, ...]:
        # The service breaks ties by id, in the direction of the last key.
        names = [*sort, ('id', sort[-1][1])]
        return tuple(_Descending(message.get(name)) if descending
                     else message.get(name) for name, descending in names)

    seen = set()
    for message in heapq.merge(*lists, key=key):
        if message.id not in seen:
            seen.add(message.id)
            yield message
