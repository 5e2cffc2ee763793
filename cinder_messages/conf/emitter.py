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
        help='URL of the message bus that the writer listens on, in the '
             'format of oslo.messaging. If unset, the transport_url of the '
             'service itself is used.'),
    cfg.BoolOpt(
        'rabbit_quorum_queue',
        default=True,
        help='Use a quorum queue on RabbitMQ for the answers of writers. Set '
             'it to false if the broker has none. [oslo_messaging_rabbit] '
             'does not matter.'),
    cfg.StrOpt(
        'spool_dir',
        default='~/.local/state/cinder-messages/spool',
        help='Directory of the journals, in which reports wait until a '
             'writer has stored them. It is created if it is missing, and '
             'only the user of the service may write in it. The services of '
             'a host that run as this user can share it: each of them sends '
             'what a killed one has left. It must survive a restart of the '
             'service, so do not use a private temporary directory. If '
             'empty, reports wait in memory and are lost with the process.'),
    cfg.IntOpt(
        'spool_max_messages',
        default=100000,
        min=1,
        help='Number of reports that may wait in spool_dir, for all '
             'processes that share it. If as many wait, new reports are '
             'refused, counted and logged; the service itself is not '
             'disturbed. Processes that report at the same moment can keep '
             'up to 16 reports each above the limit. One report takes about '
             '500 bytes of disk.'),
    cfg.IntOpt(
        'batch_size',
        default=500,
        min=1,
        max=1000,
        help='Maximum number of reports in one call to a writer. Reports '
             'that come while a call is in flight travel with the next.'),
    cfg.IntOpt(
        'call_timeout',
        default=10,
        min=1,
        help='Seconds to wait for a writer to acknowledge a batch before the '
             'batch is sent again.'),
    cfg.IntOpt(
        'exit_timeout',
        default=5,
        min=0,
        help='Seconds that the end of the process may be delayed while '
             'reports wait for a writer. Later, they stay in spool_dir.'),
    cfg.IntOpt(
        'project_rate',
        default=0,
        min=0,
        help='Maximum number of reports per project, process and minute. '
             'Further ones are counted, and one summary a minute tells the '
             'user how many there were. 0 means no limit. Set it, for '
             'example to 60, if a failing back end must not fill the '
             'database.'),
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
