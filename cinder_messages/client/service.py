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

"""Messages over HTTP, from this service or from any Cinder since 3.5.

Requests carry their own version header, so neither a setting of the user nor
version discovery matters. The header names the opt-in item ``user-messages``;
only a service that has it repeats it in its answers.
"""

from collections.abc import Iterator, Mapping
import typing
from urllib import parse as urlparse

from keystoneauth1 import exceptions as auth_exceptions

from cinder_messages.client import message as client_message
from cinder_messages.client import terminal

ITEM = 'user-messages'
VERSION_HEADER = 'OpenStack-API-Version'

# NOTE: 3.5 takes every filter that is needed here. From 3.31 on Cinder has a
# file in which a deployer can remove some of them.
MICROVERSION = '3.5'
_VERSIONS = f'volume {MICROVERSION}, {ITEM} 1.0'

PAGE_SIZE = 200

_NO_MESSAGES = (
    'The Block Storage service has no messages: it must support API '
    f'microversion {MICROVERSION} or newer.')


class Adapter(typing.Protocol):
    """The part of a keystoneauth adapter that is needed."""

    def get(self, url: str, **kwargs: typing.Any) -> typing.Any:
        """Send a GET request; return the response."""

    def delete(self, url: str, **kwargs: typing.Any) -> typing.Any:
        """Send a DELETE request; return the response."""


class ServiceError(Exception):
    """A request failed; the text is one line for the user.

    :ivar status: the HTTP status, or None without an answer
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(terminal.escape(text.strip()))
        self.status = status

    @property
    def transient(self) -> bool:
        """Return whether the same request can succeed later."""
        return self.status is None or self.status in (408, 429) or (
            self.status >= 500)


class MessageService:
    """The messages of a cloud.

    :param adapter: of the Block Storage service; it authenticates
    :param language: of the texts, as in Accept-Language; None leaves the
        choice to the service
    """

    def __init__(self, adapter: Adapter, language: str | None = None) -> None:
        self._adapter = adapter
        self._headers = {VERSION_HEADER: _VERSIONS}
        if language:
            self._headers['Accept-Language'] = language
        self._extended: bool | None = None

    @property
    def extended(self) -> bool:
        """Return whether the service has the opt-in fields and filters."""
        if self._extended is None:
            self._get('/messages', limit=0)
        return bool(self._extended)

    def pages(self, filters: Mapping[str, str], size: int = PAGE_SIZE,
              marker: str | None = None
              ) -> Iterator[list[client_message.Message]]:
        """Yield all pages of a list, each when it is needed.

        :param filters: parameters of the request besides limit and marker
        :param size: rows a request; the service may send fewer
        :param marker: id of the message after which the first page begins
        """
        parameters: dict[str, typing.Any] = {**filters, 'limit': size}
        while True:
            if marker:
                parameters['marker'] = marker
            body = self._get('/messages', **parameters)
            rows = body.get('messages') or []
            yield [client_message.parse(row) for row in rows]
            # NOTE: the marker alone; Cinder's next link keeps an offset
            # beside it and skips rows.
            if not rows or not body.get('messages_links'):
                return
            marker = rows[-1]['id']

    def list(self, filters: Mapping[str, str], size: int = PAGE_SIZE,
             marker: str | None = None) -> Iterator[client_message.Message]:
        """Yield all messages of a list; see :meth:`pages`."""
        for page in self.pages(filters, size, marker):
            yield from page

    def show(self, message_id: str) -> client_message.Message:
        """Return one message."""
        try:
            body = self._get(_path(message_id))
        except ServiceError as error:
            if error.status == 404:
                raise _missing(message_id) from None
            raise
        return client_message.parse(body.get('message') or {})

    def delete(self, message_id: str) -> None:
        """Delete one message."""
        try:
            self._request('delete', _path(message_id), {})
        except ServiceError as error:
            if error.status == 404:
                raise _missing(message_id) from None
            raise

    def _get(self, path: str, **parameters: typing.Any
             ) -> Mapping[str, typing.Any]:
        response = self._request('get', path, parameters)
        answered = response.headers.get(VERSION_HEADER) or ''
        self._extended = any(item.split()[:1] == [ITEM]
                             for item in answered.split(','))
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ServiceError(
                'The Block Storage service did not answer with JSON.')
        return body

    def _request(self, method: str, path: str,
                 parameters: Mapping[str, typing.Any]) -> typing.Any:
        try:
            response = getattr(self._adapter, method)(
                path, params=parameters, headers=dict(self._headers),
                microversion=MICROVERSION, raise_exc=False)
        except auth_exceptions.ConnectFailure as error:
            # NOTE: the error of the HTTP library follows.
            raise ServiceError(
                _first_line(error).partition(': HTTP')[0]) from error
        except auth_exceptions.ClientException as error:
            raise ServiceError(
                _first_line(error), getattr(error, 'http_status', None)
            ) from error
        if response.status_code >= 400:
            raise ServiceError(*_explain(response, path))
        return response


def _path(message_id: str) -> str:
    # NOTE: an id is one segment of the path, whatever is in it.
    if message_id.strip('.') == '':
        raise _missing(message_id)
    return '/messages/' + urlparse.quote(message_id, '', errors='replace')


def _missing(message_id: str) -> ServiceError:
    return ServiceError(f'There is no message with the id {message_id!r}.',
                        404)


def _explain(response: typing.Any, path: str) -> tuple[str, int]:
    """Return the line that explains an error, and its status."""
    status = response.status_code
    said = _fault(response)
    if status == 406 or (status == 404 and path == '/messages'
                         and 'arker' not in said):
        return _NO_MESSAGES, status
    if status == 401:
        return f'The Block Storage service refused the token. {said}', status
    if status == 403:
        return f'You may not do this. {said}', status
    if status >= 500:
        return (f'The Block Storage service failed with {status}. {said}',
                status)
    return f'The Block Storage service refused the request. {said}', status


def _fault(response: typing.Any) -> str:
    """Return the text of a fault in Cinder's format, or an empty string."""
    try:
        [fault] = response.json().values()
        return _first_line(fault['message'])
    except (AttributeError, KeyError, TypeError, ValueError):
        return ''


def _first_line(text: object) -> str:
    lines = str(text).strip().splitlines()
    return lines[0] if lines else type(text).__name__
