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

"""Parse the configuration of a process, and set up its logging."""

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


# oslo.config prints this and exits, for an invalid value in a file of an
# option that the command line has too.
_NOT_VALID = re.compile(r'argument --(\S+): (Invalid .+)')


def parse(conf: cfg.ConfigOpts, argv: Sequence[str],
          description: str | None = None, epilog: str | None = None,
          config_files: list[str] | None = None) -> None:
    """Register our options, and parse the arguments and the files.

    :param description: first text of ``--help``
    :param epilog: last text of ``--help``
    :param config_files: files to read without ``--config-file``; None searches
        for cinder-messages.conf in the usual directories
    :raises InvalidConfiguration: a file cannot be read
    :raises SystemExit: invalid arguments; argparse has printed the error
    """
    opts.register_opts(conf)
    log.register_options(conf)
    stderr = io.StringIO()
    try:
        with contextlib.redirect_stderr(stderr):
            conf(argv, project=PROJECT, version=version.version_string(),
                 description=description, epilog=epilog,
                 default_config_files=config_files,
                 default_config_dirs=None if config_files is None else [])
    except SystemExit:
        found = _NOT_VALID.search(stderr.getvalue())
        if found:
            raise exception.InvalidConfiguration(
                reason=f'[DEFAULT] {found[1]}, in a configuration file: '
                       f'{found[2]}') from None
        sys.stderr.write(stderr.getvalue())
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


def initialize(conf: cfg.ConfigOpts, namespaces: Iterable[str] = ()) -> None:
    """Set up logging, and validate every option.

    :param namespaces: libraries whose options are validated, too
    :raises InvalidConfiguration: a value is invalid, or the log file cannot
        be written
    """
    opts.validate_library(conf, (opts.LOG,))
    try:
        log.setup(conf, PROJECT, version.version_string())
    except log.LogConfigError as exc:
        raise exception.InvalidConfiguration(reason=str(exc)) from exc
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[DEFAULT] log_file or log_dir: {exc.filename}: '
                   f'{exc.strerror}. Make the directory, writable for the '
                   'user of the service.') from exc
    # NOTE: after logging is set up, as oslo.config logs deprecated names.
    opts.validate(conf)
    opts.validate_library(conf, namespaces)
    conf.log_opt_values(LOG, logging.DEBUG)
