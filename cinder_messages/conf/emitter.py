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

"""``[cinder_messages]``: read in the file of the service that reports."""

from oslo_config import cfg

GROUP = 'cinder_messages'

OPTS = [
    cfg.StrOpt(
        'transport_url',
        secret=True,
        help='The message bus that the writer listens on, as an '
             'oslo.messaging URL. Unset, the transport_url of the service '
             'itself.'),
    cfg.BoolOpt(
        'rabbit_quorum_queue',
        default=True,
        help='Use a quorum queue on RabbitMQ for the answers of writers. Set '
             'it to false if the broker has none. [oslo_messaging_rabbit] '
             'does not matter.'),
    cfg.StrOpt(
        'spool_dir',
        default='~/.local/state/cinder-messages/spool',
        help='Where reports wait that no writer has answered for yet; made '
             'if it is not there, and for the user of the service alone. '
             'Services of one host may share it: each sends what a killed '
             'one has left. It must outlive the process, so not a private '
             'temporary directory. Empty, reports wait in memory and are '
             'lost with the process.'),
    cfg.IntOpt(
        'spool_max_messages',
        default=100000,
        min=1,
        help='How many reports may wait for the writer. When as many wait, '
             'the newest are refused, counted and logged; the service that '
             'reports is not disturbed. The reports of one project take nine '
             'tenths at most, so that others get through beside a flood.'),
    cfg.IntOpt(
        'batch_size',
        default=500,
        min=1,
        max=1000,
        help='How many reports one call to the writer carries at most. What '
             'comes in while a call is under way travels with the next.'),
    cfg.IntOpt(
        'call_timeout',
        default=10,
        min=1,
        help='Seconds to wait for the writer to answer that a batch is '
             'stored; then it is sent again.'),
    cfg.IntOpt(
        'exit_timeout',
        default=5,
        min=0,
        help='Seconds that the end of the process may wait for reports that '
             'were not answered yet.'),
    cfg.IntOpt(
        'stuck_after',
        default=3600,
        min=0,
        help='Seconds after which the scheduler of Cinder reports a resource '
             'that waits for a service that is down. Raise it if restarts '
             'of your services take longer. 0 disables these reports.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[cinder_messages]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
