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


"""Differences between the table in the database and the one that we need.

Only differences that can keep a message from being stored are reported; an
index or a nullable column that a site has added does not matter.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import typing

import sqlalchemy as sa

from cinder_messages.storage import errors
from cinder_messages.storage import models

_TABLE = models.MESSAGES


def differences(engine: sa.Engine) -> list[str]:
    """Return one phrase for each difference.

    :raises DatabaseUnavailable: the schema cannot be read
    """
    with errors.translate_errors():
        inspector = sa.inspect(engine)
        if not inspector.has_table(_TABLE.name):
            return ['the table is missing']
        actual = {column['name']: column
                  for column in inspector.get_columns(_TABLE.name)}
        constraints = inspector.get_check_constraints(_TABLE.name)
        uniques = [unique['column_names'] for unique in
                   inspector.get_indexes(_TABLE.name) if unique['unique']]
    found = [*_compare_columns(actual)]
    found += [f'CHECK constraint {constraint["name"]} ({_text(constraint)})'
              for constraint in constraints]
    found += [f'UNIQUE index on {", ".join(filter(None, names))}'
              for names in uniques]
    return found


def describe(found: Sequence[str]) -> str:
    """Return a sentence that names the differences and the remedy."""
    return (f'table {_TABLE.name} differs from what this version needs: '
            f'{"; ".join(found)}. Undo what was changed by hand, and run: '
            'cinder-messages-manage db sync')


def _compare_columns(actual: typing.Mapping[str, typing.Any]
                     ) -> Iterator[str]:
    for column in _TABLE.columns:
        there = actual.get(column.name)
        if there is None:
            yield f'column {column.name} is missing'
            continue
        needed = getattr(column.type, 'length', None)
        length = getattr(there['type'], 'length', None)
        if needed and length and length < needed:
            yield (f'column {column.name} holds {length} characters instead '
                   f'of {needed}')
        if column.nullable and not there['nullable']:
            yield f'column {column.name} is NOT NULL'
    for name, there in actual.items():
        if (name not in _TABLE.columns and not there['nullable'] and
                there.get('default') is None and
                not there.get('autoincrement') is True and
                not there.get('computed')):
            yield f'column {name} is NOT NULL without a default'


def _text(constraint: typing.Mapping[str, typing.Any]) -> str:
    return ' '.join(str(constraint['sqltext']).split())[:80]
