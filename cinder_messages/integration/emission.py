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

"""Cinder's own message API, made to report through our emitter.

Cinder has one class for it, ``cinder.message.api.API``, that all of its
services call. Its method ``create()`` is replaced; what a caller passes, and
that it never fails, stay.
"""

import logging
import typing

from cinder_messages import exception
from cinder_messages.message import api as message_api
from cinder_messages.message import message_field

LOG = logging.getLogger(__name__)

# How Cinder's database layer calls the look at a resource.
_GETTERS = {
    message_field.Resource.VOLUME: 'volume_get',
    message_field.Resource.VOLUME_SNAPSHOT: 'snapshot_get',
    message_field.Resource.VOLUME_BACKUP: 'backup_get',
}


def install() -> None:
    """Have Cinder's services report to us; harmless a second time.

    :raises InvalidConfiguration: ``[cinder_messages]`` of cinder.conf cannot
        work
    """
    from cinder.message import api as cinder_api
    original = cinder_api.API.create
    if hasattr(original, 'replaced'):
        return
    # NOTE: so that a mistake in the configuration stops the start.
    message_api.API()
    create.replaced = original  # type: ignore[attr-defined]
    cinder_api.API.create = create
    LOG.info('User messages are reported to cinder_messages.')


def uninstall() -> None:
    """Have Cinder store its messages itself again."""
    from cinder.message import api as cinder_api
    cinder_api.API.create = getattr(
        cinder_api.API.create, 'replaced', cinder_api.API.create)


def create(self: typing.Any, context: typing.Any,
           action: tuple[str, ...],
           resource_type: str = message_field.Resource.VOLUME,
           resource_uuid: str | None = None,
           exception: BaseException | None = None,
           detail: tuple[str, ...] | None = None,
           level: str = 'ERROR') -> None:
    """What ``cinder.message.api.API.create()`` does, and with its arguments.

    The detail is found by Cinder's own function. A report that our catalog
    does not permit, such as one of a later Cinder's, is logged and left out:
    it never fails the caller.

    :param action: of ``cinder.message.message_field.Action``, whose first
        item is the id
    :param detail: of its ``Detail``, likewise
    """
    from cinder.message import message_field as cinder_fields
    try:
        _report(context, action[0],
                cinder_fields.translate_detail_id(exception, detail),
                resource_type, resource_uuid,
                _owner(self.db, context, resource_type, resource_uuid), level)
    except Exception:
        LOG.exception('A user message of request %s could not be reported.',
                      context.request_id)


def _report(context: typing.Any, action: str, detail: str, resource_type: str,
            resource_uuid: str | None, owner: str, level: str) -> None:
    api = message_api.API()
    whatever = message_field.Detail.UNKNOWN_ERROR
    try:
        api.create_for_action(
            context, action, detail=detail, resource_type=resource_type,
            resource_uuid=resource_uuid, level=level, project_id=owner)
    except exception.EventNotPermitted:
        if detail == whatever:
            raise
        # NOTE: that something failed is better to know than nothing.
        LOG.warning('The detail %s is not permitted; the user is told of an '
                    'unknown error.', detail)
        api.create_for_action(
            context, action, detail=whatever, resource_type=resource_type,
            resource_uuid=resource_uuid, level=level, project_id=owner)


def _owner(db: typing.Any, context: typing.Any, resource_type: str,
           resource_uuid: str | None) -> str:
    """Whose resource failed: that project is to read the message.

    The context names another one only where an administrator acts on a
    tenant's resource, or Cinder on its own account; nobody else can. A
    resource that is gone, or that Cinder does not name, leaves the caller's.
    """
    getter = _GETTERS.get(resource_type)
    if getter and resource_uuid and (
            context.is_admin or not context.project_id):
        try:
            return getattr(db, getter)(
                context.elevated(read_deleted='yes'),
                resource_uuid).project_id
        except Exception as exc:
            LOG.warning('The owner of %s %s is not known (%s): the message '
                        'goes to the project of the request.', resource_type,
                        resource_uuid, type(exc).__name__)
    return context.project_id
