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

"""For sites that deploy with paste: the same application, no other order.

In ``api-paste.ini``::

    [app:cinder-messages]
    use = egg:cinder-messages#cinder_messages
    config_file = /etc/cinder-messages/cinder-messages.conf
"""

from collections.abc import Mapping

from oslo_config import cfg

from cinder_messages.api import app
from cinder_messages.conf import opts


def app_factory(global_conf: dict[str, str],
                **local_conf: str) -> app.Application:
    """Make the API as a paste application.

    :param local_conf: ``config_file`` names our configuration; without it
        oslo.config looks in its usual directories
    """
    return app.loadapp(read_configuration(local_conf))


def read_configuration(local_conf: Mapping[str, str]) -> cfg.ConfigOpts:
    """Our configuration, as the settings of a section say where it is."""
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    path = local_conf.get('config_file')
    conf([], project='cinder-messages',
         default_config_files=[path] if path else None)
    return conf
