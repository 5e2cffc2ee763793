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

"""What each of our processes does with its configuration when it starts."""

from collections.abc import Iterable
from collections.abc import Sequence
import contextlib
import io
import logging
import re
import sys

from oslo_config import cfg
from oslo_log import log

from cinder_messages.conf import opts
from cinder_messages import exception
from cinder_messages import version

LOG = logging.getLogger(__name__)

PROJECT = 'cinder-messages'


# What oslo.config writes, and ends the process, about an option in a file
# that is also one of the command line.
_NOT_VALID = re.compile(r'argument --(\S+): (Invalid .+)')


def parse(conf: cfg.ConfigOpts, argv: Sequence[str],
          description: str | None = None, epilog: str | None = None,
          config_files: list[str] | None = None) -> None:
    """Register our options and read the arguments and files.

    :param description: what ``--help`` begins with
    :param epilog: and what it ends with
    :param config_files: read when ``--config-file`` is not given; None looks
        for cinder-messages.conf in the usual directories
    :raises InvalidConfiguration: a file cannot be read
    :raises SystemExit: for the arguments; argparse has said why
    """
    opts.register_opts(conf)
    log.register_options(conf)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            conf(argv, project=PROJECT, version=version.version_string(),
                 description=description, epilog=epilog,
                 default_config_files=config_files,
                 default_config_dirs=None if config_files is None else [])
    except SystemExit:
        found = _NOT_VALID.search(said.getvalue())
        if found:
            raise exception.InvalidConfiguration(
                reason=f'[DEFAULT] {found[1]}, in a configuration file: '
                       f'{found[2]}') from None
        sys.stderr.write(said.getvalue())
        raise
    except cfg.Error as exc:
        raise exception.InvalidConfiguration(reason=str(exc)) from exc
    except UnicodeError as exc:
        raise exception.InvalidConfiguration(
            reason=f'A configuration file is not UTF-8: {exc}') from exc
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'Configuration file {exc.filename}: {exc.strerror}'
            ) from exc


def set_up(conf: cfg.ConfigOpts, namespaces: Iterable[str] = ()) -> None:
    """Log as ``conf`` says, and look at each value.

    :param namespaces: of libraries whose options are looked at, too
    :raises InvalidConfiguration: a value or a file of the log cannot be used
    """
    opts.check_library(conf, (opts.LOG,))
    try:
        log.setup(conf, PROJECT, version.version_string())
    except log.LogConfigError as exc:
        raise exception.InvalidConfiguration(reason=str(exc)) from exc
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[DEFAULT] log_file or log_dir: {exc.filename}: '
                   f'{exc.strerror}. Make the directory, and let the user of '
                   'the service write in it.') from exc
    # NOTE: with logging, for oslo.config warns of names that are old.
    opts.check(conf)
    opts.check_library(conf, namespaces)
    conf.log_opt_values(LOG, logging.DEBUG)
