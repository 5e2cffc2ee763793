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


"""Index hints for MariaDB and MySQL.

In the middle of a long list their planner counts all rows before the marker
at the price of a jump to it, and walks them. For a project with many messages
it may walk the messages of all projects instead. So a list names the indexes
that hold it in its order.
"""

import re

import sqlalchemy as sa

from cinder_messages.storage import models
from cinder_messages.storage import query as storage_query

DIALECTS = ('mysql', 'mariadb')

# Error of a server for the name of an index that the table does not have.
_NO_SUCH_INDEX = 1176
_INDEX_NAME = re.compile(r'user_messages_\w+_idx')

# Columns of which a value selects few rows: a filter on one is served by its
# index, whatever the sort order. The indexes continue with created_at.
_SELECTIVE = {
    'global_request_id': 'user_messages_global_request_idx',
    'request_id': 'user_messages_request_idx',
    'resource_uuid': 'user_messages_resource_idx',
}
# Columns of which a value selects many rows, with the middle of the name of
# their indexes: one in each project and one in all projects.
_UNSELECTIVE = {
    'event_id': 'event',
    'detail_id': 'detail',
    'action_id': 'action',
    'message_level': 'level',
    'resource_type': 'type',
}
# Indexes for a list of all projects by its first sort key.
_ALL_PROJECTS = {
    **_SELECTIVE,
    **{column: f'user_messages_{name}_idx'
       for column, name in _UNSELECTIVE.items()},
    'expires_at': 'user_messages_expires_idx',
    'id': 'PRIMARY',
}


def force_index(statement: sa.Select, dialect: str, in_project: bool,
                sort: storage_query.Sort,
                filters: tuple[tuple[str, str], ...],
                missing: frozenset[str] = frozenset()) -> sa.Select:
    """Return the statement with the indexes that it must use, if any.

    :param sort: with tie-breakers
    :param filters: column and operator of each
    :param missing: names of indexes that do not exist
    """
    if dialect not in DIALECTS:
        return statement
    indexes = _indexes(
        in_project, sort, *({column for column, op in filters if op == used}
                            for used in ('eq', 'either')))
    indexes = [name for name in indexes if name not in missing]
    if not indexes:
        return statement
    return statement.with_hint(
        models.MESSAGES, f'FORCE INDEX ({", ".join(indexes)})', dialect)


def missing_index(error: BaseException | None) -> str | None:
    """Return the index that a statement named and that does not exist.

    :param error: of the driver; None is returned for any other error
    """
    if error is not None and error.args[:1] == (_NO_SUCH_INDEX,):
        found = _INDEX_NAME.search(str(error))
        return found and found[0]
    return None


def _indexes(in_project: bool, sort: storage_query.Sort,
             equal: set[str], either: set[str]) -> list[str]:
    """Return the indexes that hold the list in its order.

    :param equal: columns with an equality filter
    :param either: columns with a filter for one of two values, which only
        the planner can weigh against the order
    """
    if 'id' in equal:
        # NOTE: one row at most, which the primary key finds.
        return []
    if in_project:
        scope, default = 'user_messages_project', 'user_messages_project_idx'
    else:
        scope, default = 'user_messages', 'user_messages_created_idx'
    unselective = {column: f'{scope}_{name}_idx'
                   for column, name in _UNSELECTIVE.items()}
    filtered = {**_SELECTIVE, **unselective}
    selective = [_SELECTIVE[column] for column in _SELECTIVE
                 if column in equal]
    if len({direction for _, direction in sort}) > 1:
        return selective
    first, *rest = (name for name, _ in sort)
    if rest == ['id'] and first == 'created_at' or 'created_at' in equal:
        # NOTE: of several indexes the planner takes the one with the fewest
        # rows.
        return [filtered[column] for column in filtered if column in equal
                ] or [default, *(filtered[column] for column in either)]
    ordered = unselective if in_project else _ALL_PROJECTS
    if (not selective and first in ordered and
            sort == storage_query.with_tiebreakers(sort[:1])):
        return [ordered[first]]
    return selective
