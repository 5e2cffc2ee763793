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

"""Changes to a table that is in use: for revisions, which alembic runs.

Nobody who reads or writes waits longer than for a short lock; what was
interrupted is taken up by running the revision again.
"""

from alembic import op
import sqlalchemy as sa

# Of an index: whether it is whole.
_EXISTING = '''
    SELECT relname, indisvalid FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = CAST(:table AS regclass)'''


def add_columns(table: str, *columns: sa.Column) -> None:
    """Add the columns that the table does not have yet.

    :param columns: nullable and without a server default, so that no database
        writes the existing rows again
    """
    existing = {column['name']
                for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in existing:
            op.add_column(table, column)


def create_indexes(table: str, indexes: dict[str, str]) -> None:
    """Create those that are not there yet.

    :param indexes: the columns of each, separated by commas, by name
    """
    dialect = op.get_context().dialect.name
    if dialect == 'postgresql':
        # NOTE: CONCURRENTLY works in no transaction.
        with op.get_context().autocommit_block():
            _create_concurrently(table, indexes)
        return
    options = '' if dialect == 'sqlite' else ' ALGORITHM=INPLACE LOCK=NONE'
    existing = {index['name']
                for index in sa.inspect(op.get_bind()).get_indexes(table)}
    for name, columns in indexes.items():
        if name not in existing:
            op.execute(f'CREATE INDEX {name} ON {table} ({columns}){options}')


def _create_concurrently(table: str, indexes: dict[str, str]) -> None:
    existing = {name: is_valid for name, is_valid in op.get_bind().execute(
        sa.text(_EXISTING), {'table': table})}
    for name, columns in indexes.items():
        if existing.get(name):
            continue
        if name in existing:
            # NOTE: left behind half built; nobody reads it.
            op.execute(f'DROP INDEX CONCURRENTLY {name}')
        op.execute(f'CREATE INDEX CONCURRENTLY {name} ON {table} ({columns})')
