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

"""create user_messages"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '4c1f9a7be5d2'
down_revision = None
branch_labels = None
depends_on = None


def _text(length):
    return sa.String(length).with_variant(
        sa.String(length, collation='C'), 'postgresql')


def _moment():
    return sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb')


def _options():
    # NOTE: of the collations that compare by code point, the ones to which a
    # blank at the end makes a difference; MariaDB and MySQL name them apart.
    is_mariadb = getattr(op.get_bind().dialect, 'is_mariadb', False)
    options = {
        'engine': 'InnoDB', 'charset': 'utf8mb4',
        'collate': 'utf8mb4_nopad_bin' if is_mariadb else 'utf8mb4_0900_bin'}
    return {f'{dialect}_{name}': value for name, value in options.items()
            for dialect in ('mysql', 'mariadb')}


# By the name of the index, its columns.
_INDEXES = {
    'user_messages_project_idx': ['project_id', 'deleted', 'created_at', 'id'],
    'user_messages_created_idx': ['created_at', 'id'],
    'user_messages_resource_idx': ['resource_uuid', 'created_at', 'id'],
    'user_messages_request_idx': ['request_id', 'created_at', 'id'],
    'user_messages_expires_idx': ['expires_at'],
}


def upgrade():
    # NOTE: MySQL commits each statement of a migration by itself. One that
    # was cut off goes on where it was.
    if not sa.inspect(op.get_bind()).has_table('user_messages'):
        _create_table()
    there = {index['name'] for index in
             sa.inspect(op.get_bind()).get_indexes('user_messages')}
    for name, columns in _INDEXES.items():
        if name not in there:
            op.create_index(name, 'user_messages', columns)


def _create_table():
    op.create_table(
        'user_messages',
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
        **_options())
