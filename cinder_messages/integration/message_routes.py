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

"""Tell which requests Cinder would route to its messages controller.

Cinder's own mapper decides, so that nothing that it routes there is missed:
its patterns overlook a trailing line feed, for example, and take the method
from the query string. What to do with such a request is up to ``filter.py``.
"""

import contextlib
import re
from typing import Any

from oslo_config import cfg
from oslo_utils import importutils
import routes
from webob import request as webob_request

# In the path of every route to messages.
_WORD = 'messages'

# Methods of the routes to messages.
_METHODS = ('GET', 'POST', 'PUT', 'DELETE')

_FORMS = ('application/x-www-form-urlencoded', 'multipart/form-data')


class MessageRoutes:
    """The requests that our application serves in Cinder's place.

    :param mapper: with Cinder's routes
    :param controller: of the routes to messages
    :param project_id_regex: of project ids in a URL
    """

    def __init__(self, mapper: routes.Mapper, controller: object,
                 project_id_regex: str) -> None:
        self._mapper = mapper
        self._controller = controller
        # NOTE: matches what Cinder routes nowhere, such as /messages.xml or
        # a PATCH: it gets our 404 or 405, which are JSON.
        self._below = re.compile(
            rf'(/(?:{project_id_regex}))?/{_WORD}(\n|[./].*)?', re.DOTALL)

    def match(self, environ: dict[str, Any]) -> bool:
        """Return whether a request is for messages.

        :param environ: a WSGI environment whose path begins below ``/v3``
        """
        path = environ.get('PATH_INFO', '')
        # NOTE: all that other requests cost.
        if _WORD not in path:
            return False
        return any(self._match(path, method) for method in _methods(environ))

    def _match(self, path: str, method: str) -> bool:
        found = self._mapper.routematch(path, {'REQUEST_METHOD': method})
        if found and found[0] is not None:
            return found[0].get('controller') == self._controller
        return self._below.fullmatch(path) is not None


def find_routes(application: object) -> MessageRoutes:
    """Return the routes to messages of Cinder's API.

    :param application: what the filter stands in front of. If it is Cinder's
        router, as documented, its mapper is asked. Else it is a mapper with
        the routes to messages alone.
    """
    mapper = getattr(application, 'map', None)
    controller = getattr(application, 'resources', {}).get(_WORD)
    if not isinstance(mapper, routes.Mapper) or controller is None:
        controller = _WORD
        mapper = _make_mapper(controller)
    return MessageRoutes(mapper, controller, cfg.CONF.project_id_regex)


def _make_mapper(controller: object) -> routes.Mapper:
    router = importutils.import_module('cinder.api.v3.router')
    # NOTE: the class has been in the other module until Cinder 28.
    module = router if hasattr(router, 'ProjectMapper') else (
        importutils.import_module('cinder.api.openstack'))
    mapper = module.ProjectMapper()
    mapper.resource('message', _WORD, controller=controller)
    return mapper


def _methods(environ: dict[str, Any]) -> tuple[str, ...]:
    """Return the methods that Routes may take a request for."""
    method = environ.get('REQUEST_METHOD', 'GET')
    if '_method' in environ.get('QUERY_STRING', ''):
        request = webob_request.Request(environ.copy())
        with contextlib.suppress(UnicodeDecodeError):
            method = request.GET.get('_method', '').upper() or method
        return method,
    content_type = environ.get('CONTENT_TYPE') or ''
    if method == 'POST' and content_type.partition(';')[0].lower() in _FORMS:
        # NOTE: Routes takes it from a form, too. The form stays unread here,
        # for it may be large, and can name any method.
        return _METHODS
    return method,
