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

"""List all option groups: ours, and those of the libraries we use."""

from collections.abc import Iterable
from importlib import metadata

from oslo_config import cfg

from cinder_messages.conf import api
from cinder_messages.conf import database
from cinder_messages.conf import emitter
from cinder_messages.conf import messages
from cinder_messages.conf import metrics
from cinder_messages.conf import validation
from cinder_messages.conf import writer
from cinder_messages import exception

OWN = (api, messages, writer, metrics, emitter)

# Namespaces of libraries, as the sample generator calls them.
LOG = 'oslo.log'
MESSAGING = 'oslo.messaging'
MIDDLEWARE = 'oslo.middleware'
POLICY = 'oslo.policy'
REPORTS = 'oslo.reports'


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register every option that our processes read."""
    database.register_opts(conf)
    for module in OWN:
        module.register_opts(conf)


def validate(conf: cfg.ConfigOpts) -> None:
    """Validate our options, and their combinations.

    :raises InvalidConfiguration: the text names the file, the option and the
        allowed values
    """
    validation.validate(conf, [(database.GROUP, database.OPTS), *list_opts()])
    if conf.messages.message_reap_interval == 0:
        raise exception.InvalidConfiguration(
            reason='[messages] message_reap_interval is 0. It should be a '
                   'number of seconds, at least 1, or -1 for never.')
    if 0 != conf.metrics.api_port == conf.metrics.writer_port:
        raise exception.InvalidConfiguration(
            reason='[metrics] api_port and writer_port are the same. Each '
                   'needs a port of its own.')


def validate_library(conf: cfg.ConfigOpts, namespaces: Iterable[str]) -> None:
    """Validate the options of libraries.

    :raises InvalidConfiguration: as :func:`validate` does
    """
    validation.validate(conf, list_library_opts(namespaces))


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Return our groups and options, for oslo.config's generator."""
    return [(module.GROUP, module.OPTS) for module in OWN]


def list_library_opts(namespaces: Iterable[str]) -> list[validation.Table]:
    """Return the groups and options of those libraries that are installed."""
    found = metadata.entry_points(group='oslo.config.opts')
    return [(group and str(group), opts) for name in namespaces
            for entry_point in found.select(name=name)
            for group, opts in entry_point.load()()]
