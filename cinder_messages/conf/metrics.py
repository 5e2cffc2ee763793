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

"""``[metrics]``: Prometheus metrics, off by default."""

from oslo_config import cfg

GROUP = 'metrics'

OPTS = [
    cfg.PortOpt(
        'api_port',
        default=0,
        min=0,
        help='Port on which the API exposes Prometheus metrics, summed over '
             'all its processes. 0 disables it.'),
    cfg.PortOpt(
        'writer_port',
        default=0,
        min=0,
        help='Port on which the writer exposes Prometheus metrics, summed '
             'over its processes on this host. 0 disables it.'),
    cfg.HostAddressOpt(
        'address',
        default='127.0.0.1',
        help='Address that both ports listen on. Clients need no password; '
             'metrics name events, never projects.'),
    cfg.StrOpt(
        'directory',
        default='~/.local/state/cinder-messages/metrics',
        help='Directory in which the processes of a service share their '
             'metrics; created if missing. Counters continue from it after a '
             'restart. The API and the writer can share it; two deployments '
             'on one host need one each.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[metrics]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
