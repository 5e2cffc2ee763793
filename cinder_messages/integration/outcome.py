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

"""Decide what is reported after a covered call, and report it.

One message for each resource that failed and that Cinder has not reported
itself; none for a call that succeeded.
"""

import typing

from cinder_messages.integration import choice
from cinder_messages.integration import coverage
from cinder_messages.integration import reasons
from cinder_messages.integration import reporting
from cinder_messages.integration import values
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

_A, _D = message_field.Action, message_field.Detail

# Messages of one call; one more says how many resources are left out.
MAX_MESSAGES = 50

_TARGET = 'target:'


def finish(call: coverage.Call, exc: Exception | None) -> None:
    """Report the failures of a call.

    :param exc: what left the method; None if it returned
    """
    rule = call.rule
    if rule.is_internal(call):
        return
    swallowed = rule.swallowed(call) if exc is None else None
    in_error = call.in_error()
    main = call.key
    main_failed = main is not None and bool(
        main in in_error or swallowed or call.swallowed or
        (exc is not None and rule.is_final(call)))
    if not main_failed and (main is not None or not in_error):
        # NOTE: without a failure of its own resource the request succeeded,
        # but for what it leaves behind.
        in_error = {key: columns for key, columns in in_error.items()
                    if rule.member_action is not None}
        if not in_error:
            return
    if main_failed:
        call.release()
    _Outcome(call, exc or call.swallowed, swallowed).report(
        main if main_failed else None,
        sorted(key for key in in_error if key != main))


class _Outcome:
    """The reports of one call.

    :param error: what was raised or swallowed, if known
    :param swallowed: the detail of a failure without an exception
    """

    def __init__(self, call: coverage.Call, error: BaseException | None,
                 swallowed: str | None) -> None:
        self._call = call
        self._error = error
        self._action = call.rule.action_of(call)
        self._detail = (swallowed or call.carried_detail or
                        choice.choose_detail(call, error))
        self._context = _context_of(call)
        self._lookup = reporting.Lookup(_database(call), self._context)

    def report(self, main: coverage.Key | None,
               members: list[coverage.Key]) -> None:
        """Report the resource of the call and then the other ones."""
        if main is not None and main not in self._call.reported:
            reporting.send(self._of_main(main))
        left = [key for key in members if key not in self._call.reported]
        for key in left[:MAX_MESSAGES - 1]:
            member = self._of_member(key)
            if member is not None:
                reporting.send(member)
        self._report_number(main, left[MAX_MESSAGES - 1:])

    def _of_main(self, key: coverage.Key) -> reporting.Report:
        call = self._call
        source = self._source_of(*key, call.resource)
        if source is not None:
            return self._of_migration(key, source)
        message_id = None
        if call.target_id:
            message_id = reporting.shared_id(key[1], call.target_id)
        project = (call.rule.reader(call) or
                   values.get(call.resource, 'project_id') or
                   self._owner(key))
        return self._make(key, self._action, self._detail, project,
                          message_id=message_id)

    def _of_member(self, key: coverage.Key) -> reporting.Report | None:
        rule = self._call.rule
        # NOTE: what Cinder makes for itself has no quota; the request that
        # needs it reports the failure.
        if (self._source_of(*key, None) is not None or
                values.get(self._lookup.find(*key), 'use_quota') is False):
            return None
        return self._make(key, rule.member_action or self._action,
                          self._member_detail(key), self._owner(key))

    def _member_detail(self, key: coverage.Key) -> str:
        call = self._call
        if self._is_not_replicated(key):
            return _D.NOT_REPLICATED
        main = call.reported.get(call.key or ('', ''))
        if call.rule.member_detail is None:
            return main.detail if main else self._detail
        return (reasons.detail_of(self._error, call.rule.details) or
                call.rule.member_detail)

    def _is_not_replicated(self, key: coverage.Key) -> bool:
        """Return whether a volume, or that of a snapshot, has no replica."""
        if key[0] == resource_types.VOLUME_SNAPSHOT:
            key = resource_types.VOLUME, values.get(
                self._lookup.find(*key), 'volume_id')
        return self._call.states.get(key, {}).get(
            'replication_status') == 'not-capable'

    def _of_migration(self, target: coverage.Key,
                      source_id: str) -> reporting.Report:
        """Report a hidden volume as the failed migration of the user's own.

        The service of the source reports the same message a moment later and
        knows less.
        """
        key = resource_types.VOLUME, source_id
        found = self._lookup.find(*key)
        action = (_A.RETYPE_VOLUME if values.get(found, 'status') == 'retyping'
                  else _A.MIGRATE_VOLUME)
        return self._make(
            key, action, self._detail, self._owner(key),
            message_id=reporting.shared_id(source_id, target[1]))

    def _report_number(self, main: coverage.Key | None,
                       left: list[coverage.Key]) -> None:
        """Report how many resources have no message of their own."""
        numbers: dict[str, int] = {}
        if main is not None and left:
            numbers[self._owner(main)] = len(left)
        elif left:
            for key in left:
                owner = self._owner(key)
                numbers[owner] = numbers.get(owner, 0) + 1
        for project, number in numbers.items():
            key = main or (left[0][0], '')
            reporting.send(self._make(
                key, self._action, _D.MORE_RESOURCES_FAILED, project,
                count=number))

    def _source_of(self, resource_type: str, id_: str,
                   resource: typing.Any) -> str | None:
        """Return the volume that is being migrated to this one, if any."""
        if resource_type != resource_types.VOLUME:
            return None
        if resource is None or isinstance(resource, str):
            resource = self._lookup.find(resource_type, id_)
        status = values.get(resource, 'migration_status') or ''
        return status[len(_TARGET):] if status.startswith(_TARGET) else None

    def _owner(self, key: coverage.Key) -> str:
        return (values.get(self._lookup.find(*key), 'project_id') or
                self._context.project_id)

    def _make(self, key: coverage.Key, action: str, detail: str,
              project: str, **others: typing.Any) -> reporting.Report:
        return reporting.Report(
            self._context, action, detail, key[0], key[1] or None,
            project_id=project, **others)


def _context_of(call: coverage.Call) -> typing.Any:
    """Return the context of the request, or one of Cinder's own."""
    context = call.context
    if hasattr(context, 'request_id'):
        return context
    from cinder import context as cinder_context
    return cinder_context.get_admin_context()


def _database(call: coverage.Call) -> typing.Any:
    from cinder.db import api as db_api
    return getattr(call.manager, 'db', db_api)
