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

"""The options of ``[writer]``, the service that stores reports."""

import socket

from oslo_config import cfg

GROUP = 'writer'

OPTS = [
    cfg.StrOpt(
        'host',
        default=socket.gethostname(),
        sample_default='<the name of this host>',
        help='Name of this writer on the message bus. It must stay the same '
             'over restarts: each new name leaves a queue on the broker.'),
    cfg.IntOpt(
        'workers',
        default=1,
        min=1,
        help='Number of writer processes on this host. One process stores '
             'several thousand reports a second; with more than one, reports '
             'are still stored while a process restarts.'),
    cfg.BoolOpt(
        'rabbit_quorum_queue',
        default=True,
        help='Use quorum queues on RabbitMQ. Set it to false, for all '
             'writers, if the broker has none; then the queues are classic '
             'and durable. [oslo_messaging_rabbit] does not matter. To change '
             'it, stop all writers and run cinder-messages-manage writer '
             'delete-queues before they start.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[writer]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
