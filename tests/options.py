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

"""The options that a configuration file of ours may hold.

Our own and those of the libraries that our processes hand their
configuration to.
"""

import fnmatch
import functools
from importlib import metadata

from keystoneauth1 import loading
from oslo_config import cfg
from oslo_messaging._tracing import client as tracing

_NAMESPACES = (
    'cinder_messages', 'keystonemiddleware.auth_token', 'oslo.concurrency',
    'oslo.db', 'oslo.log', 'oslo.messaging', 'oslo.middleware*',
    'oslo.policy', 'oslo.reports', 'oslo.service.*')

# NOTE: by the names of their entry points. What a service whose file our
# emitter reads must know besides, as pages of its file show it.
HOST_SERVICES = {
    'cinder.conf': {
        'DEFAULT': {'scheduler_manager', 'volume_manager', 'backup_manager',
                    'enabled_backends', 'osapi_volume_workers'},
    },
}


class UnknownOption(Exception):
    """A file holds what nobody reads."""


@functools.cache
def registered():
    """The options by group and name, their older names included."""
    found = {}
    for point in metadata.entry_points(group='oslo.config.opts'):
        if any(fnmatch.fnmatch(point.name, name) for name in _NAMESPACES):
            for group, options in point.load()():
                _add(found, str(group or 'DEFAULT'), options)
    # NOTE: oslo.messaging registers these, and does not list them.
    _add(found, 'oslo_messaging_tracing', tracing.oslo_messaging_tracing)
    for plugin in ('password', 'v3password', 'v3applicationcredential'):
        _add(found, 'keystone_authtoken', [
            option._to_oslo_opt() for option in
            loading.get_plugin_loader(plugin).get_options()])
    _add(found, 'keystone_authtoken', loading.get_auth_common_conf_options())
    return found


def _add(found, group, options):
    for option in options:
        names = [(group, option.name), (group, option.dest)]
        names += [(old.group or group, old.name)
                  for old in option.deprecated_opts]
        for where, name in names:
            found.setdefault(where, {})[name.replace('-', '_')] = option


def check_file(path, name):
    """Read a file as oslo.config does, and look at each option and value.

    :param name: of the file, which says whose it is
    :raises UnknownOption: no library and no module of ours reads it
    :raises ValueError: its value is none
    """
    sections = {}
    cfg.ConfigParser(str(path), sections).parse()
    known, of_host = registered(), HOST_SERVICES.get(name, {})
    for group, options in sections.items():
        for option, values in options.items():
            if option in of_host.get(group, ()):
                continue
            if option not in known.get(group, ()):
                raise UnknownOption(f'[{group}] {option}')
            for value in values:
                known[group][option].type(value)
