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


"""The query for a list: filters, sort keys, marker and page size.

It holds values and knows no SQL; ``select`` builds the statement.
"""

import dataclasses
import typing

from cinder_messages import exception

ASC = 'asc'
DESC = 'desc'

# Conditions of one query. SQLite fails at a thousand, and a statement is
# cached for each combination of columns and operators.
MAX_FILTERS = 32

# Pairs of column and direction.
Sort = tuple[tuple[str, str], ...]
# None means all projects.
ProjectId = str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """Compares a column with a value.

    :ivar column: a column of the table
    :ivar op: ``eq``, ``neq``, ``gt``, ``gte``, ``lt``, ``lte``, ``like`` for a
        substring, in which no character is special, or ``either`` for one of
        two values
    :ivar value: to compare the column with; a pair for ``either``
    """

    column: str
    op: str
    value: typing.Any


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """The query for one page of a list.

    :ivar limit: number of messages of the page at most
    :ivar marker: id of the last message before the page
    :ivar offset: number of messages to skip after the marker
    :ivar sort: columns and directions
    :ivar filters: conditions that must all hold
    :raises InvalidParameter: there are more than :data:`MAX_FILTERS`
    """

    limit: int
    marker: str | None = None
    offset: int = 0
    sort: Sort = (('created_at', DESC),)
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        if len(self.filters) > MAX_FILTERS:
            raise exception.InvalidParameter(
                reason=f'there are more than {MAX_FILTERS} filters.')


def with_tiebreakers(sort: Sort, filters: tuple[Filter, ...] = ()) -> Sort:
    """Return the sort keys with created_at and id as tie-breakers.

    The tie-breakers take the direction of the first key, as in Cinder. Keys
    for which an equality filter leaves one value are removed, and do not
    count as the first, so that an index serves the rest. Keys after the id
    and repeated keys have no effect and are removed, too.
    """
    equal = {one.column for one in filters if one.op == 'eq'}
    names = [name for name, _ in sort]
    keys = [key for place, key in enumerate(sort)
            if key[0] not in names[:place]]
    direction = next((direction for name, direction in keys
                      if name not in equal), keys[0][1] if keys else DESC)
    names = [name for name, _ in keys]
    if 'id' in names:
        del keys[names.index('id') + 1:]
    else:
        # NOTE: the index of expires_at has no created_at, and what was stored
        # together expires together.
        if not {'created_at', 'expires_at'} & set(names):
            keys.append(('created_at', direction))
        keys.append(('id', direction))
    return tuple(key for key in keys if key[0] not in equal or key[0] == 'id')
