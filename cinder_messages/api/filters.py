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

"""The filters of a list: which there are, and which its users may use.

Not how a value is read from the query string (``params.py``) and not how it
becomes SQL (``storage/query.py``).
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import json
import logging
import types

from cinder_messages.api import versions
from cinder_messages import exception

LOG = logging.getLogger(__name__)

# What a name ends in that asks for a part of the value, ``resource_uuid~``.
LIKE_SUFFIX = '~'


@dataclasses.dataclass(frozen=True, slots=True)
class FilterDefinition:
    """Defines how a list can be filtered by one field.

    :ivar since: the microversion that brought it
    :ivar like: whether users may ask for a part of the value
    :ivar upper: whether values are kept in upper case; clients such as
        Horizon send lower case
    """

    since: versions.Version = versions.PAGINATION
    like: bool = True
    upper: bool = False


# By the name of the parameter, which is the column that is compared.
FILTERS: Mapping[str, FilterDefinition] = types.MappingProxyType({
    'id': FilterDefinition(like=False),
    'resource_uuid': FilterDefinition(),
    'resource_type': FilterDefinition(upper=True),
    'event_id': FilterDefinition(),
    'request_id': FilterDefinition(),
    'message_level': FilterDefinition(like=False, upper=True),
})

# Compared with times, so no text filter: ``created_at=gt:...,lt:...``. A
# filters file does not hide it: Cinder's own never names it for messages.
CREATED_AT = 'created_at'

# The key of messages in a filters file.
_RESOURCE = 'message'


def default_names() -> frozenset[str]:
    """Return the filters that are permitted to users by default."""
    return frozenset(_with_like(
        name + (LIKE_SUFFIX if definition.like else '')
        for name, definition in FILTERS.items()))


def load_names(path: str) -> frozenset[str]:
    """Read the permitted filters from a file in Cinder's format.

    :param path: of a JSON file, ``{"message": ["event_id", "request_id~"]}``;
        a ``~`` permits both the whole value and a part of it
    :raises InvalidConfiguration: the file cannot be read or understood
    """
    try:
        with open(path, encoding='utf-8') as stream:
            names = json.load(stream).get(_RESOURCE, [])
        if not (isinstance(names, list) and
                all(isinstance(name, str) for name in names)):
            raise ValueError(f'"{_RESOURCE}" is not a list of names')
    # NOTE: the JSON may be nested too deep, and then is no list of names.
    except (OSError, ValueError, AttributeError, RecursionError) as exc:
        raise exception.InvalidConfiguration(
            reason=f'[api] resource_query_filters_file: {path}: {exc}'
        ) from exc
    for name in names:
        if name.removesuffix(LIKE_SUFFIX) not in FILTERS:
            LOG.warning('%s: messages have no filter %r', path, name)
    return frozenset(_with_like(names))


def _with_like(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        yield name
        yield name.removesuffix(LIKE_SUFFIX)
