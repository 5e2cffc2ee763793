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

"""``[writer]``: the service that stores reports."""

import socket

from oslo_config import cfg

GROUP = 'writer'

OPTS = [
    cfg.StrOpt(
        'host',
        default=socket.gethostname(),
        sample_default='<the name of this host>',
        help='The name of this writer on the message bus. Keep it over '
             'restarts: each new name leaves a queue behind.'),
    cfg.IntOpt(
        'workers',
        default=1,
        min=1,
        help='How many writer processes this host runs. One stores several '
             'thousand reports a second; more let one restart or stall '
             'without a pause.'),
    cfg.IntOpt(
        'project_rate',
        default=0,
        min=0,
        help='How many messages of one project are stored that one process '
             'reports within a minute. What is over it is counted in one '
             'further message of the project, so that a driver that fails '
             'over and over does not fill the table. The number of writers '
             'makes no difference; what several processes report is counted '
             'for each. 0 is no limit.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[writer]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
