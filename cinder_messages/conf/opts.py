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

"""All groups of our own, for our processes and for the sample generator."""

from oslo_config import cfg

from cinder_messages.conf import api
from cinder_messages.conf import database
from cinder_messages.conf import emitter
from cinder_messages.conf import messages
from cinder_messages.conf import writer

OWN = (api, messages, writer, emitter)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register on ``conf`` all that one of our processes may read."""
    database.register_opts(conf)
    for module in OWN:
        module.register_opts(conf)


def check(conf: cfg.ConfigOpts) -> None:
    """Look at each value now; left alone, each fails when it is first used.

    :raises cfg.Error: a value is not one; the text names its place
    """
    for module in (database, *OWN):
        group = conf[module.GROUP]
        for name in group:
            group[name]


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Our groups and options, as oslo.config's generator wants them."""
    return [(module.GROUP, module.OPTS) for module in OWN]
