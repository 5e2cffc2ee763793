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

"""Compose the WSGI application from its middleware.

The order is part of the contract, so no file in ``/etc`` can change it.
Building the application uses neither the database nor the network.
"""

from collections.abc import Callable
from collections.abc import Iterable
import json
import re
from typing import Any

from keystoneauth1 import exceptions as keystone_exceptions
from keystonemiddleware import auth_token
from keystonemiddleware import exceptions as ksm_exceptions
from oslo_config import cfg
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import sizelimit
from webob import response

from cinder_messages.api import auth
from cinder_messages.api import errors
from cinder_messages.api import filters
from cinder_messages.api import healthcheck
from cinder_messages.api import messages
from cinder_messages.api import middleware
from cinder_messages.api import params
from cinder_messages.api import router
from cinder_messages.api import versions
from cinder_messages.api import views
from cinder_messages.conf import api as api_conf
from cinder_messages import exception
from cinder_messages.message import catalog as message_catalog
from cinder_messages import policy
from cinder_messages.storage import engine
from cinder_messages.storage import store as message_store

Application = middleware.Application

# Tokens that Keystone can have issued. Its web server, like most, accepts
# about 8190 bytes of a header, including the name.
_TOKEN = re.compile('[!-~]{1,8000}')


def loadapp(conf: cfg.ConfigOpts,
            store: message_store.MessageStore | None = None,
            catalog: message_catalog.Catalog | None = None,
            make_middleware: Callable[[Application], Application]
            | None = None
            ) -> Application:
    """Return the application with its whole pipeline.

    :param conf: parsed, with our options registered
    :param store: None for one that uses ``[database] connection``
    :param catalog: None for the catalog of ``conf``
    :param make_middleware: wraps the pipeline in a middleware that measures
        each request
    :raises InvalidConfiguration: the text says which option cannot work
    """
    conf.register_opts(cors.OPTS, 'cors')
    for options in http_proxy_to_wsgi.OPTS, sizelimit.OPTS:
        conf.register_opts(options, 'oslo_middleware')
    api: Application = router.Router(make_controller(conf, store, catalog))
    # NOTE: from the inside out. An unknown caller learns no path.
    api = _add_authentication(api, conf)
    # NOTE: before authentication, which may call Keystone.
    api = middleware.Dispatcher({
        '/': Discovery(300, conf.api.public_endpoint),
        '/v3': Discovery(200, conf.api.public_endpoint),
        '/v3/': Discovery(200, conf.api.public_endpoint),
        '/healthcheck': healthcheck.make_application(conf),
    }, api, conf.oslo_middleware.max_request_body_size)
    # NOTE: around everything that responds or fails: each has a request id.
    api = middleware.RequestLog(middleware.Faults(api))
    if make_middleware is not None:
        api = make_middleware(api)
    if conf.cors.allowed_origin:
        _set_cors_defaults(conf)
        api = cors.CORS(api, conf)
    # NOTE: before everything that reads addresses.
    if conf.oslo_middleware.enable_proxy_headers_parsing:
        api = http_proxy_to_wsgi.HTTPProxyToWSGI(api, conf)
    return api


def load_behind_cinder(conf: cfg.ConfigOpts) -> Application:
    """Return the application for a pipeline of Cinder.

    Cinder's filters in front do authentication, request ids, size limits and
    CORS; Cinder itself serves version discovery.

    :param conf: parsed, with our options registered
    :raises InvalidConfiguration: the text says which option cannot work
    """
    api: Application = router.Router(make_controller(conf))
    api = auth.CinderContext(api)
    api = middleware.Faults(middleware.Dispatcher({}, api))
    return middleware.RequestLog(api)


def make_controller(
        conf: cfg.ConfigOpts, store: message_store.MessageStore | None = None,
        catalog: message_catalog.Catalog | None = None
        ) -> messages.MessagesController:
    """Return the handlers with their dependencies.

    :raises InvalidConfiguration: the text says which option cannot work
    """
    path = conf.api.resource_query_filters_file
    names = filters.load_names(path) if path else filters.default_names()
    if catalog is None:
        catalog = message_catalog.Catalog.load(
            conf.messages.text_overrides_file)
    return messages.MessagesController(
        store or message_store.MessageStore(
            engine.make_engine(conf), engine.make_read_engine(conf)),
        policy.make_authorizer(conf),
        catalog,
        params.ListParams(conf.api.max_limit, names, catalog),
        conf.api.public_endpoint, conf.api.help_url)


class Discovery:
    """Respond with the versions of the API.

    :param status: 300 for the list of versions, 200 for one version
    """

    def __init__(self, status: int, public_endpoint: str | None) -> None:
        self._status = status
        self._public_endpoint = public_endpoint

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse
                 ) -> Iterable[bytes]:
        if environ['REQUEST_METHOD'] not in ('GET', 'HEAD'):
            raise errors.HTTPError(405, headers={'Allow': 'GET, HEAD'})
        base = views.base_url(environ, self._public_endpoint)
        answer = response.Response(
            status=self._status, content_type='application/json',
            body=json.dumps(versions.document(base)).encode())
        return answer(environ, start_response)


class _Authentication(auth_token.AuthProtocol):
    """Reject a token that Keystone's web server would refuse.

    Otherwise keystonemiddleware would report an outage of Keystone.
    """

    def fetch_token(self, token: str, **kwargs: Any) -> Any:
        """Return the data of a token.

        :raises auth_token.InvalidToken: the token is malformed or unknown
        """
        if not _TOKEN.fullmatch(token):
            raise auth_token.InvalidToken
        return super().fetch_token(token, **kwargs)


def _add_authentication(api: Application,
                        conf: cfg.ConfigOpts) -> Application:
    if conf.api.auth_strategy == api_conf.KEYSTONE:
        return _add_keystone(auth.KeystoneContext(api), conf)
    if (conf.oslo_middleware.enable_proxy_headers_parsing and
            not conf.api.noauth_allow_remote):
        raise exception.InvalidConfiguration(
            reason='[api] auth_strategy = noauth serves loopback addresses '
                   'only, but with [oslo_middleware] '
                   'enable_proxy_headers_parsing an address is what a header '
                   'says. Set [api] noauth_allow_remote if everyone who '
                   'reaches the port may be an administrator.')
    return auth.NoAuth(api, conf.api.noauth_allow_remote)


def _add_keystone(api: Application, conf: cfg.ConfigOpts) -> Application:
    try:
        protected = _Authentication(api, {'oslo_config_config': conf})
    except (cfg.Error, keystone_exceptions.ClientException,
            ksm_exceptions.ConfigurationError) as error:
        raise exception.InvalidConfiguration(
            reason=f'[keystone_authtoken]: {error}') from error
    # NOTE: without a plugin keystonemiddleware starts, and fails at each
    # request.
    keystone = conf.keystone_authtoken
    if not (keystone.auth_type or keystone.auth_section):
        raise exception.InvalidConfiguration(
            reason='[keystone_authtoken] auth_type is not set. To try things '
                   'out without Keystone, set [api] auth_strategy = noauth.')
    return protected


def _set_cors_defaults(conf: cfg.ConfigOpts) -> None:
    for name, value in {
        'allow_headers': ['X-Auth-Token', versions.HEADER,
                          'X-OpenStack-Request-Id'],
        'expose_headers': [versions.HEADER, 'X-OpenStack-Request-Id',
                           'X-Compute-Request-Id'],
        'allow_methods': ['GET', 'HEAD', 'DELETE'],
    }.items():
        conf.set_default(name, value, 'cors')
