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

"""Report to a user why a request failed.

For example, where a driver's exception is caught::

    from cinder_messages.message import api as message_api
    from cinder_messages.message import message_field

    message_api.API().create_for_action(
        context, message_field.Action.EXTEND_VOLUME,
        resource_type=message_field.Resource.VOLUME,
        resource_uuid=volume.id,
        detail=message_field.Detail.DRIVER_FAILED_EXTEND)

Both methods return at once, without a broker, from any thread, green thread or
signal handler. They raise :class:`~cinder_messages.exception.InvalidMessage`
only, a programming error that the tests of the service find: an event that is
not permitted, an unknown level or resource type, no project.
"""

import datetime
import typing

from oslo_config import cfg
from oslo_utils import timeutils

from cinder_messages.emit import counters
from cinder_messages.emit import emitter
from cinder_messages.message import message_field
from cinder_messages.message import model


class API:
    """Reports messages. It is cheap: a service may make one for each report.

    :param conf: the configuration of the service; None is ``cfg.CONF``
    :raises InvalidConfiguration: an option of ``[cinder_messages]`` is invalid
    """

    def __init__(self, conf: cfg.ConfigOpts | None = None) -> None:
        self._emitter = emitter.for_process(cfg.CONF if conf is None else conf)

    def create(self, context: typing.Any, event_id: str, project_id: str,
               resource_type: str | None = None,
               resource_uuid: str | None = None,
               level: str = model.ERROR,
               message_id: str | None = None,
               count: int | None = None) -> str:
        """Report an event.

        :param context: the context of the failed request, any
            ``oslo_context`` RequestContext; its request ids are stored with
            the message, and its user if the request was made in the owner's
            project
        :param event_id: a constant of ``defined_messages``, or a composed id
        :param project_id: the owner of the resource, who can read the message
        :param resource_type: a constant of ``resource_types``
        :param resource_uuid: the id of the resource that failed
        :param level: ``ERROR``, ``WARNING`` or ``INFO``
        :param message_id: a UUID, for an event that several processes may
            report: the writer stores the first report with this id. None
            makes a new one.
        :param count: the number of failures that the message stands for;
            None is one
        :returns: the id of the message in the API
        :raises InvalidMessage: the report is not permitted
        """
        now = timeutils.utcnow()
        message = model.Message(
            id=message_id or model.make_id(now),
            project_id=project_id,
            event_id=event_id,
            message_level=level,
            resource_type=resource_type,
            resource_uuid=self._valid_id_or_none(
                'resource_uuid', resource_uuid),
            request_id=self._valid_id_or_none(
                'request_id', _read(context, 'request_id')),
            global_request_id=self._valid_id_or_none(
                'global_request_id',
                _read(context, 'global_request_id')),
            user_id=self._valid_id_or_none(
                'user_id', _actor(context, project_id)),
            host=self._emitter.host,
            created_at=now,
            count=count)
        self._emitter.emit(message)
        return message.id

    def create_for_action(self, context: typing.Any, action: str, *,
                          resource_type: str,
                          resource_uuid: str | None = None,
                          exception: BaseException | None = None,
                          detail: str | None = None,
                          level: str = model.ERROR,
                          project_id: str | None = None,
                          message_id: str | None = None,
                          count: int | None = None) -> str:
        """Report that an action on a resource failed, and why.

        :param action: a constant of ``message_field.Action``
        :param resource_type: a constant of ``message_field.Resource``
        :param exception: the exception that was caught; its class may select
            the detail, its text is never used
        :param detail: a constant of ``message_field.Detail``; the default if
            the exception selects none
        :param project_id: the owner; None is the project of the context
        :param message_id: as for :meth:`create`
        :param count: as for :meth:`create`
        :returns: the id of the message in the API
        :raises InvalidMessage: the report is not permitted
        """
        catalog = self._emitter.catalog
        detail = catalog.detail_for(
            exception, detail or message_field.Detail.UNKNOWN_ERROR)
        return self.create(
            context, catalog.compose(action, detail, resource_type),
            project_id or _read(context, 'project_id'),
            resource_type=resource_type, resource_uuid=resource_uuid,
            level=level, message_id=message_id, count=count)

    def flush(self, timeout: float) -> bool:
        """Wait until a writer has acknowledged all reports.

        For tests and for a process that ends; a service does not need it.

        :param timeout: seconds to wait at most
        :returns: False if a report waits still
        """
        return self._emitter.flush(timeout)

    @property
    def counters(self) -> counters.Counters:
        """The totals of this process, by result of the reports."""
        return self._emitter.counters

    @property
    def waiting_since(self) -> datetime.datetime | None:
        """The creation time of the oldest report without an acknowledgement.

        Naive UTC; None if all reports are acknowledged. Reads the journal.
        """
        return self._emitter.waiting_since

    def _valid_id_or_none(self, name: str, value: typing.Any) -> str | None:
        """Return an optional id as text, or None if it is no valid id."""
        if value is None:
            return None
        try:
            text = str(value)
        except Exception:
            text = ' '
        if not text:
            return None
        if not model.is_id(text):
            self._emitter.note(
                'A message is reported without its %s, which is not an id of '
                'at most 255 visible ASCII characters.', name)
            return None
        return text


def _read(context: typing.Any, name: str) -> typing.Any:
    """Return an attribute of a context; None if it cannot be read."""
    try:
        return getattr(context, name, None)
    except Exception:
        # NOTE: a property may raise after the failure that is reported.
        return None


def _actor(context: typing.Any, project_id: str) -> object:
    """Return the user of the request, if it was made in the owner's project.

    Readers of the project see the user. An administrator who works on the
    resource of a tenant does so in another project, and is not stored.
    """
    own = _read(context, 'project_id')
    if not isinstance(own, str) or own != project_id:
        return None
    return _read(context, 'user_id')
