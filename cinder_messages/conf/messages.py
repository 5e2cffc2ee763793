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

"""``[messages]``: the lifetime of messages, and their texts."""

from oslo_config import cfg

GROUP = 'messages'

NEVER = -1


def _as_cinder(name: str) -> list[cfg.DeprecatedOpt]:
    # Cinder keeps these three in [DEFAULT]; a copied line must work.
    return [cfg.DeprecatedOpt(name, 'DEFAULT')]


OPTS = [
    cfg.IntOpt(
        'message_ttl',
        default=2592000,
        min=1,
        max=100 * 365 * 86400,
        deprecated_opts=_as_cinder('message_ttl'),
        help='Seconds for which a stored message is guaranteed to be kept. '
             'The reaper removes it some time later.'),
    cfg.IntOpt(
        'message_reap_interval',
        default=86400,
        min=NEVER,
        deprecated_opts=_as_cinder('message_reap_interval'),
        help='Seconds between two runs of the reaper in a writer process. -1 '
             'disables the reaper.'),
    cfg.IntOpt(
        'message_reap_batch_size',
        default=1000,
        min=1,
        max=100000,
        deprecated_opts=_as_cinder('message_reap_batch_size'),
        help='Number of expired messages that one transaction of the reaper '
             'removes. Small batches keep reports and lists from waiting.'),
    cfg.StrOpt(
        'text_overrides_file',
        help='YAML file that maps event ids to texts of this deployment. A '
             'process does not start if the file cannot be read or has an '
             'unknown id.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register ``[messages]`` on ``conf``."""
    conf.register_opts(OPTS, GROUP)
