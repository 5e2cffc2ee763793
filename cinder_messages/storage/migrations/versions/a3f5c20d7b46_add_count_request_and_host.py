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

"""add count, global_request_id and host"""

import sqlalchemy as sa

from cinder_messages.storage.migrations import online_ddl

revision = 'a3f5c20d7b46'
down_revision = '8d2b6f03c9a1'
branch_labels = None
depends_on = None


def _text(length):
    return sa.String(length).with_variant(
        sa.String(length, collation='C'), 'postgresql')


def upgrade():
    # NOTE: nullable and without a default, so a writer of the release before
    # goes on inserting rows, and no row has to be written again.
    online_ddl.add_columns(
        'user_messages',
        sa.Column('count', sa.Integer()),
        sa.Column('global_request_id', _text(255)),
        sa.Column('host', _text(255)))
    online_ddl.create_indexes('user_messages', {
        'user_messages_global_request_idx':
            'global_request_id, created_at, id'})
