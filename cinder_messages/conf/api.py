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
            (NOAUTH, 'the token is USER:PROJECT[:ROLE,...] and is believed; '
                     'for trying things out, never for a deployment'),
        ],
        help='How a request is authenticated.'),
    cfg.BoolOpt(
        'noauth_allow_remote',
        default=False,
        help='With auth_strategy=noauth, answer clients that do not come '
             'from a loopback address too. Everyone who can reach the port '
             'is then an administrator.'),
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        deprecated_opts=[cfg.DeprecatedOpt('osapi_max_limit', 'DEFAULT')],
        help='The most messages that one list answers; a larger limit is '
             'cut to it.'),
    cfg.URIOpt(
        'public_endpoint',
        schemes=['http', 'https'],
        deprecated_opts=[cfg.DeprecatedOpt('public_endpoint', 'DEFAULT')],
        help='The URL that users reach this API by, without the version, '
             'for the links in answers. Unset, it is the URL of the request; '
             'behind a proxy either set this or have the proxy send '
             'X-Forwarded headers and set [oslo_middleware] '
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
        help='A JSON file in the format of Cinder\'s resource_filters.json '
             'that says which filters of a message list its users may use. '
             'Unset, all filters that the API has.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[api]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
