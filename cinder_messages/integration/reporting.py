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

"""Send reports about Cinder's resources to their owners.

It looks up who owns a resource, and never decides whether something failed.
"""

import collections
import dataclasses
import logging
import time
import typing
import uuid

from cinder_messages import exception
from cinder_messages.integration import guard
from cinder_messages.message import api as message_api
from cinder_messages.message import message_field
from cinder_messages.message import resource_types

LOG = logging.getLogger(__name__)

# The functions of cinder.db.api that return a resource.
_GETTERS = {
    resource_types.VOLUME: 'volume_get',
    resource_types.VOLUME_SNAPSHOT: 'snapshot_get',
    resource_types.VOLUME_BACKUP: 'backup_get',
    resource_types.VOLUME_GROUP: 'group_get',
    resource_types.VOLUME_GROUP_SNAPSHOT: 'group_snapshot_get',
}

# For ids of messages that several processes may report.
_NAMESPACE = uuid.UUID('5e0f3d5c-7c1b-5d0a-9d62-63696e646572')


@dataclasses.dataclass(frozen=True)
class Report:
    """A failure to report.

    :ivar project_id: the owner; None is the project of the context
    :ivar error: what Cinder caught, if it told us
    :ivar count: how many failures this report stands for; None is one
    :ivar message_id: see :func:`shared_id`; None makes a new id
    """

    context: typing.Any
    action: str
    detail: str
    resource_type: str
    resource_uuid: str | None
    level: str = 'ERROR'
    project_id: str | None = None
    error: BaseException | None = None
    count: int | None = None
    message_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Type and id of the resource."""
        return self.resource_type, str(self.resource_uuid)

    def replace(self, **values: typing.Any) -> 'Report':
        """Return a copy with other values."""
        return dataclasses.replace(self, **values)


class Lookup:
    """Read resources of Cinder's database for a limited time.

    :param db: ``cinder.db.api``
    :param seconds: time for all look-ups; what is not read by then is
        treated as not found
    """

    def __init__(self, db: typing.Any, context: typing.Any,
                 seconds: float = 10.0) -> None:
        self._db = db
        self._context = context
        self._deadline = time.monotonic() + seconds
        self._found: dict[tuple[str, str], typing.Any] = {}

    def find(self, resource_type: str, id_: str | None) -> typing.Any:
        """Return the row of a resource, also of a deleted one, or None."""
        getter = _GETTERS.get(resource_type)
        if not getter or not id_ or time.monotonic() > self._deadline:
            return None
        key = resource_type, id_
        if key not in self._found:
            try:
                self._found[key] = getattr(self._db, getter)(
                    self._context.elevated(read_deleted='yes'), id_)
            except Exception as exc:
                LOG.warning('%s %s could not be read (%s). A message about '
                            'it goes to the project of the request.',
                            resource_type, id_, type(exc).__name__)
                self._found[key] = None
        return self._found[key]


class _Recent:
    """The last ids that this process has reported."""

    SIZE = 1000

    def __init__(self) -> None:
        self._ids: collections.OrderedDict[str, None] = (
            collections.OrderedDict())

    def seen(self, id_: str) -> bool:
        """Add an id; return whether it was there before."""
        if id_ in self._ids:
            return True
        self._ids[id_] = None
        if len(self._ids) > self.SIZE:
            self._ids.popitem(last=False)
        return False


_recent = _Recent()


def shared_id(*parts: object) -> str:
    """Return the id of a message that more than one process may report.

    The writer stores the first report with this id and ignores the others.
    """
    return str(uuid.uuid5(_NAMESPACE, '/'.join(str(part) for part in parts)))


def owner(db: typing.Any, context: typing.Any, resource_type: str,
          resource_uuid: str | None) -> str:
    """Return the project that owns the resource.

    It differs from the project of the context only if an administrator or
    Cinder itself acts on a resource of a user.
    """
    if resource_uuid and (context.is_admin or not context.project_id):
        found = Lookup(db, context).find(resource_type, resource_uuid)
        if found is not None:
            return found.project_id
    return context.project_id


def send(report: Report) -> None:
    """Hand a report to the emitter; log what fails and never raise."""
    try:
        deliver(report)
    except Exception:
        guard.log_failure('report a user message')


def deliver(report: Report) -> None:
    """Hand a report to the emitter, once for each id that is given.

    A detail that the catalog does not permit, such as one of a later Cinder,
    becomes an unknown error: a vague message is better than none.

    :raises InvalidMessage: the action or type is not permitted
    """
    if report.message_id and _recent.seen(report.message_id):
        return
    try:
        _create(report)
    except exception.EventNotPermitted:
        if report.detail == message_field.Detail.UNKNOWN_ERROR:
            raise
        LOG.warning('The detail %s is not permitted; the user reads an '
                    'unknown error instead.', report.detail)
        _create(report.replace(detail=message_field.Detail.UNKNOWN_ERROR))


def _create(report: Report) -> None:
    message_api.API().create_for_action(
        report.context, report.action, detail=report.detail,
        resource_type=report.resource_type,
        resource_uuid=report.resource_uuid, level=report.level,
        project_id=report.project_id, message_id=report.message_id,
        count=report.count)
