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

"""Run migrations on the connection of the caller; alembic loads this."""

from alembic import context

from cinder_messages.storage import migrate
from cinder_messages.storage import models


def _is_ours(name, kind, parent_names):
    return kind != 'table' or name in models.METADATA.tables


def _is_compared(item, name, kind, is_reflected, counterpart):
    # NOTE: of NULLS FIRST in an index, the comparison sees one side only.
    return (kind != 'index' or name not in models.NULLS_FIRST_INDEXES or
            connection.dialect.name != 'postgresql')


connection = context.config.attributes['connection']
context.configure(
    connection=connection,
    target_metadata=models.METADATA,
    version_table=migrate.VERSION_TABLE,
    transaction_per_migration=True,
    include_name=_is_ours,
    include_object=_is_compared)

with context.begin_transaction():
    context.run_migrations()
