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

"""Route a path and a method to a handler, from a microversion on.

Public paths, which require no token, are in ``app.py``.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import Any

import routes
from webob import response

from cinder_messages.api import errors
from cinder_messages.api import middleware
from cinder_messages.api import versions
from cinder_messages import context as request_context
from cinder_messages import i18n
from cinder_messages.i18n import N_


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """A path and its handlers.

    :ivar path: in the notation of Routes
    :ivar actions: the name of the handler for each method
    :ivar since: the first microversion with the path
    """

    path: str
    actions: Mapping[str, str]
    since: versions.Version


_COLLECTION = {'GET': 'index'}
_MEMBER = {'GET': 'show', 'DELETE': 'delete'}

ROUTES = (
    Route('/v3/{project_id}/messages', _COLLECTION, versions.MESSAGES),
    Route('/v3/{project_id}/messages/{id}', _MEMBER, versions.MESSAGES),
    # NOTE: Cinder added these at 3.67 and serves them at every version.
    Route('/v3/messages', _COLLECTION, versions.MESSAGES),
    Route('/v3/messages/{id}', _MEMBER, versions.MESSAGES),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A request, as a handler receives it.

    :ivar project_id: the project in the URL, if any
    :ivar message_id: the message in the URL; empty for a list
    :ivar opt_in: the version of the opt-in fields; None without them
    """

    environ: dict[str, Any]
    context: request_context.RequestContext
    version: versions.Version
    project_id: str | None = None
    message_id: str = ''
    opt_in: versions.Version | None = None


Handler = Callable[[Request], response.Response]


class Router:
    """A WSGI application that calls the handlers of a controller.

    :param controller: has a method for each action of :data:`ROUTES`
    """

    def __init__(self, controller: object) -> None:
        # NOTE: Routes matches paths only. It would not match a wrong method,
        # which must be a 405 with the permitted methods.
        self._mapper = routes.Mapper(controller_scan=None, register=False)
        self._routes = {}
        for route in ROUTES:
            # NOTE: the response is JSON for every suffix and Accept.
            self._mapper.connect(route.path, route.path + '{.format:json}')
            handlers = {method: getattr(controller, action)
                        for method, action in route.actions.items()}
            # NOTE: the server or WebOb omits the body.
            handlers['HEAD'] = handlers['GET']
            self._routes[route.path] = (route.since, handlers)
        self._mapper.create_regs([])

    def __call__(self, environ: dict[str, Any],
                 start_response: Callable[..., Any]) -> Iterable[bytes]:
        version = environ[middleware.VERSION]
        match, handlers = self.match(middleware.path_of(environ), version)
        handler = handlers.get(environ['REQUEST_METHOD'])
        if handler is None:
            raise errors.HTTPError(
                405, headers={'Allow': ', '.join(sorted(handlers))})
        answer = handler(Request(
            environ, environ[middleware.CONTEXT], version,
            match.get('project_id'), match.get('id', ''),
            environ.get(middleware.OPT_IN)))
        return answer(environ, start_response)

    def match(self, path: str, version: versions.Version
              ) -> tuple[dict[str, str], dict[str, Handler]]:
        """Return the parameters of a path and the handlers of its methods.

        :raises HTTPError: the path does not exist at this version
        """
        # NOTE: "$" in the patterns of Routes ignores a trailing line feed, so
        # control characters are rejected here.
        found = path.isprintable() and self._mapper.routematch(path)
        if found:
            match, route = found
            since, handlers = self._routes[route.name]
            if version >= since:
                return match, handlers
            raise errors.HTTPError(404, i18n.Text(
                N_('The resource could not be found. It exists from '
                   'microversion %(since)s on: send the header '
                   '"%(header)s: %(service_type)s %(since)s", or a later '
                   'version.'), header=versions.HEADER,
                service_type=versions.SERVICE_TYPE,
                since=versions.to_string(since)))
        raise errors.HTTPError(404)
