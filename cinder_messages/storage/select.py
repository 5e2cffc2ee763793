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


"""SELECT statements, built by the shape of a query.

To build and compile a statement takes longer than to run it. So a statement
depends only on the :class:`Shape` of a query, has bind parameters for the
values and is cached by :class:`.fastpath.Reader`: all lists of one project by
time are one statement, all pages after a marker are another, and so on.

Pages are found by the values of the marker (keyset pagination), never by
counting rows: page 4,000 costs what the first does, and new rows move nothing
while a client pages. NULL is the lowest value on all three databases.
"""

from collections.abc import Iterator
import operator
import re
import typing

import sqlalchemy as sa

from cinder_messages.message import model
from cinder_messages.storage import clock
from cinder_messages.storage import models
from cinder_messages.storage import mysql_hints
from cinder_messages.storage import query as storage_query

_T = models.MESSAGES
_COLUMNS = [_T.c[name] for name in model.Message._fields]
# NOTE: PyMySQL parses each value of each row in Python.
_BRIEF_COLUMNS = [_T.c[name] for name in model.BRIEF_FIELDS]

# Conditions that other modules use, too.
HAS_ID = _T.c.id == sa.bindparam('message_id')
IN_PROJECT = _T.c.project_id == sa.bindparam('project')
VISIBLE = (_T.c.deleted == sa.false(), _T.c.expires_at > clock.utc_now())

_COMPARISONS = {
    'eq': operator.eq,
    'neq': operator.ne,
    'gt': operator.gt,
    'gte': operator.ge,
    'lt': operator.lt,
    'lte': operator.le,
}

# Characters with a meaning in a pattern of LIKE.
_WILDCARDS = re.compile('[%_/]')
_ESCAPE = '/'

Condition = sa.ColumnElement[bool]
Values = dict[str, typing.Any]


class Shape(typing.NamedTuple):
    """A query without its values; statements are cached by it.

    :ivar dialect: name of the dialect
    :ivar in_project: whether the query is for one project, not for all
    :ivar sort: sort keys with tie-breakers
    :ivar filters: column and operator of each filter
    :ivar marker: for each sort key whether the marker has a value, not NULL;
        None without a marker
    :ivar has_offset: whether rows are skipped
    :ivar missing: names of our indexes that the site has dropped
    :ivar has_details: whether the details of messages are read
    """

    dialect: str
    in_project: bool
    sort: storage_query.Sort = ()
    filters: tuple[tuple[str, str], ...] = ()
    marker: tuple[bool, ...] | None = None
    has_offset: bool = False
    missing: frozenset[str] = frozenset()
    has_details: bool = True


def page_shape(query: storage_query.Query, in_project: bool,
               marker: model.Message | None, dialect: str,
               has_details: bool = True) -> Shape:
    """Return the shape of a page.

    :param marker: the message before the page
    """
    sort = storage_query.with_tiebreakers(query.sort, query.filters)
    return Shape(
        dialect, in_project, sort, _operators(query),
        None if marker is None else tuple(
            getattr(marker, name) is not None for name, _ in sort),
        query.offset > 0, has_details=has_details)


def count_shape(query: storage_query.Query, in_project: bool,
                dialect: str) -> Shape:
    """Return the shape of a count, for which the order does not matter."""
    return Shape(dialect, in_project, filters=_operators(query))


def page_values(query: storage_query.Query, shape: Shape,
                marker: model.Message | None) -> Values:
    """Return the bind parameters of a page and one row more."""
    values = filter_values(query, shape.dialect)
    if marker is not None:
        for name, _ in shape.sort:
            values[f'marker_{name}'] = getattr(marker, name)
    values.update(row_limit=query.limit + 1, row_offset=query.offset)
    return values


def filter_values(query: storage_query.Query, dialect: str) -> Values:
    """Return the bind parameters of the filters."""
    values = {}
    for number, one in enumerate(query.filters):
        if one.op == 'either':
            values[f'filter_{number}'], values[f'filter_{number}_or'] = (
                one.value)
        else:
            values[f'filter_{number}'] = _escape(one, dialect)
    return values


def get_statement(shape: Shape) -> sa.Select:
    """Select one visible message."""
    return _select_visible(shape).where(HAS_ID)


def marker_statement(shape: Shape) -> sa.Select:
    """Select one message, also if it was deleted or has expired.

    Such a message still says where a page begins.
    """
    statement = sa.select(*_COLUMNS).where(HAS_ID)
    return statement.where(IN_PROJECT) if shape.in_project else statement


def page_statement(shape: Shape) -> sa.Select:
    """Select the messages of a page, sorted."""
    statement = _select_visible(shape).where(*_conditions(shape))
    if shape.marker is not None:
        statement = statement.where(after_marker(shape))
    statement = mysql_hints.force_index(
        statement, shape.dialect, shape.in_project, shape.sort,
        shape.filters, shape.missing).order_by(*_order_by(shape)).limit(
            sa.bindparam('row_limit'))
    if shape.has_offset:
        statement = statement.offset(sa.bindparam('row_offset'))
    return statement


def count_statement(shape: Shape) -> sa.Select:
    """Count the messages of all pages."""
    return _select_visible(shape).where(*_conditions(shape)
                                        ).with_only_columns(sa.func.count())


def after_marker(shape: Shape) -> Condition:
    """Return the condition for the rows after the marker.

    Each database gets the form with which it enters an index at the marker.
    """
    assert shape.marker is not None  # nosec B101
    keys = [_Key(_T.c[name], direction == storage_query.ASC, has_value)
            for (name, direction), has_value in zip(
                shape.sort, shape.marker, strict=True)]
    if shape.dialect in mysql_hints.DIALECTS:
        return sa.or_(*_alternatives(keys))
    if (shape.dialect == 'postgresql' and len(keys) > 2 and
            len({key.is_ascending for key in keys}) == 1 and
            not any(key.may_pass_null() for key in keys)):
        return _compare_rows(keys, shape.in_project)
    return _bounded(keys)


class _Key(typing.NamedTuple):
    """A sort key and the value that the marker has in it.

    :ivar has_value: whether the marker has a value in it, not NULL
    """

    column: sa.Column
    is_ascending: bool
    has_value: bool

    @property
    def value(self) -> sa.ColumnElement:
        return (sa.bindparam(f'marker_{self.column.name}',
                             type_=self.column.type)
                if self.has_value else sa.null())

    def same(self) -> Condition:
        """Return the condition for the value of the marker."""
        return (self.column == self.value if self.has_value
                else self.column.is_(None))

    def beyond(self) -> Condition:
        """Return the condition for values sorted after the marker."""
        if self.is_ascending:
            return (self.column > self.value if self.has_value
                    else self.column.is_not(None))
        if not self.has_value:
            return sa.false()
        below = self.column < self.value
        return (sa.or_(below, self.column.is_(None))
                if self.column.nullable else below)

    def may_pass_null(self) -> bool:
        """Return whether NULL may come before or after the marker."""
        return bool(self.column.nullable) and not (
            self.is_ascending and self.has_value)


def _compare_rows(keys: list[_Key], in_project: bool) -> Condition:
    """Compare row values, by which PostgreSQL enters an index."""
    columns: list[sa.ColumnElement] = [key.column for key in keys]
    values: list[typing.Any] = [key.value for key in keys]
    # NOTE: with the project in front, although it is equal; without it the
    # planner takes an index of all projects for as good.
    if in_project:
        columns = [_T.c.project_id, _T.c.deleted, *columns]
        values = [sa.bindparam('project'), sa.false(), *values]
    row = sa.tuple_(*columns)
    marked = sa.tuple_(*values, types=[column.type for column in columns])
    return row > marked if keys[0].is_ascending else row < marked


def _alternatives(keys: list[_Key]) -> Iterator[Condition]:
    """Yield one range for each key; MariaDB enters an index at each."""
    for place, key in enumerate(keys):
        yield sa.and_(*(before.same() for before in keys[:place]),
                      key.beyond())


def _bounded(keys: list[_Key]) -> Condition:
    """Nest the keys, with a bound in front by which an index is entered."""
    key, *rest = keys
    if not rest:
        return key.beyond()
    after = _bounded(rest)
    if key.column.nullable:
        return sa.or_(key.beyond(), sa.and_(key.same(), after))
    bound = (key.column >= key.value if key.is_ascending
             else key.column <= key.value)
    return sa.and_(bound, sa.or_(key.beyond(), after))


def _select_visible(shape: Shape) -> sa.Select:
    columns = _COLUMNS if shape.has_details else _BRIEF_COLUMNS
    statement = sa.select(*columns).where(*VISIBLE)
    return statement.where(IN_PROJECT) if shape.in_project else statement


def _conditions(shape: Shape) -> Iterator[Condition]:
    for number, (name, op) in enumerate(shape.filters):
        column = _T.c[name]
        value: sa.BindParameter = sa.bindparam(
            f'filter_{number}', type_=column.type)
        if op == 'either':
            yield column.in_([value, sa.bindparam(
                f'filter_{number}_or', type_=column.type)])
        elif op != 'like':
            yield _COMPARISONS[op](column, value)
        elif shape.dialect == 'sqlite':
            # NOTE: its LIKE ignores case.
            yield sa.func.instr(column, value) > 0
        else:
            yield column.contains(value, escape=_ESCAPE)


def _escape(one: storage_query.Filter, dialect: str) -> typing.Any:
    if one.op == 'like' and dialect != 'sqlite':
        return _WILDCARDS.sub(_ESCAPE + r'\g<0>', one.value)
    return one.value


def _operators(query: storage_query.Query) -> tuple[tuple[str, str], ...]:
    return tuple((one.column, one.op) for one in query.filters)


def _order_by(shape: Shape) -> Iterator[sa.UnaryExpression]:
    for name, direction in shape.sort:
        column = _T.c[name]
        is_ascending = direction == storage_query.ASC
        term = column.asc() if is_ascending else column.desc()
        # NOTE: PostgreSQL sorts NULL last; lists need it first. MariaDB has no
        # syntax for it and sorts it first.
        if shape.dialect == 'postgresql' and column.nullable:
            term = term.nulls_first() if is_ascending else term.nulls_last()
        yield term
