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

"""The options of ``[api]``."""

from oslo_config import cfg

GROUP = 'api'

KEYSTONE = 'keystone'
NOAUTH = 'noauth'

OPTS = [
    cfg.StrOpt(
        'auth_strategy',
        default=KEYSTONE,
        choices=[
            (KEYSTONE, 'keystonemiddleware validates the token; see '
                       '[keystone_authtoken]'),
            (NOAUTH, 'the token USER:PROJECT[:ROLE,...] is accepted without a '
                     'check; for trials, never for a deployment'),
        ],
        help='Authentication of requests.'),
    cfg.BoolOpt(
        'noauth_allow_remote',
        default=False,
        help='With auth_strategy=noauth, serve clients on other hosts, too. '
             'Everyone who can reach the port can then be an administrator.'),
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        deprecated_opts=[cfg.DeprecatedOpt('osapi_max_limit', 'DEFAULT')],
        help='Maximum number of messages in one response. A larger limit of '
             'a request is reduced to it.'),
    cfg.URIOpt(
        'public_endpoint',
        schemes=['http', 'https'],
        deprecated_opts=[cfg.DeprecatedOpt('public_endpoint', 'DEFAULT')],
        help='URL of this API for users, without the version. Links in '
             'responses begin with it. If unset, they begin with the URL of '
             'the request. Behind a proxy, set this option, or let the proxy '
             'send X-Forwarded headers and set [oslo_middleware] '
             'enable_proxy_headers_parsing.'),
    cfg.URIOpt(
        'help_url',
        schemes=['http', 'https'],
        help='URL of the page that explains each message, such as the page '
             '"Permitted messages" of the documentation of cinder_messages. '
             'Messages of a request with the opt-in item user-messages then '
             'have a link "help" to it, with the event id as anchor. Unset, '
             'there is no such link.'),
    cfg.StrOpt(
        'resource_query_filters_file',
        deprecated_opts=[
            cfg.DeprecatedOpt('resource_query_filters_file', 'DEFAULT')],
        help='JSON file, in the format of Cinder\'s resource_filters.json, '
             'with the filters of message lists that users may use. If unset, '
             'users may use all filters.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[api]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
