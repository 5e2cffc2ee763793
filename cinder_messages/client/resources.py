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

"""Find what a name or an id on the command line stands for."""

from collections.abc import Iterator, Mapping
import dataclasses
import types
import typing

from openstack import exceptions as sdk_exceptions

from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service
from cinder_messages.client import terminal

# How the SDK finds each type, in the order of the search.
FINDERS: Mapping[str, str] = types.MappingProxyType({
    'VOLUME': 'find_volume',
    'VOLUME_SNAPSHOT': 'find_snapshot',
    'VOLUME_BACKUP': 'find_backup',
    'VOLUME_GROUP': 'find_group',
    'VOLUME_GROUP_SNAPSHOT': 'find_group_snapshot',
})

# The requests of a server that are looked up, the newest first.
MOST_SERVER_REQUESTS = 50


class ResourceNotFound(Exception):
    """A name or an id stands for no resource, or for several."""


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """A resource of which messages are wanted.

    :ivar type: as in the API; empty if only the id is known
    :ivar name: empty if it has none
    """

    id: str
    type: str = ''
    name: str = ''


def find(volumes: typing.Any, service: client_service.MessageService,
         text: str, selection: client_selection.Selection) -> Resource:
    """Find a resource by its id or its name.

    An id is first looked for in the messages, because a deleted resource has
    messages, too.

    :param volumes: the SDK's proxy of Block Storage
    :param selection: the projects to look in, and the type if it is known
    :raises ResourceNotFound: with a sentence for the user
    """
    by_id = dataclasses.replace(
        selection, resource_uuid=text, level=None, action=None, reason=None,
        request_id=None, since=None, sort=client_selection.NEWEST_FIRST)
    for message in client_selection.select(service, by_id, size=1):
        return Resource(message.get('resource_uuid'),
                        message.get('resource_type'))
    types_ = [selection.resource_type] if selection.resource_type else FINDERS
    for type_ in types_:
        found = _find_one(volumes, type_ or '', text)
        if found is not None:
            return Resource(found.id, type_ or '',
                            terminal.escape(found.name or ''))
    wanted = (print_type(selection.resource_type) if selection.resource_type
              else 'volume, snapshot, backup or group')
    raise ResourceNotFound(f'There is no {wanted} {text!r}.')


def print_type(type_: str) -> str:
    """Return a type of resource in words, such as ``group snapshot``."""
    return type_.removeprefix('VOLUME_').replace('_', ' ').lower()


def _find_one(volumes: typing.Any, type_: str, text: str) -> typing.Any:
    # NOTE: the SDK has an object without finders if discovery failed.
    finder = getattr(volumes, FINDERS.get(type_, ''), None)
    if finder is None:
        return None
    try:
        return finder(text, ignore_missing=False)
    except sdk_exceptions.DuplicateResource:
        raise ResourceNotFound(
            f'More than one {print_type(type_)} has the name {text!r}: use '
            'the id.') from None
    except (sdk_exceptions.NotFoundException, sdk_exceptions.NotSupported):
        return None
    except sdk_exceptions.HttpException as error:
        # NOTE: a cloud without backups or groups must not hide the others.
        if error.status_code in (400, 403, 404, 406):
            return None
        raise


def server_requests(compute: typing.Any, text: str
                    ) -> tuple[Resource, list[str]]:
    """Return a server and the ids of its newest requests.

    :param compute: the SDK's proxy of Compute
    :raises ResourceNotFound: with a sentence for the user
    """
    if not hasattr(compute, 'find_server'):
        raise ResourceNotFound('This cloud has no Compute service.')
    try:
        server = compute.find_server(text, ignore_missing=False)
    except sdk_exceptions.NotFoundException:
        raise ResourceNotFound(f'There is no server {text!r}.') from None
    except sdk_exceptions.DuplicateResource:
        raise ResourceNotFound(
            f'More than one server has the name {text!r}: use the id.'
        ) from None
    requests = dict.fromkeys(
        action.request_id for action in compute.server_actions(server)
        if action.request_id)
    return (Resource(server.id, 'SERVER', terminal.escape(server.name or '')),
            list(requests)[:MOST_SERVER_REQUESTS])


def attached_volumes(compute: typing.Any, server: Resource) -> Iterator[str]:
    """Yield the ids of the volumes that a server has."""
    for attachment in compute.volume_attachments(server.id):
        yield attachment.volume_id
