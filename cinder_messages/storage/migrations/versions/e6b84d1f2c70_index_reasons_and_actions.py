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

"""index the columns that the filters reason and action compare"""

from cinder_messages.storage.migrations import online_ddl

revision = 'e6b84d1f2c70'
down_revision = 'a3f5c20d7b46'
branch_labels = None
depends_on = None


def upgrade():
    indexes = {}
    for name in 'detail', 'action':
        indexes[f'user_messages_project_{name}_idx'] = (
            f'project_id, deleted, {name}_id, created_at, id')
        indexes[f'user_messages_{name}_idx'] = f'{name}_id, created_at, id'
    online_ddl.create_indexes('user_messages', indexes)
