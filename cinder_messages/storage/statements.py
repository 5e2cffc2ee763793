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

"""What the store asks the database for, each statement made once.

To put a statement together takes longer than to run it. So it is made for the
form of a question, whose values are left open: all lists of one project by
time are one statement, and so are those behind a marker, and so on.
"""

import functools
import types
import typing

from oslo_utils import timeutils
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from cinder_messages.message import model
from cinder_messages.storage import models
from cinder_messages.storage import query as storage_query

_T = models.MESSAGES
_S = typing.TypeVar('_S')
_Values = dict[str, typing.Any]

_COLUMNS = [_T.c[name] for name in model.Message._fields]
_HAS_ID = _T.c.id == sa.bindparam('wanted')
_IN_PROJECT = _T.c.project_id == sa.bindparam('owner')
_VISIBLE = (_T.c.deleted == sa.false(), _T.c.expires_at > sa.bindparam('now'))

# Each of them for all projects and for one.
_LIST = (sa.select(*_COLUMNS).where(*_VISIBLE),
         sa.select(*_COLUMNS).where(*_VISIBLE, _IN_PROJECT))
GET = tuple(statement.where(_HAS_ID) for statement in _LIST)
# NOTE: deleted or expired, it still says where a page begins.
MARKER = (sa.select(*_COLUMNS).where(_HAS_ID),
          sa.select(*_COLUMNS).where(_HAS_ID, _IN_PROJECT))
DELETE = tuple(sa.update(_T).where(_HAS_ID, *_VISIBLE, *own).values(
    deleted=True, deleted_at=sa.bindparam('now'),
    updated_at=sa.bindparam('now')) for own in ((), (_IN_PROJECT,)))

# An insert that passes over the ids that are there.
INSERT_NEW = {
    'postgresql': postgresql.insert(_T).on_conflict_do_nothing(
        index_elements=['id']),
    'sqlite': sqlite.insert(_T).on_conflict_do_nothing(index_elements=['id']),
    # NOTE: IGNORE would also cut what is too long; the writer has checked.
    'mysql': mysql.insert(_T).prefix_with('IGNORE'),
}
INSERT_NEW['mariadb'] = INSERT_NEW['mysql']

# Forms of lists that are remembered: clients use a few dozen.
_MAX_FORMS = 256


class _Form(typing.NamedTuple):
    """What a list is asked for, but for the values.

    :ivar filters: columns and operators
    :ivar marked: columns that the marker is compared by, and whether it has
        a value in each; None without a marker
    """

    dialect: str
    in_project: bool
    sort: storage_query.Sort
    filters: tuple[tuple[str, str], ...]
    marked: tuple[tuple[str, bool], ...] | None = None
    has_offset: bool = False


def ask(statements: tuple[_S, ...], project_id: str | None,
        message_id: str) -> tuple[_S, _Values]:
    """A statement for one message, and its values.

    :param statements: such as :data:`GET`
    :param project_id: None is all projects
    """
    # NOTE: PostgreSQL would refuse a NUL, and no message has no id.
    return statements[project_id is not None], _values(
        project_id, wanted='' if '\0' in message_id else message_id)


def ask_page(query: storage_query.Query, project_id: str | None,
             marker: model.Message | None,
             dialect: str) -> tuple[sa.Select, _Values]:
    """The statement for a page and for one row more, and its values."""
    values = _values(project_id, query.filters, dialect,
                     rows=query.limit + 1, offset=query.offset)
    marked = None
    if marker is not None:
        places = [(name, getattr(marker, name)) for name, _ in
                  storage_query.complete(query.sort, query.filters)]
        marked = tuple((name, value is not None) for name, value in places)
        values.update((f'marker_{name}', value) for name, value in places)
    return _page(_Form(
        dialect, project_id is not None, query.sort, _open(query.filters),
        marked, query.offset > 0)), values


def ask_count(query: storage_query.Query, project_id: str | None,
              dialect: str) -> tuple[sa.Select, _Values]:
    """The statement that counts what is on all pages, and its values."""
    return _count(_Form(
        dialect, project_id is not None, (), _open(query.filters))), _values(
            project_id, query.filters, dialect)


def _values(project_id: str | None,
            filters: tuple[storage_query.Filter, ...] = (),
            dialect: str = '', **values: object) -> _Values:
    values.update(now=timeutils.utcnow(), owner=project_id)
    for number, one in enumerate(filters):
        values[f'filter_{number}'] = storage_query.value_of(one, dialect)
    return values


def _open(filters: tuple[storage_query.Filter, ...]
          ) -> tuple[tuple[str, str], ...]:
    return tuple((one.column, one.op) for one in filters)


@functools.lru_cache(maxsize=_MAX_FORMS)
def _page(form: _Form) -> sa.Select:
    query = storage_query.Query(
        limit=0, sort=form.sort, filters=_filters(form))
    sort = storage_query.complete(query.sort, query.filters)
    owner: storage_query.Owner = (
        sa.bindparam('owner') if form.in_project else None)
    statement = _LIST[form.in_project].where(
        *storage_query.conditions(query.filters, form.dialect))
    if form.marked is not None:
        marker = types.SimpleNamespace(**{
            name: sa.bindparam(f'marker_{name}') if has_value else None
            for name, has_value in form.marked})
        statement = statement.where(storage_query.behind(
            sort, marker, owner, form.dialect))
    statement = storage_query.choose_index(
        statement, query, owner, form.dialect).order_by(
        *storage_query.order_by(sort, form.dialect)).limit(
        sa.bindparam('rows'))
    if form.has_offset:
        statement = statement.offset(sa.bindparam('offset'))
    return statement


@functools.lru_cache(maxsize=_MAX_FORMS)
def _count(form: _Form) -> sa.Select:
    return _LIST[form.in_project].with_only_columns(sa.func.count()).where(
        *storage_query.conditions(_filters(form), form.dialect))


def _filters(form: _Form) -> tuple[storage_query.Filter, ...]:
    return tuple(
        storage_query.Filter(column, op, sa.bindparam(f'filter_{number}'))
        for number, (column, op) in enumerate(form.filters))
