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

"""From a query to SQL: filters, sorting, and the page behind a marker.

Pages are found by the values of their marker, never by counting rows, so that
page 4,000 costs what the first does and rows that come in while a client pages
move nothing. NULL is the lowest value on all three databases.
"""

import collections.abc
import dataclasses
import operator
import re
import typing

import sqlalchemy as sa

from cinder_messages.storage import models

ASC = 'asc'
DESC = 'desc'

_COMPARISONS = {
    'eq': operator.eq,
    'neq': operator.ne,
    'gt': operator.gt,
    'gte': operator.ge,
    'lt': operator.lt,
    'lte': operator.le,
}

# What a list with such a filter is found by, whatever it is sorted by: they
# name few rows. These indexes, too, go on with created_at.
_FEW = {
    'global_request_id': 'user_messages_global_request_idx',
    'request_id': 'user_messages_request_idx',
    'resource_uuid': 'user_messages_resource_idx',
}
# Columns with an index in each project and one in all of them.
_MANY = {
    'event_id': 'event',
    'message_level': 'level',
    'resource_type': 'type',
}
# What a list of all projects is found by if it begins with that sort key.
_ALL_PROJECTS = {
    **_FEW,
    **{column: f'user_messages_{name}_idx' for column, name in _MANY.items()},
    'expires_at': 'user_messages_expires_idx',
    'id': 'PRIMARY',
}
_MYSQL = ('mysql', 'mariadb')

# What has a meaning in a pattern of LIKE, and what takes it away.
_PATTERNS = re.compile('[%_/]')
_ESCAPE = '/'

Sort = tuple[tuple[str, str], ...]
Condition = sa.ColumnElement[bool]
# The project's id, or where it will be put; None is all projects.
Owner = str | sa.BindParameter[str] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """One condition.

    :ivar column: a column of the table
    :ivar op: ``eq``, ``neq``, ``gt``, ``gte``, ``lt``, ``lte``, or ``like``
        for a part of the value, in which no character is special
    :ivar value: what it is compared with
    """

    column: str
    op: str
    value: typing.Any


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for.

    :ivar limit: messages of the page at most
    :ivar marker: the id of the last message before the page
    :ivar offset: messages left out between marker and page
    :ivar sort: columns and directions, the id last if it is not among them
    :ivar filters: all of them must hold
    """

    limit: int
    marker: str | None = None
    offset: int = 0
    sort: Sort = (('created_at', DESC),)
    filters: tuple[Filter, ...] = ()


def complete(sort: Sort, filters: tuple[Filter, ...] = ()) -> Sort:
    """The sort keys up to the id, which comes last and decides ties.

    Before it comes the time. Both go in the direction of the first key, as in
    Cinder; but not of one that a filter leaves one value of, so that an index
    serves the rest.

    :param filters: of a key of which they leave one value, nothing is left
    """
    equal = {one.column for one in filters if one.op == 'eq'}
    keys = list(sort)
    direction = next((direction for name, direction in keys
                      if name not in equal), keys[0][1] if keys else DESC)
    names = [name for name, _ in keys]
    if 'id' in names:
        del keys[names.index('id') + 1:]
    else:
        # NOTE: the index of expires_at does not go on with the time, and what
        # was stored together expires together.
        if not {'created_at', 'expires_at'} & set(names):
            keys.append(('created_at', direction))
        keys.append(('id', direction))
    return tuple(key for key in keys if key[0] not in equal or key[0] == 'id')


def conditions(filters: tuple[Filter, ...], dialect: str) -> list[Condition]:
    """The filters of a query, each with what :func:`value_of` says.

    :param dialect: the name of the database's dialect
    """
    return [_condition(one, dialect) for one in filters]


def value_of(one: Filter, dialect: str) -> typing.Any:
    """What the condition of a filter compares with."""
    if one.op == 'like' and dialect != 'sqlite':
        return _PATTERNS.sub(_ESCAPE + r'\g<0>', one.value)
    return one.value


def order_by(sort: Sort, dialect: str) -> list[sa.UnaryExpression]:
    """The sort keys, as :func:`complete` gave them, for a statement."""
    terms = []
    for name, direction in sort:
        column = models.MESSAGES.c[name]
        term = column.asc() if direction == ASC else column.desc()
        # NOTE: the other two have NULL lowest by themselves, and MariaDB has
        # no words to say it.
        if dialect == 'postgresql' and column.nullable:
            term = (term.nulls_first() if direction == ASC
                    else term.nulls_last())
        terms.append(term)
    return terms


def choose_index(statement: sa.Select, query: Query, project_id: Owner,
                 dialect: str) -> sa.Select:
    """The statement, on MariaDB with the indexes that it has to take."""
    # NOTE: in the middle of a long list it holds all rows in front of the
    # marker for as cheap as a jump to it, and walks there; and for a project
    # with many messages it goes through those of all projects, however old
    # the project's newest may be.
    indexes = _indexes(query, project_id) if dialect in _MYSQL else []
    if not indexes:
        return statement
    return statement.with_hint(
        models.MESSAGES, f'FORCE INDEX ({", ".join(indexes)})', dialect)


def _indexes(query: Query, project_id: Owner) -> list[str]:
    """The indexes that have the list in its order; none if none has."""
    if project_id is None:
        scope, default = 'user_messages', 'user_messages_created_idx'
    else:
        scope, default = 'user_messages_project', 'user_messages_project_idx'
    many = {column: f'{scope}_{name}_idx' for column, name in _MANY.items()}
    filtered = {**_FEW, **many}
    equal = {one.column for one in query.filters if one.op == 'eq'}
    if 'id' in equal:
        # NOTE: one row at most, which the primary key finds.
        return []
    keys = complete(query.sort, query.filters)
    few = [_FEW[column] for column in _FEW if column in equal]
    first, *rest = (name for name, _ in keys)
    if len({direction for _, direction in keys}) > 1:
        return few
    if rest == ['id'] and first == 'created_at' or 'created_at' in equal:
        # NOTE: of several it then takes the one that names the fewest rows.
        return [filtered[column] for column in filtered if column in equal
                ] or [default]
    ordered = _ALL_PROJECTS if project_id is None else many
    if not few and first in ordered and keys == complete(keys[:1]):
        return [ordered[first]]
    return few


def behind(sort: Sort, marker: typing.Any, project_id: Owner,
           dialect: str) -> Condition:
    """What comes after a row, in the words by which an index is entered there.

    :param sort: as :func:`complete` gave it
    :param marker: has the values of that row, by column name
    """
    if dialect in _MYSQL:
        return sa.or_(*_alternatives(sort, marker))
    keys = [models.MESSAGES.c[name] for name, _ in sort]
    if (dialect != 'postgresql' or len(sort) < 3 or
            len({direction for _, direction in sort}) > 1 or
            _may_be_null(keys, sort[0][1], marker)):
        return _bounded(sort, marker)
    values = [getattr(marker, key.name) for key in keys]
    # NOTE: with the project in front, though it is the same, or an index
    # without the project would be entered here, too, and seem as good.
    if project_id is not None:
        keys = [models.MESSAGES.c.project_id, models.MESSAGES.c.deleted, *keys]
        values = [project_id, False, *values]
    row, marked = sa.tuple_(*keys), sa.tuple_(
        *values, types=[key.type for key in keys])
    return row > marked if sort[0][1] == ASC else row < marked


def _may_be_null(keys: list[sa.Column], direction: str,
                 marker: typing.Any) -> bool:
    """Whether a comparison of rows says too little: NULL is the lowest."""
    return any(key.nullable and (
        direction == DESC or getattr(marker, key.name) is None)
        for key in keys)


def _alternatives(sort: Sort,
                  marker: typing.Any) -> collections.abc.Iterable[Condition]:
    """A row is behind if one holds; MariaDB enters an index with each."""
    same: list[Condition] = []
    for name, direction in sort:
        column, value = models.MESSAGES.c[name], getattr(marker, name)
        yield sa.and_(*same, _beyond(column, direction, value))
        same.append(column == value)


def _bounded(sort: Sort, marker: typing.Any) -> Condition:
    """A bound, by which PostgreSQL enters an index, then all the rest."""
    (name, direction), *rest = sort
    column, value = models.MESSAGES.c[name], getattr(marker, name)
    beyond = _beyond(column, direction, value)
    if not rest:
        return beyond
    after = _bounded(tuple(rest), marker)
    if column.nullable:
        return sa.or_(beyond, sa.and_(column == value, after))
    bound = column >= value if direction == ASC else column <= value
    return sa.and_(bound, sa.or_(beyond, after))


def _beyond(column: sa.Column, direction: str,
            value: typing.Any) -> Condition:
    if column.nullable:
        return _beyond_nullable(column, direction, value)
    return column > value if direction == ASC else column < value


def _beyond_nullable(column: sa.Column, direction: str,
                     value: typing.Any) -> Condition:
    if direction == ASC:
        return column.is_not(None) if value is None else column > value
    if value is None:
        return sa.false()
    return sa.or_(column < value, column.is_(None))


def _condition(one: Filter, dialect: str) -> Condition:
    column = models.MESSAGES.c[one.column]
    if one.op != 'like':
        return _COMPARISONS[one.op](column, one.value)
    if dialect == 'sqlite':
        # NOTE: its LIKE ignores case.
        return sa.func.instr(column, one.value) > 0
    return column.contains(one.value, escape=_ESCAPE)
