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

"""Build the bodies of responses.

Without the opt-in item, the keys are Cinder's: the schemas of its clients
allow no other. Empty optional fields are omitted, never null.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import datetime
import functools
import re
from typing import Any
from typing import NamedTuple
from urllib import parse as urlparse

from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model

Body = dict[str, Any]

# The opt-in fields that come from the catalog.
_PARTS = ('action', 'reason', 'action_text', 'detail', 'remedy', 'retry')

_PORTS = {'http': '80', 'https': '443'}

# A host of a URL, perhaps with a port.
_HOST = re.compile(r'([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?')

# Characters of a path besides letters and digits that are not quoted.
_PATH_SAFE = "/~!$&'()*+,;=:@"


def base_url(environ: Mapping[str, Any], public_endpoint: str | None) -> str:
    """Return the URL of the API, without a version and a slash at the end.

    Chained proxies make lists of the scheme and the host. The first item
    counts, which the proxy next to the client has set.

    :param public_endpoint: the configured URL; None takes that of the request
    """
    if public_endpoint:
        return public_endpoint.rstrip('/')
    scheme = _first_item(environ['wsgi.url_scheme']).lower()
    host = _first_item(environ.get('HTTP_HOST', ''))
    if not _HOST.fullmatch(host):
        host = _server_address(environ, scheme)
    path = urlparse.quote(
        environ.get('SCRIPT_NAME', ''), _PATH_SAFE, encoding='latin-1',
        errors='replace')
    path = '/'.join(filter(None, path.split('/')))
    return (f'{scheme if scheme in _PORTS else "http"}://'
            f'{host.removesuffix(":" + _PORTS.get(scheme, "80"))}'
            f'{"/" + path if path else ""}')


def _first_item(value: str) -> str:
    return value.partition(',')[0].strip().strip('"')


def _server_address(environ: Mapping[str, Any], scheme: str) -> str:
    """Return the address of the server, for a request without a host."""
    name = environ['SERVER_NAME']
    if ':' in name and not name.startswith('['):
        name = f'[{name}]'
    return f'{name}:{environ["SERVER_PORT"]}'


def _moment(value: datetime.datetime) -> datetime.datetime | str:
    # NOTE: orjson writes a datetime in a tenth of the time, but one without
    # microseconds without them, and Cinder always writes six digits.
    return value if value.microsecond else value.isoformat(
        'T', 'microseconds')


class OptIn(NamedTuple):
    """Conditions for the opt-in fields of a response.

    :ivar allows_actor: returns whether the caller may read ``user_id`` in
        messages of a project
    :ivar allows_host: the same for ``host``
    :ivar help_url: page that has an anchor for each event; None for no link
    :ivar shows_project: whether messages have ``project_id``: in lists of
        administrators that can contain other projects
    """

    allows_actor: Callable[[str], bool]
    allows_host: Callable[[str], bool]
    help_url: str | None = None
    shows_project: bool = False


@functools.lru_cache(maxsize=4096)
def _parts(explanation: message_catalog.Explanation) -> Body:
    return {name: value for name in _PARTS
            if (value := getattr(explanation, name))}


class MessageView:
    """Builds the bodies of one response.

    :param catalog: provides the texts
    :param base: the result of :func:`base_url`
    :param project_id: the project in the URL of the request, if any
    :param locale: of the texts; None is English
    :param opt_in: adds the opt-in fields; None leaves them out
    """

    def __init__(self, catalog: message_catalog.Catalog, base: str,
                 project_id: str | None, locale: str | None = None,
                 opt_in: OptIn | None = None) -> None:
        self._catalog = catalog
        self._locale = locale
        self._opt_in = opt_in
        project = f'/{urlparse.quote(project_id, "")}' if project_id else ''
        self._collection = f'{base}/v3{project}/messages'
        # NOTE: a bookmark outlives what may change in a self link. Cinder's
        # leaves out /v3 and leads nowhere; ours leaves out the project.
        self._bookmark = f'{base}/v3/messages'

    def show(self, message: model.Message) -> Body:
        """Return the response body of one message."""
        return {'message': self._message(message)}

    def index(self, messages: Sequence[model.Message],
              count: int | None = None,
              next_parameters: Mapping[str, str] | None = None) -> Body:
        """Return the response body of a list.

        :param count: number of all matching messages; None omits it
        :param next_parameters: query parameters of the next page; None if
            this is the last page
        """
        body: Body = {
            'messages': [self._message(message) for message in messages]}
        if next_parameters is not None:
            parameters = {**next_parameters, 'marker': messages[-1].id}
            # NOTE: the marker says where the page ends. An offset beside it
            # would skip rows on every page; openstacksdk merges a link over
            # the parameters before, and so has to be told of none.
            if 'offset' in parameters:
                parameters['offset'] = '0'
            body['messages_links'] = [{
                'rel': 'next',
                'href': f'{self._collection}?{urlparse.urlencode(parameters)}',
            }]
        if count is not None:
            body['count'] = count
        return body

    def _message(self, message: model.Message) -> Body:
        quoted_id = urlparse.quote(message.id, '')
        body = {
            'id': message.id,
            'event_id': message.event_id,
            'user_message': self._catalog.text(
                message.event_id, self._locale, message.count),
            'message_level': message.message_level,
            'created_at': _moment(message.created_at),
            'links': [
                {'rel': 'self', 'href': f'{self._collection}/{quoted_id}'},
                {'rel': 'bookmark', 'href': f'{self._bookmark}/{quoted_id}'},
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
        if self._opt_in is not None:
            self._add_opt_in(self._opt_in, body, message)
        return body

    def _add_opt_in(self, opt_in: OptIn, body: Body,
                    message: model.Message) -> None:
        explanation = self._catalog.explain(
            message.event_id, self._locale, message.count)
        body.update(_parts(explanation))
        if message.action_id:
            body['action_id'] = message.action_id
        if message.detail_id:
            body['detail_id'] = message.detail_id
        if message.global_request_id:
            body['global_request_id'] = message.global_request_id
        if message.count is not None:
            body['count'] = message.count
        # NOTE: an older emitter sends no host, and names an administrator who
        # works on the resource of a tenant.
        if (message.user_id and message.host and
                opt_in.allows_actor(message.project_id)):
            body['user_id'] = message.user_id
        if message.host and opt_in.allows_host(message.project_id):
            body['host'] = message.host
        if opt_in.shows_project:
            body['project_id'] = message.project_id
        if opt_in.help_url:
            body['links'].append({
                'rel': 'help',
                'href': f'{opt_in.help_url}#{explanation.event_id}'})
