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

"""Report resources that wait for a service that is down.

A task of the scheduler looks once a minute. It reports a resource once for
each state: the id of the message is computed from the resource, the state and
the time of the change, so several schedulers report it once as well. It
changes nothing in Cinder.
"""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
import datetime
import types
import typing

from oslo_config import cfg
from oslo_service import periodic_task as oslo_periodic_task
from oslo_utils import timeutils

from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.integration import guard
from cinder_messages.integration import reporting
from cinder_messages.integration import restarts
from cinder_messages.integration import values
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_A, _D = message_field.Action, message_field.Detail

# Seconds between two looks.
SPACING = 60

# Rows of a query, and messages that a process remembers.
MAX_ROWS = 5000
MAX_REMEMBERED = 10000

_VOLUME_STATES = {
    'creating': None,   # By the source of the volume.
    'downloading': _A.COPY_IMAGE_TO_VOLUME,
    'uploading': _A.COPY_VOLUME_TO_IMAGE,
    'deleting': _A.DELETE_VOLUME,
    'unmanaging': _A.UNMANAGE_VOLUME,
    'extending': _A.EXTEND_VOLUME,
    'retyping': _A.RETYPE_VOLUME,
    'reverting': _A.REVERT_TO_SNAPSHOT,
    'managing': _A.MANAGE_EXISTING,
}
_MIGRATION_STATES = dict.fromkeys(
    ('starting', 'migrating', 'completing'), _A.MIGRATE_VOLUME)
_SNAPSHOT_STATES = {'creating': _A.SNAPSHOT_CREATE,
                    'deleting': _A.SNAPSHOT_DELETE,
                    'unmanaging': _A.UNMANAGE_SNAPSHOT}
_BACKUP_STATES = {'creating': _A.BACKUP_CREATE,
                  'deleting': _A.BACKUP_DELETE,
                  'restoring': _A.BACKUP_RESTORE}
_GROUP_STATES = {'creating': _A.GROUP_CREATE, 'deleting': _A.GROUP_DELETE,
                 'updating': _A.GROUP_UPDATE}
_GROUP_SNAPSHOT_STATES = {'creating': _A.GROUP_SNAPSHOT_CREATE,
                          'deleting': _A.GROUP_SNAPSHOT_DELETE}


class Kind(typing.NamedTuple):
    """A kind of resource that can be stuck.

    :ivar query: the function of ``cinder.db.api`` that lists it
    :ivar column: the column that holds the state
    :ivar actions: what is under way in each state
    :ivar parent: type and column of the resource that has the host, if not
        the row itself
    """

    resource_type: str
    query: str
    column: str
    actions: dict[str, typing.Any]
    binary: str = 'cinder-volume'
    parent: tuple[str, str] | None = None

    def place_of(self, row: typing.Any,
                 lookup: reporting.Lookup) -> typing.Any:
        """Return what has the host of a resource."""
        if self.parent is None:
            return row
        return lookup.find(self.parent[0], values.get(row, self.parent[1]))


KINDS = (
    Kind(resource_types.VOLUME, 'volume_get_all', 'status', _VOLUME_STATES),
    Kind(resource_types.VOLUME, 'volume_get_all', 'migration_status',
         _MIGRATION_STATES),
    Kind(resource_types.VOLUME_SNAPSHOT, 'snapshot_get_all', 'status',
         _SNAPSHOT_STATES, parent=(resource_types.VOLUME, 'volume_id')),
    Kind(resource_types.VOLUME_BACKUP, 'backup_get_all', 'status',
         _BACKUP_STATES, binary='cinder-backup'),
    Kind(resource_types.VOLUME_GROUP, 'group_get_all', 'status',
         _GROUP_STATES),
    Kind(resource_types.VOLUME_GROUP_SNAPSHOT, 'group_snapshot_get_all',
         'status', _GROUP_SNAPSHOT_STATES,
         parent=(resource_types.VOLUME_GROUP, 'group_id')),
)


class Finder:
    """Find resources that are stuck, and report each once.

    :param db: ``cinder.db.api``
    """

    def __init__(self, db: typing.Any) -> None:
        self._db = db
        self._reported: collections.OrderedDict[str, None] = (
            collections.OrderedDict())

    def report(self, context: typing.Any,
               is_up: typing.Callable[[str, str | None, str | None], bool],
               stuck_after: int) -> None:
        """Report what has been stuck for a number of seconds.

        :param context: of an administrator
        :param is_up: whether a service of a binary, host and cluster is up
        """
        before = timeutils.utcnow() - datetime.timedelta(seconds=stuck_after)
        lookup = reporting.Lookup(self._db, context)
        for kind in KINDS:
            for row in find_rows(self._db, context, kind):
                changed = row.updated_at or row.created_at
                if changed is None or changed.replace(tzinfo=None) > before:
                    continue
                place = kind.place_of(row, lookup)
                host = values.get(place, 'host')
                if host and not is_up(kind.binary, host.partition('#')[0],
                                      values.get(place, 'cluster_name')):
                    self._report(kind, row, changed)

    def _report(self, kind: Kind, row: typing.Any,
                changed: datetime.datetime) -> None:
        state = str(getattr(row, kind.column))
        id_ = message_id(kind, row, state, changed)
        if id_ in self._reported:
            return
        self._reported[id_] = None
        if len(self._reported) > MAX_REMEMBERED:
            self._reported.popitem(last=False)
        reporting.send(make_report(id_, kind, row, state, _D.SERVICE_DOWN))


def find_rows(db: typing.Any, context: typing.Any,
              kind: Kind) -> Iterable[typing.Any]:
    """Return the resources of a kind that are in a transitional state."""
    # NOTE: several states are a filter of volumes only.
    states = ([list(kind.actions)] if kind.query == 'volume_get_all'
              else kind.actions)
    return [row for state in states
            for row in getattr(db, kind.query)(
                context, filters={kind.column: state}, limit=MAX_ROWS,
                sort_keys=['created_at'], sort_dirs=['asc'])
            if not _is_part(kind, row)]


def _is_part(kind: Kind, row: typing.Any) -> bool:
    """Return whether another row stands for the same request."""
    migration = str(values.get(row, 'migration_status') or '')
    return migration.startswith('target:') or (
        kind.column == 'migration_status' and row.status == 'retyping')


def message_id(kind: Kind, row: typing.Any, state: str,
               changed: datetime.datetime) -> str:
    """Return the id of the one message about a state of a resource."""
    return reporting.shared_id(
        'stuck', kind.resource_type, row.id, state, changed.isoformat())


def make_report(id_: str, kind: Kind, row: typing.Any, state: str,
                detail: str) -> reporting.Report:
    """Return the report of a resource that remains in a state."""
    # NOTE: the request that is stuck is not known any more.
    return reporting.Report(
        types.SimpleNamespace(), kind.actions[state] or
        restarts.create_action_of(row), detail, kind.resource_type, row.id,
        project_id=row.project_id, message_id=id_)


def periodic_task() -> typing.Any:
    """Return the periodic task of the scheduler's manager."""

    @oslo_periodic_task.periodic_task(spacing=SPACING)
    def _report_stuck_resources(self: typing.Any,
                                context: typing.Any) -> None:
        try:
            _run(self)
        except Exception:
            guard.log_failure('look for resources that are stuck')
    return _report_stuck_resources


def _run(manager: typing.Any) -> None:
    emitter_conf.register_opts(cfg.CONF)
    stuck_after = cfg.CONF.cinder_messages.stuck_after
    if not stuck_after:
        return
    from cinder import context as cinder_context
    context = cinder_context.get_admin_context()
    finder = manager.__dict__.get('_stuck_finder')
    if finder is None:
        finder = manager._stuck_finder = Finder(manager.db)
    finder.report(context, Services(context).is_up, stuck_after)


class Services:
    """Services that are up, read once for each search."""

    def __init__(self, context: typing.Any) -> None:
        self._up = set(self._read(context))

    def any(self, binary: str) -> bool:
        """Return whether a service of a binary is up."""
        return any(up == binary for up, _ in self._up)

    def is_up(self, binary: str, host: str | None,
              cluster: str | None) -> bool:
        """Return whether a service can finish work of a host or cluster."""
        return (binary, host) in self._up or (
            bool(cluster) and (binary, cluster) in self._up)

    @staticmethod
    def _read(context: typing.Any) -> Iterator[tuple[str, str]]:
        from cinder import objects
        for service in objects.ServiceList.get_all(context):
            if service.is_up:
                yield service.binary, service.host
                if service.cluster_name:
                    yield service.binary, service.cluster_name
