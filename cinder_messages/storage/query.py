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

import dataclasses
import operator
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

# What a list with such a filter is found by, in this order; each of these
# indexes goes on with the default order.
_INDEXES = {
    'request_id': 'user_messages_request_idx',
    'resource_uuid': 'user_messages_resource_idx',
}
_DEFAULT_ORDERS = ((('created_at', ASC),), (('created_at', DESC),))
_MYSQL = ('mysql', 'mariadb')

Sort = tuple[tuple[str, str], ...]
Condition = sa.ColumnElement[bool]


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


def complete(sort: Sort) -> Sort:
    """The sort keys up to the id, which comes last and decides ties."""
    keys: list[tuple[str, str]] = []
    for key in sort:
        keys.append(key)
        if key[0] == 'id':
            return tuple(keys)
    return (*keys, ('id', keys[-1][1] if keys else DESC))


def conditions(filters: tuple[Filter, ...], dialect: str) -> list[Condition]:
    """The filters of a query.

    :param dialect: the name of the database's dialect
    """
    return [_condition(one, dialect) for one in filters]


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


def choose_index(statement: sa.Select, query: Query, project_id: str | None,
                 dialect: str) -> sa.Select:
    """The statement, on MariaDB with the index that it has to take."""
    if dialect not in _MYSQL:
        return statement
    # NOTE: in the middle of a long list it holds all rows in front of the
    # marker for as cheap as a jump to it, and walks there; and for a project
    # with many messages it goes through those of all projects, however old
    # the project's newest may be.
    equal = {one.column for one in query.filters if one.op == 'eq'}
    for column, index in _INDEXES.items():
        if column in equal:
            break
    else:
        if query.sort[:1] not in _DEFAULT_ORDERS:
            return statement
        index = ('user_messages_created_idx' if project_id is None
                 else 'user_messages_project_idx')
    return statement.with_hint(
        models.MESSAGES, f'FORCE INDEX ({index})', dialect)


def behind(sort: Sort, marker: typing.Any) -> Condition:
    """What comes after a row.

    :param sort: as :func:`complete` gave it
    :param marker: has the values of that row, by column name
    """
    (name, direction), *rest = sort
    column = models.MESSAGES.c[name]
    value = getattr(marker, name)
    if column.nullable:
        return sa.or_(_beyond_nullable(column, direction, value),
                      sa.and_(column == value, behind(tuple(rest), marker)))
    beyond = column > value if direction == ASC else column < value
    if not rest:
        return beyond
    # NOTE: a bound in front, and then the exact condition: of the forms that
    # mean the same, the only one with which both PostgreSQL and MariaDB enter
    # the index at the marker.
    bound = column >= value if direction == ASC else column <= value
    return sa.and_(bound, sa.or_(beyond, behind(tuple(rest), marker)))


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
    return column.contains(one.value, autoescape=True)
