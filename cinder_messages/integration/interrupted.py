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

"""Report work of the volume service that its restart has ended for good.

Cinder's own clean-up repeats deletions and sets unfinished creations to an
error state. Everything else stays in its transitional state. A task looks
twice after a start: what was transitional at the first look, and is so at the
second one without a call in this process, has lost its call with the process
before. It changes nothing in Cinder.
"""

import typing

from oslo_config import cfg
from oslo_service import periodic_task as oslo_periodic_task

from cinder_messages.integration import begun_calls
from cinder_messages.integration import guard
from cinder_messages.integration import reporting
from cinder_messages.integration import stuck
from cinder_messages.integration import values
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_D = message_field.Detail

# Seconds between the two looks: time for calls that wait on the bus.
SPACING = 30

# What Cinder's clean-up takes care of.
_CLEANED = {
    resource_types.VOLUME: frozenset(('creating', 'downloading', 'deleting')),
    resource_types.VOLUME_SNAPSHOT: frozenset(('creating',)),
}

# Transitional states in which Nova may be at work on an attached volume.
_ATTACHED = frozenset(('extending', 'retyping', 'starting', 'migrating',
                       'completing'))

Found = tuple[stuck.Kind, typing.Any, str, typing.Any]


class Watch:
    """The two looks of a volume service after its start.

    :param manager: of the volume service
    """

    def __init__(self, manager: typing.Any) -> None:
        self._manager = manager
        self._candidates: dict[str, Found] | None = None
        # NOTE: another service of the cluster may be at work.
        self.is_over = bool(getattr(manager, 'cluster', None))
        if self.is_over:
            begun_calls.watched = None

    def look(self, context: typing.Any) -> None:
        """Look once; report at the second look."""
        calls = begun_calls.watched
        if calls is None or calls.is_full:
            self._end()
        elif self._candidates is None:
            self._candidates = self._find(context)
        elif (calls.running < _pool_size() and
                stuck.Services(context).any('cinder-scheduler')):
            # NOTE: otherwise calls may still wait.
            found = self._find(context)
            self._end()
            for id_ in self._candidates.keys() & found.keys():
                self._report(id_, *found[id_])

    def _end(self) -> None:
        self.is_over = True
        begun_calls.watched = None

    def _find(self, context: typing.Any) -> dict[str, Found]:
        """Return what is transitional and has no call, by message id."""
        found: dict[str, Found] = {}
        calls = begun_calls.watched
        lookup = reporting.Lookup(self._manager.db, context)
        for kind in stuck.KINDS:
            if kind.binary != 'cinder-volume':
                continue
            for row in stuck.find_rows(self._manager.db, context, kind):
                state = str(getattr(row, kind.column))
                place = kind.place_of(row, lookup)
                if (self._is_ours(place) and
                        not self._has_other_end(kind, row, place, state) and
                        not (calls and calls.has_begun(
                            (kind.resource_type, row.id)))):
                    changed = row.updated_at or row.created_at
                    id_ = stuck.message_id(kind, row, state, changed)
                    found[id_] = kind, row, state, changed
        return found

    def _is_ours(self, place: typing.Any) -> bool:
        host = values.get(place, 'host') or ''
        return host.partition('#')[0] == self._manager.host

    @staticmethod
    def _has_other_end(kind: stuck.Kind, row: typing.Any, place: typing.Any,
                       state: str) -> bool:
        """Return whether Cinder, Nova or another request ends the state."""
        if state in _CLEANED.get(kind.resource_type, ()):
            return True
        if kind.resource_type == resource_types.VOLUME_SNAPSHOT:
            return bool(values.get(row, 'group_snapshot_id') or
                        values.get(place, 'status') == 'deleting')
        return (state in _ATTACHED and
                values.get(row, 'attach_status') == 'attached')

    @staticmethod
    def _report(id_: str, kind: stuck.Kind, row: typing.Any, state: str,
                changed: typing.Any) -> None:
        reporting.send(stuck.make_report(
            id_, kind, row, state, _D.SERVICE_RESTARTED))


def _pool_size() -> int:
    """Return how many calls a service runs at once."""
    # NOTE: oslo.messaging registers the option when it starts a server.
    return getattr(cfg.CONF, 'executor_thread_pool_size', 64)


def periodic_task() -> typing.Any:
    """Return the periodic task of the volume service's manager."""

    @oslo_periodic_task.periodic_task(spacing=SPACING, run_immediately=True)
    def _report_interrupted_work(self: typing.Any,
                                 context: typing.Any) -> None:
        try:
            _run(self)
        except Exception:
            guard.log_failure('look for work that a restart has ended')
    return _report_interrupted_work


def _run(manager: typing.Any) -> None:
    watch = manager.__dict__.get('_restart_watch')
    if watch is None:
        watch = manager._restart_watch = Watch(manager)
    if not watch.is_over:
        from cinder import context as cinder_context
        watch.look(cinder_context.get_admin_context())
