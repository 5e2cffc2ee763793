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

"""A filter of paste in front of Cinder's API: takes what is about messages.

In Cinder's ``api-paste.ini``, in each pipeline right before ``apiv3``::

    [filter:messages]
    paste.filter_factory = cinder_messages.integration.filter:filter_factory
    config_file = /etc/cinder-messages/cinder-messages.conf

Cinder's own filters authenticate the caller. Every other request passes
untouched.
"""

from collections.abc import Callable
from collections.abc import Iterable
import logging
import os
import sys
from urllib import parse as urlparse

from oslo_config import cfg

from cinder_messages.api import app
from cinder_messages.api import filters
from cinder_messages.api import middleware
from cinder_messages.api import paste
from cinder_messages.conf import api as api_conf
from cinder_messages import exception
from cinder_messages.integration import emission
from cinder_messages.integration import message_routes
from cinder_messages import log_escape

LOG = logging.getLogger(__name__)

# Options of cinder.conf that hold for messages, too, and who registers them.
_OPTIONS = {
    'osapi_max_limit': 'cinder.api.common',
    'project_id_regex': 'cinder.api.openstack',
    'public_endpoint': 'cinder.api.views.versions',
    'resource_query_filters_file': 'cinder.api.common',
}


def filter_factory(global_conf: dict[str, str], **local_conf: str
                   ) -> Callable[[middleware.Application],
                                 middleware.Application]:
    """Make the paste filter that serves messages inside Cinder's API.

    The API process then also reports its own failures.

    :param local_conf: ``config_file`` names our configuration; without it
        oslo.config looks in its usual directories
    :raises InvalidConfiguration: the text says which option cannot work
    """
    conf = paste.read_configuration(local_conf)
    for option, module in _OPTIONS.items():
        cfg.CONF.import_opt(option, module)
    conf.set_default('max_limit', cfg.CONF.osapi_max_limit, api_conf.GROUP)
    _use_filters_file(conf, cfg.CONF.resource_query_filters_file)
    # NOTE: ours is the whole URL, Cinder's goes in front of its own path.
    endpoint = (None if conf.api.public_endpoint
                else cfg.CONF.public_endpoint)
    configure_psycopg_for_eventlet()
    emission.install()

    def add(application: middleware.Application) -> middleware.Application:
        return MessagesFilter(
            application, app.load_behind_cinder(conf),
            message_routes.find_routes(application), endpoint)

    return add


def _use_filters_file(conf: cfg.ConfigOpts, path: str) -> None:
    """Use Cinder's resource filters file unless our configuration names one.

    Cinder starts without the file, and so does the filter.
    """
    try:
        filters.load_names(path)
    except exception.InvalidConfiguration as exc:
        LOG.warning('The resource filters file of cinder.conf is not used, '
                    'users may filter messages by every key: %s',
                    log_escape.escape(exc))
    else:
        conf.set_default('resource_query_filters_file', path, api_conf.GROUP)


def configure_psycopg_for_eventlet() -> None:
    """Have psycopg, imported later, wait in a way that eventlet knows.

    Its own way, in C, holds up all other requests of a patched process until
    the database has answered. Others, such as PyMySQL, need nothing.
    """
    # NOTE: that it is there says nothing, oslo.service imports it.
    patcher = sys.modules.get('eventlet.patcher')
    if patcher is not None and patcher.is_monkey_patched('select'):
        os.environ.setdefault('PSYCOPG_WAIT_FUNC', 'wait_selector')


class MessagesFilter:
    """Send a request for messages to our application, any other to Cinder.

    :param cinder: receives its requests unchanged
    :param messages: serves ``/v3``, wherever that is mounted
    :param routes: tells the requests for messages
    :param endpoint: URL in front of Cinder's path, for links; None takes the
        URL of the request
    """

    def __init__(self, cinder: middleware.Application,
                 messages: middleware.Application,
                 routes: message_routes.MessageRoutes,
                 endpoint: str | None = None) -> None:
        self._cinder = cinder
        self._messages = messages
        self._routes = routes
        self._endpoint = urlparse.urlsplit(endpoint) if endpoint else None

    def __call__(self, environ: middleware.Environ,
                 start_response: middleware.StartResponse
                 ) -> Iterable[bytes]:
        if not self._routes.match(environ):
            return self._cinder(environ, start_response)
        return self._messages(self._move(environ), start_response)

    def _move(self, environ: middleware.Environ) -> middleware.Environ:
        """Return the environment with ``/v3`` in the path, for our API."""
        # NOTE: a copy; what is in front may look at its own afterwards.
        moved = {
            **environ,
            'SCRIPT_NAME': environ.get('SCRIPT_NAME', '').removesuffix('/v3'),
            'PATH_INFO': '/v3' + environ['PATH_INFO']}
        if self._endpoint is not None:
            moved['wsgi.url_scheme'] = self._endpoint.scheme
            moved['HTTP_HOST'] = self._endpoint.netloc
            moved['SCRIPT_NAME'] = (
                self._endpoint.path.rstrip('/') + moved['SCRIPT_NAME'])
        return moved
