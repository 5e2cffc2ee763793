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

"""What alembic runs for each command; the caller brings the connection."""

from alembic import context

from cinder_messages.storage import migrate
from cinder_messages.storage import models


def _is_ours(name, kind, parent_names):
    return kind != 'table' or name in models.METADATA.tables


context.configure(
    connection=context.config.attributes['connection'],
    target_metadata=models.METADATA,
    version_table=migrate.VERSION_TABLE,
    include_name=_is_ours)

with context.begin_transaction():
    context.run_migrations()
