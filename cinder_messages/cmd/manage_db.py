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

"""cinder-messages-manage db: the database and its schema."""

from oslo_config import cfg

from cinder_messages.cmd import common
from cinder_messages.cmd import output
from cinder_messages import exception
from cinder_messages.storage import migrate


def sync(conf: cfg.ConfigOpts) -> int:
    """Bring the database to the schema of this version."""
    with common.database(conf) as engine:
        migrate.upgrade(engine)
    print(_at_head())
    return 0


def version(conf: cfg.ConfigOpts) -> int:
    """Print the revision of the database; "none" before the first sync."""
    with common.database(conf) as engine:
        revision = migrate.version(engine)
    output.answer(conf, revision or 'none', {
        'revision': revision, 'needed': migrate.head()})
    return 0


def check(conf: cfg.ConfigOpts) -> int:
    """Fail unless the database has the schema of this version."""
    try:
        common.check_database(conf)
    except exception.Error as exc:
        if conf.command.format == output.JSON:
            output.answer(conf, '', {'ready': False, 'problem': str(exc)})
        raise
    output.answer(conf, _at_head(), {'ready': True, 'problem': None})
    return 0


def _at_head() -> str:
    return f'The database is at revision {migrate.head()}, as it should be.'
