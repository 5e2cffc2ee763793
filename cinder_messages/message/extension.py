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

"""Permitted messages of other distributions, found by entry point.

An extension is validated when it is created, so the tests of its author find
mistakes. All its ids begin with a prefix of its own: our ids, and Cinder's,
begin with a digit, and our resource types with ``VOLUME``. For example::

    # setup.cfg
    [entry_points]
    cinder_messages.permitted_messages =
        acme = acme.messages:EXTENSION

    # acme/messages.py
    ARRAY_IN_MAINTENANCE = definition.Definition(
        'ACME01', 'The storage system is being maintained.',
        reason='ACME_ARRAY_IN_MAINTENANCE',
        remedy='Try again later.',
        retry=definition.LATER,
        exceptions=('ArrayInMaintenance',))
    EXTENSION = extension.Extension('ACME', details=(ARRAY_IN_MAINTENANCE,))

Install it for every process: the reporting service, the writer and the API.
Its texts are not translated.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from importlib import metadata
import re

from cinder_messages import exception
from cinder_messages.message import definition

GROUP = 'cinder_messages.permitted_messages'

# The widths of their columns.
_EVENT_LENGTH = 255
_FIELD_LENGTH = 10
_RESOURCE_LENGTH = 36

# NOTE: no underscore, so that composed ids can be taken apart; no small
# letters, for to MariaDB they are the same.
_ID = re.compile('[A-Z0-9]+')
_PREFIX = re.compile('[A-Z][A-Z0-9]*')
_RESOURCE = re.compile('[A-Z0-9]+(_[A-Z0-9]+)*')
_RESERVED = 'VOLUME'


@dataclasses.dataclass(frozen=True, slots=True)
class Extension:
    """The permitted messages of another distribution.

    :ivar prefix: capitals and digits that each of its ids begins with; its
        resource types, reasons and names of actions are the prefix alone or
        continue with an underscore
    :ivar events: flat events
    :ivar actions: operations, as :class:`~.definition.Action`
    :ivar details: why an operation failed
    :ivar resource_types: types of resources that can fail
    :ivar exceptions: names of exception classes that select one of our
        details, by its id; the extension's details name their own
    :raises InvalidConfiguration: an id, a name or a text is malformed
    """

    prefix: str
    events: tuple[definition.Definition, ...] = ()
    actions: tuple[definition.Definition, ...] = ()
    details: tuple[definition.Definition, ...] = ()
    resource_types: tuple[str, ...] = ()
    exceptions: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix) or self.prefix == _RESERVED:
            raise self.refusal(
                'the prefix must be capitals and digits, a capital first, '
                f'and not {_RESERVED}')
        self._check_definitions(self.events, _EVENT_LENGTH)
        self._check_definitions(self.actions, _FIELD_LENGTH)
        self._check_definitions(self.details, _FIELD_LENGTH)
        self._check_names()
        if not isinstance(self.exceptions, Mapping):
            raise self.refusal('exceptions must map class names to ids')
        for resource_type in self.resource_types:
            self._check_resource_type(resource_type)

    def refusal(self, reason: str) -> exception.InvalidConfiguration:
        """Return an exception that names the extension."""
        return exception.InvalidConfiguration(
            reason=f'Extension {self.prefix!r}: {reason}')

    def _check_definitions(self, new: Iterable[definition.Definition],
                           length: int) -> None:
        seen = set()
        for one in new:
            if not isinstance(one, definition.Definition):
                raise self.refusal(f'{one!r} is not a Definition')
            if not (_ID.fullmatch(one) and one.startswith(self.prefix) and
                    len(one) <= length):
                raise self.refusal(
                    f'the id {str(one)!r} must be at most {length} capitals '
                    'and digits that begin with the prefix')
            if one in seen:
                raise self.refusal(f'the id {str(one)!r} is used twice')
            self._check_parts(one)
            seen.add(one)

    def _check_parts(self, one: definition.Definition) -> None:
        for part, text in (('text', one.text), ('remedy', one.remedy)):
            if not (definition.is_text(text) or part == 'remedy' and not text):
                raise self.refusal(
                    f'{str(one)!r} has no {part} of 1 to '
                    f'{definition.MAX_TEXT} characters on one line, without '
                    'control characters')
        if not isinstance(one.exceptions, tuple | list) or not all(
                isinstance(name, str) for name in one.exceptions):
            raise self.refusal(
                f'exceptions of {str(one)!r} must be a tuple of class names')
        if one.retry not in definition.RETRY:
            raise self.refusal(
                f'retry {one.retry!r} of {str(one)!r} is none of '
                f'{", ".join(definition.RETRY)}')

    def _check_names(self) -> None:
        """Check the reasons and the names of actions.

        A name without the prefix could become one of a later release of ours.
        """
        seen = set()
        for one in (*self.events, *self.actions, *self.details):
            if not one.name:
                continue
            if not (definition.is_name(one.name) and
                    one.name.partition('_')[0] == self.prefix):
                raise self.refusal(
                    f'the name {one.name!r} of {str(one)!r} must be capitals, '
                    'digits and single underscores, at most '
                    f'{definition.MAX_NAME}, that begin with {self.prefix}_')
            if one.name in seen:
                raise self.refusal(f'the name {one.name!r} is used twice')
            seen.add(one.name)

    def _check_resource_type(self, resource_type: str) -> None:
        if not (_RESOURCE.fullmatch(resource_type) and
                resource_type.partition('_')[0] == self.prefix and
                len(resource_type) <= _RESOURCE_LENGTH):
            raise self.refusal(
                f'the resource type {resource_type!r} must be at most '
                f'{_RESOURCE_LENGTH} capitals, digits and single underscores '
                f'that begin with {self.prefix}_')


def load(entry_points: Iterable[metadata.EntryPoint] | None = None
         ) -> tuple[Extension, ...]:
    """Return the extensions, in the order of their names.

    :param entry_points: of :data:`GROUP`; None means those installed
    :raises InvalidConfiguration: an extension cannot be used
    """
    if entry_points is None:
        entry_points = metadata.entry_points(group=GROUP)
    return tuple(_load(point) for point in
                 sorted(entry_points, key=lambda point: point.name))


def _load(point: metadata.EntryPoint) -> Extension:
    origin = f'{GROUP} {point.name} = {point.value}'
    try:
        found = point.load()
    except Exception as exc:
        # NOTE: code of others can raise anything.
        raise exception.InvalidConfiguration(
            reason=f'{origin} cannot be loaded: {exc}') from exc
    if not isinstance(found, Extension):
        raise exception.InvalidConfiguration(
            reason=f'{origin} is not an Extension')
    return found
