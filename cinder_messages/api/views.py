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

"""What a user reads: the bodies of answers, and the links in them.

The keys are Cinder's and no more: its clients' schemas allow no other. An
optional field that is empty is left out, never null.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import datetime
from typing import Any
from urllib import parse as urlparse

from webob import request as webob_request

from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model

Body = dict[str, Any]


def base_url(environ: Mapping[str, Any], public_endpoint: str | None) -> str:
    """Where the API is reached, without a version and a slash at the end.

    :param public_endpoint: what the deployer says; None believes the request
    """
    if public_endpoint:
        return public_endpoint.rstrip('/')
    return webob_request.Request(environ).application_url.rstrip('/')


def _moment(value: datetime.datetime) -> datetime.datetime | str:
    # NOTE: orjson writes a datetime in a tenth of the time, but one without
    # microseconds without them, and Cinder always writes six digits.
    return value if value.microsecond else value.isoformat(
        'T', 'microseconds')


class MessageView:
    """Builds the bodies of one answer.

    :param catalog: knows the texts
    :param base: what :func:`base_url` says
    :param project_id: the one in the URL of the request, if there is one
    :param locale: of the texts; None is English
    """

    def __init__(self, catalog: message_catalog.Catalog, base: str,
                 project_id: str | None, locale: str | None = None) -> None:
        self._catalog = catalog
        self._locale = locale
        project = f'/{urlparse.quote(project_id, "")}' if project_id else ''
        self._collection = f'{base}/v3{project}/messages'
        # NOTE: a bookmark outlives what may change in a self link. Cinder's
        # leaves out /v3 and leads nowhere; ours leaves out the project.
        self._bookmark = f'{base}/v3/messages'

    def show(self, message: model.Message) -> Body:
        """The body of one message."""
        return {'message': self._message(message)}

    def index(self, messages: Sequence[model.Message],
              count: int | None = None,
              next_parameters: Mapping[str, str] | None = None) -> Body:
        """The body of a list.

        :param count: of all that match, if it was asked for
        :param next_parameters: those of the request if there is a next page
        """
        body: Body = {
            'messages': [self._message(message) for message in messages]}
        if next_parameters is not None:
            # NOTE: the marker says where the page ends; an offset beside it
            # would skip rows on every page.
            parameters = {name: value
                          for name, value in next_parameters.items()
                          if name not in ('marker', 'offset')}
            parameters['marker'] = messages[-1].id
            body['messages_links'] = [{
                'rel': 'next',
                'href': f'{self._collection}?{urlparse.urlencode(parameters)}',
            }]
        if count is not None:
            body['count'] = count
        return body

    def _message(self, message: model.Message) -> Body:
        body = {
            'id': message.id,
            'event_id': message.event_id,
            'user_message': self._catalog.text(
                message.event_id, self._locale, message.count),
            'message_level': message.message_level,
            'created_at': _moment(message.created_at),
            'links': [
                {'rel': 'self', 'href': f'{self._collection}/{message.id}'},
                {'rel': 'bookmark', 'href': f'{self._bookmark}/{message.id}'},
            ],
        }
        if message.expires_at:
            body['guaranteed_until'] = _moment(message.expires_at)
        if message.request_id:
            body['request_id'] = message.request_id
        if message.resource_type:
            body['resource_type'] = message.resource_type
        if message.resource_uuid:
            body['resource_uuid'] = message.resource_uuid
        return body
