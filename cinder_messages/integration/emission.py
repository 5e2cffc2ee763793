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

"""Send what Cinder reports itself to our emitter.

All of Cinder's services report through one class,
``cinder.message.api.API``. Its method ``create()`` is replaced; its arguments
stay, and it still never raises.
"""

import logging
import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import reporting
from cinder_messages.message import api as message_api
from cinder_messages.message import message_field

LOG = logging.getLogger(__name__)


def install() -> None:
    """Send Cinder's reports to us; a second call has no effect.

    :raises InvalidConfiguration: ``[cinder_messages]`` of cinder.conf is
        invalid
    """
    from cinder.message import api as cinder_api
    original = cinder_api.API.create
    if hasattr(original, 'replaced'):
        return
    # NOTE: so that an invalid configuration stops the service at its start.
    message_api.API()
    create.replaced = original  # type: ignore[attr-defined]
    cinder_api.API.create = create
    LOG.info('User messages are reported to cinder_messages.')


def uninstall() -> None:
    """Let Cinder store its messages itself again."""
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
    """Do what ``cinder.message.api.API.create()`` does.

    Cinder's own function selects the detail. A report that our catalog does
    not permit, such as one of a later Cinder, is logged and dropped.

    :param action: of ``cinder.message.message_field.Action``; its first item
        is the id
    :param detail: of ``cinder.message.message_field.Detail``, likewise
    """
    from cinder.message import message_field as cinder_fields
    try:
        report = reporting.Report(
            context, action[0],
            cinder_fields.translate_detail_id(exception, detail),
            resource_type, resource_uuid, level, error=exception,
            project_id=reporting.owner(
                self.db, context, resource_type, resource_uuid))
        call = coverage.current()
        if call is None:
            reporting.deliver(report)
        else:
            call.take(report)
    except Exception:
        LOG.exception('A user message of request %s could not be reported.',
                      context.request_id)
