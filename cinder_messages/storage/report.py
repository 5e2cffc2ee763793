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

"""Count the messages of a period by their columns, for operators.

Not a way to list messages: :mod:`.store` does that. The period is read over
the index of ``created_at``, newest first, and only up to a number of rows, so
that a report about a large table costs no more than one about a small one.
"""

from collections.abc import Sequence
import dataclasses
import datetime

import sqlalchemy as sa

from cinder_messages.storage import models

_T = models.MESSAGES

# The columns by which messages can be counted.
COLUMNS = ('event_id', 'resource_type', 'host', 'project_id')


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Messages with the same values of the columns.

    :ivar values: by column, in the requested order; None where it is empty
    :ivar failures: number of failures, those of summaries included
    :ivar messages: number of rows
    :ivar projects: number of projects
    :ivar latest: when the last one was created
    """

    values: dict[str, str | None]
    failures: int
    messages: int
    projects: int
    latest: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """The largest groups of a period.

    :ivar rows: number of rows that were counted
    :ivar since: start of what was counted; later than requested if there are
        more rows than may be read
    """

    groups: list[Group]
    rows: int
    since: datetime.datetime
    is_complete: bool


def count_by(engine: sa.Engine, columns: Sequence[str],
             since: datetime.datetime, limit: int, max_rows: int) -> Report:
    """Return the largest groups of messages.

    Messages that were deleted by their users count: they were failures.

    :param columns: some of :data:`COLUMNS`
    :param since: start of the period, UTC without a zone
    :param limit: number of groups at most
    :param max_rows: number of rows to read at most, the newest first
    """
    period = sa.select(
        *(_T.c[name] for name in {*columns, 'project_id'}),
        _T.c.created_at, sa.func.coalesce(_T.c['count'], 1).label('failures')
    ).where(_T.c.created_at >= since).order_by(
        _T.c.created_at.desc(), _T.c.id.desc()).limit(max_rows).subquery()
    keys = [period.c[name] for name in columns]
    failures = sa.func.sum(period.c.failures)
    groups = sa.select(
        *keys, failures, sa.func.count(),
        sa.func.count(period.c.project_id.distinct()),
        sa.func.max(period.c.created_at)
    ).group_by(*keys).order_by(failures.desc(), *keys).limit(limit)
    whole = sa.select(sa.func.count(), sa.func.min(period.c.created_at))
    with engine.connect() as connection:
        found = connection.execute(groups).all()
        rows, first = connection.execute(whole).one()
    is_complete = rows < max_rows
    return Report(
        [Group(dict(zip(columns, row)), int(row[-4]), *row[-3:])
         for row in found],
        rows, since if is_complete else first, is_complete)
