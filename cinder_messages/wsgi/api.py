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

"""``application`` for uWSGI, mod_wsgi, gunicorn and the like.

Configuration is read from where oslo.config looks for the project
``cinder-messages``, such as ``/etc/cinder-messages/cinder-messages.conf``.
The variable ``OS_CINDER_MESSAGES_CONFIG_FILES`` names other files, with a
colon between them.
"""

from collections.abc import Mapping
import os
import sys

from oslo_config import cfg

from cinder_messages.api import app
from cinder_messages.conf import opts
from cinder_messages.conf import startup
from cinder_messages import exception
from cinder_messages import guru
from cinder_messages.metrics import loader

CONFIG_FILES = 'OS_CINDER_MESSAGES_CONFIG_FILES'


def make_application(environ: Mapping[str, str]) -> app.Application:
    """Make the application, configured by environment variables.

    :raises SystemExit: the configuration is invalid; one line on stderr tells
    """
    conf = cfg.ConfigOpts()
    files = environ.get(CONFIG_FILES)
    try:
        startup.parse(
            conf, [],
            config_files=files.split(os.pathsep) if files else None)
        if conf.log_dir and not conf.log_file:
            # NOTE: oslo.log would name it for what has imported us.
            conf.set_default('log_file', f'{startup.PROJECT}-api.log')
        startup.initialize(conf, (opts.MIDDLEWARE, opts.POLICY, opts.REPORTS))
        guru.on_touch(conf)
        return app.loadapp(
            conf, make_middleware=loader.make_middleware(conf))
    except (exception.Error, cfg.Error) as error:
        line = ' '.join(str(error).split())
        # NOTE: a WSGI server says nothing of why an import ended.
        sys.stderr.write(f'{startup.PROJECT}: {line}\n')
        raise SystemExit(1) from None


application = make_application(os.environ)
