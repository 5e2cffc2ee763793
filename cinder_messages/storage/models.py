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

"""The one table.

Not what layers pass along, which is ``message.model.Message``: reads take rows
as tuples, and no entity is ever loaded.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

METADATA = sa.MetaData()


def _text(length: int) -> sa.types.TypeEngine:
    # NOTE: compared and sorted by code point on all three databases; SQLite
    # does by itself, MariaDB by the collation that the migration chooses.
    return sa.String(length).with_variant(
        sa.String(length, collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine:
    # NOTE: MariaDB would drop the microseconds.
    return sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb')


# NOTE: PostgreSQL has NULL last, and a list has it first. No operator class,
# but it stands in the same place.
NULLS_FIRST_INDEXES = ('user_messages_project_type_idx',
                       'user_messages_type_idx')
_NULLS_FIRST: dict[str, Any] = {
    'postgresql_ops': {'resource_type': 'NULLS FIRST'}}

MESSAGES = sa.Table(
    'user_messages', METADATA,
    sa.Column('id', _text(36), primary_key=True),
    sa.Column('project_id', _text(255), nullable=False),
    sa.Column('user_id', _text(255)),
    sa.Column('request_id', _text(255)),
    sa.Column('event_id', _text(255), nullable=False),
    sa.Column('action_id', _text(10)),
    sa.Column('detail_id', _text(10)),
    sa.Column('message_level', _text(255), nullable=False),
    sa.Column('resource_type', _text(36)),
    sa.Column('resource_uuid', _text(255)),
    sa.Column('created_at', _moment(), nullable=False),
    sa.Column('expires_at', _moment(), nullable=False),
    sa.Column('updated_at', _moment()),
    sa.Column('deleted_at', _moment()),
    sa.Column('deleted', sa.Boolean(), nullable=False,
              server_default=sa.false()),
    sa.Column('count', sa.Integer()),
    sa.Column('global_request_id', _text(255)),
    sa.Column('host', _text(255)),
    # A project's list, and all projects' list, newest first.
    sa.Index('user_messages_project_idx',
             'project_id', 'deleted', 'created_at', 'id'),
    sa.Index('user_messages_created_idx', 'created_at', 'id'),
    # The filters that name few rows of many.
    sa.Index('user_messages_resource_idx',
             'resource_uuid', 'created_at', 'id'),
    sa.Index('user_messages_request_idx',
             'request_id', 'created_at', 'id'),
    sa.Index('user_messages_global_request_idx',
             'global_request_id', 'created_at', 'id'),
    # The filters and sort keys that name many, in a project and in all.
    *(index for name, column in (('event', 'event_id'),
                                 ('detail', 'detail_id'),
                                 ('action', 'action_id'),
                                 ('level', 'message_level'),
                                 ('type', 'resource_type'))
      for index in (
          sa.Index(f'user_messages_project_{name}_idx', 'project_id',
                   'deleted', column, 'created_at', 'id', **_NULLS_FIRST),
          sa.Index(f'user_messages_{name}_idx', column, 'created_at', 'id',
                   **_NULLS_FIRST))),
    # The reaper.
    sa.Index('user_messages_expires_idx', 'expires_at'))
