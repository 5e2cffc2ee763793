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

"""``[metrics]``: numbers for Prometheus, off unless a port is set."""

from oslo_config import cfg

GROUP = 'metrics'

OPTS = [
    cfg.PortOpt(
        'api_port',
        default=0,
        min=0,
        help='Where the processes of the API answer Prometheus together; '
             'each knows the numbers of all. 0 is off.'),
    cfg.PortOpt(
        'writer_port',
        default=0,
        min=0,
        help='The same of the writer processes of this host.'),
    cfg.HostAddressOpt(
        'address',
        default='127.0.0.1',
        help='The address that both ports are opened at. Who reaches it needs '
             'no password; the numbers name events, never projects.'),
    cfg.StrOpt(
        'directory',
        default='~/.local/state/cinder-messages/metrics',
        help='Where processes keep numbers for one another; made if it is not '
             'there. What counts up goes on from there after a restart. API '
             'and writer may share it, deployments on one host may not.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[metrics]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
