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

"""Cinder's table full of messages, and the same in ours by one statement."""

FILL = """
    INSERT INTO messages (id, project_id, request_id, resource_type,
        resource_uuid, event_id, message_level, created_at, deleted,
        expires_at, detail_id, action_id)
    SELECT {id}, CASE WHEN MOD(seq, 5) = 0 THEN '{project}'
            ELSE CONCAT('abc', MOD(seq, 99)) END,
        CONCAT('req-', {id}), 'VOLUME', {id}, 'VOLUME_VOLUME_001_003', 'ERROR',
        {created_at}, false, '2099-01-01', '003', '001' FROM {numbers}"""
COPY = """
    INSERT INTO user_messages (id, project_id, request_id, resource_type,
        resource_uuid, event_id, message_level, created_at, deleted,
        expires_at, detail_id, action_id)
    SELECT id, project_id, request_id, resource_type, resource_uuid, event_id,
        message_level, created_at, deleted, expires_at, detail_id, action_id
    FROM messages"""
WORDS = {
    'mysql': {
        'id': 'UUID()', 'numbers': 'seq_1_to_{count}',
        'created_at': "TIMESTAMP('2026-11-01') - INTERVAL seq SECOND",
        'analyze': 'ANALYZE TABLE {table}'},
    'postgresql': {
        'id': 'gen_random_uuid()',
        'numbers': 'generate_series(1, {count}) AS t(seq)',
        'created_at': "TIMESTAMP '2026-11-01' - seq * INTERVAL '1 second'",
        'analyze': 'ANALYZE {table}'}}


def fill(engine, backend, count, project):
    """Have Cinder's table hold ``count`` rows, a fifth of them of a project.

    :param backend: ``mysql`` or ``postgresql``
    """
    words = {name: word.format(count=count, table='messages')
             for name, word in WORDS[backend].items()}
    with engine.begin() as connection:
        connection.exec_driver_sql('DELETE FROM messages')
        connection.exec_driver_sql(FILL.format(project=project, **words))
    _execute(engine, words['analyze'])


def copy(engine, backend):
    """Have our table, in the same database, hold the same and nothing else."""
    with engine.begin() as connection:
        connection.exec_driver_sql('DELETE FROM user_messages')
        connection.exec_driver_sql(COPY)
    _execute(engine, WORDS[backend]['analyze'].format(table='user_messages'))


def _execute(engine, statement):
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
