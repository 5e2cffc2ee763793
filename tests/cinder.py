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

"""A database as Cinder 29 has it, as far as its messages go."""

import datetime
import uuid

import fixtures
from oslo_utils import timeutils
import sqlalchemy as sa

from tests import database

# What Cinder's own migrations make; DATETIME is TIMESTAMP on PostgreSQL.
MESSAGES = """
    CREATE TABLE messages (
        id VARCHAR(36) NOT NULL PRIMARY KEY,
        project_id VARCHAR(255) NOT NULL,
        request_id VARCHAR(255),
        resource_type VARCHAR(36),
        resource_uuid VARCHAR(255),
        event_id VARCHAR(255) NOT NULL,
        message_level VARCHAR(255) NOT NULL,
        created_at {moment},
        updated_at {moment},
        deleted_at {moment},
        deleted BOOLEAN,
        expires_at {moment},
        detail_id VARCHAR(10),
        action_id VARCHAR(10)
    ){options}"""
INDEX = 'CREATE INDEX ix_messages_expires_at ON messages (expires_at)'
OPTIONS = {'mysql': " ENGINE=InnoDB DEFAULT CHARSET=utf8"}
MOMENT = {'postgresql': 'TIMESTAMP WITHOUT TIME ZONE'}


def create_table(backend):
    """The statement that makes the table on a kind of database."""
    return MESSAGES.format(moment=MOMENT.get(backend, 'DATETIME'),
                           options=OPTIONS.get(backend, ''))


class CinderFixture(fixtures.Fixture):
    """An empty database with the table ``messages`` of Cinder 29.

    :param backend: see :class:`tests.database.DatabaseFixture`
    :ivar url: of the database
    """

    def __init__(self, backend):
        self._backend = backend

    def _setUp(self):
        self.url = self.useFixture(
            database.DatabaseFixture(self._backend)).url
        self.engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        self.execute(create_table(self._backend))
        self.execute(INDEX)

    def execute(self, statement, rows=None):
        """Run one statement, for each of the rows if there are any."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), rows)

    def insert(self, *rows):
        """Put rows, dictionaries of one form, into the table."""
        names = ', '.join(rows[0])
        values = ', '.join(f':{name}' for name in rows[0])
        self.execute(
            f'INSERT INTO messages ({names}) VALUES ({values})', rows)


def make_row(**values):
    """A row as Cinder 29 makes it when a volume cannot be scheduled."""
    now = timeutils.utcnow().replace(microsecond=0)
    return {
        'id': str(uuid.uuid4()), 'project_id': 'project-own',
        'request_id': f'req-{uuid.uuid4()}', 'resource_type': 'VOLUME',
        'resource_uuid': str(uuid.uuid4()),
        'event_id': 'VOLUME_VOLUME_001_003', 'action_id': '001',
        'detail_id': '003', 'message_level': 'ERROR', 'created_at': now,
        'expires_at': now + datetime.timedelta(days=30), 'deleted': False,
        **values}
