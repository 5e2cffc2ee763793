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

"""The handlers of the message routes.

Each has the same order: authorize, parse the parameters, call the store,
return the view.
"""

from collections.abc import Callable
import functools

import orjson
from webob import response

from cinder_messages.api import language
from cinder_messages.api import params
from cinder_messages.api import router
from cinder_messages.api import views
from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages.message import catalog as message_catalog
from cinder_messages.policies import base
from cinder_messages.policies import messages as rules
from cinder_messages import policy
from cinder_messages.storage import store as message_store


class MessagesController:
    """List, show and delete messages.

    :param store: stores the messages of all projects
    :param list_params: parses the parameters of a list
    :param public_endpoint: base URL of links; None for that of the request
    :param help_url: page that explains the messages; None for no help links
    """

    def __init__(self, store: message_store.MessageStore,
                 authorizer: policy.Authorizer,
                 catalog: message_catalog.Catalog,
                 list_params: params.ListParams,
                 public_endpoint: str | None = None,
                 help_url: str | None = None) -> None:
        self._store = store
        self._authorizer = authorizer
        self._catalog = catalog
        self._list_params = list_params
        self._public_endpoint = public_endpoint
        self._help_url = help_url and help_url.partition('#')[0]

    def index(self, request: router.Request) -> response.Response:
        """Serve ``GET /messages``."""
        is_admin, project_id = self._authorize(request, rules.GET_ALL)
        listing = self._list_params.parse(
            request.environ.get('QUERY_STRING', ''), request.version,
            is_admin, request.opt_in)
        if listing.project_id is not None:
            project_id = listing.project_id
        elif listing.all_projects:
            project_id = None
        elif project_id is None:
            raise exception.InvalidParameter(reason=i18n.Text(N_(
                'the token has no project: name one in the URL, or ask for '
                'all_tenants.')))
        view = self._message_view(request, project_id is None or
                                  listing.project_id is not None)
        if listing.query is None:
            return _json_response(
                request, view.index((), 0 if listing.with_count else None))
        page = self._store.list(
            listing.query, project_id, request.opt_in is not None)
        count = (self._store.count(listing.query, project_id)
                 if listing.with_count else None)
        # NOTE: below the microversion of paging, clients follow a next link
        # for ever.
        more = (listing.parameters
                if listing.can_page and page.has_more else None)
        return _json_response(request, view.index(page.messages, count, more))

    def show(self, request: router.Request) -> response.Response:
        """Serve ``GET /messages/{id}``."""
        is_admin, project_id = self._authorize(request, rules.GET)
        message = self._store.get(
            request.message_id, _scope(request, is_admin, project_id),
            request.opt_in is not None)
        view = self._message_view(request)
        return _json_response(request, view.show(message))

    def delete(self, request: router.Request) -> response.Response:
        """Serve ``DELETE /messages/{id}``."""
        is_admin, project_id = self._authorize(request, rules.DELETE)
        self._store.delete(
            request.message_id, _scope(request, is_admin, project_id))
        return response.Response(status=204)

    def _authorize(self, request: router.Request,
                   rule: str) -> tuple[bool, str | None]:
        """Return whether the caller is an administrator, and their project.

        :raises InvalidParameter: the URL names another caller's project
        :raises NotAuthorized: policy does not permit the request
        """
        context = request.context
        is_admin = self._authorizer.allows(
            context, base.CONTEXT_IS_ADMIN, {})
        project_id = request.project_id or context.project_id
        if project_id != context.project_id and not is_admin:
            raise exception.InvalidParameter(N_('Malformed request url'))
        self._authorizer.authorize(context, rule, {'project_id': project_id})
        # NOTE: None means all projects to the store. A token without a
        # project must not get there, even if a rule permits it.
        if project_id is None and not is_admin:
            raise exception.NotAuthorized(action=rule)
        return is_admin, project_id

    def _message_view(self, request: router.Request,
                      shows_project: bool = False) -> views.MessageView:
        base = views.base_url(request.environ, self._public_endpoint)
        return views.MessageView(
            self._catalog, base, request.project_id,
            language.LOCALES[_language(request)],
            self._opt_in(request, shows_project))

    def _opt_in(self, request: router.Request,
                shows_project: bool) -> views.OptIn | None:
        if request.opt_in is None:
            return None

        def make_check(rule: str) -> Callable[[str], bool]:
            return functools.cache(lambda project_id: self._authorizer.allows(
                request.context, rule, {'project_id': project_id}))

        return views.OptIn(make_check(rules.GET_ACTOR),
                           make_check(rules.GET_HOST), self._help_url,
                           shows_project)


def _scope(request: router.Request, is_admin: bool,
           project_id: str | None) -> str | None:
    """Return the project whose message is shown or deleted; None is any.

    Administrators reach every project, as in Cinder, unless they name another
    one in the URL: then that one only.
    """
    if not is_admin:
        return project_id
    if request.project_id in (None, request.context.project_id):
        return None
    return request.project_id


def _language(request: router.Request) -> str:
    header = request.environ.get('HTTP_ACCEPT_LANGUAGE')
    return language.negotiate(header) if header else language.ENGLISH


def _json_response(request: router.Request,
                   body: views.Body) -> response.Response:
    answer = response.Response(
        body=orjson.dumps(body), content_type='application/json')
    answer.headers['Content-Language'] = _language(request)
    answer.headers['Vary'] = 'Accept-Language'
    return answer
