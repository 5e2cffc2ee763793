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

"""index filters and sort keys that name many messages"""

from alembic import op

from cinder_messages.storage.migrations import online_ddl

revision = '8d2b6f03c9a1'
down_revision = '4c1f9a7be5d2'
branch_labels = None
depends_on = None


def upgrade():
    resource_type = 'resource_type'
    if op.get_context().dialect.name == 'postgresql':
        # NOTE: as the other databases have it.
        resource_type += ' NULLS FIRST'
    indexes = {}
    for name, column in (('event', 'event_id'), ('level', 'message_level'),
                         ('type', resource_type)):
        indexes[f'user_messages_project_{name}_idx'] = (
            f'project_id, deleted, {column}, created_at, id')
        indexes[f'user_messages_{name}_idx'] = f'{column}, created_at, id'
    online_ddl.create_indexes('user_messages', indexes)
