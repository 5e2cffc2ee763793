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

"""The command cinder-messages-writer."""

from collections.abc import Sequence
import functools
import logging
import os
import signal
import sys
import typing

from oslo_config import cfg
from oslo_log import log
from oslo_service import service

from cinder_messages.cmd import common
from cinder_messages.conf import opts
from cinder_messages.conf import startup
from cinder_messages import exception
from cinder_messages import guru
from cinder_messages.message import catalog
from cinder_messages.metrics import loader
from cinder_messages.writer import readiness
from cinder_messages.writer import service as writer_service

LOG = logging.getLogger(__name__)

DESCRIPTION = """\
Store the reports of services, in [writer] workers processes, each with an RPC
server and a reaper. SIGTERM answers the calls in progress and stops; SIGHUP
rereads every option and replaces the workers; SIGUSR2 writes the state of the
threads to stderr.
"""

EPILOG = """\
Exit status: 0 success, 1 error (one line on stderr), 2 invalid arguments.
systemd is notified when calls are accepted (Type=notify). For example:
cinder-messages-writer --config-file /etc/cinder-messages/cinder-messages.conf
"""


@common.one_line_errors()
def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM."""
    conf = cfg.CONF
    common.configure(conf, argv, DESCRIPTION, epilog=EPILOG)
    # NOTE: the workers load it again; an error must end this process.
    catalog.Catalog.load(conf.messages.text_overrides_file)
    common.check_database(conf)
    start_metrics = loader.prepare_writer_metrics(conf)
    # NOTE: the workers inherit the handlers and the pipe with the fork.
    guru.on_signal(conf)
    ready = readiness.Readiness(os.environ)
    keep_valid_configuration(conf, argv)
    launcher = service.launch(
        conf, writer_service.WriterService(
            conf, start_metrics, ready.ready,
            functools.partial(startup.initialize, conf)),
        workers=conf.writer.workers, restart_method='reload')
    follow_workers_option(conf, launcher)
    # NOTE: the launcher waits for signals on a descriptor, and its workers
    # have handlers of their own.
    signal.signal(signal.SIGTERM, lambda *_: ready.stopping())
    return launcher.wait()


def keep_valid_configuration(conf: cfg.ConfigOpts,
                             argv: Sequence[str]) -> None:
    """Let a reload keep the present options if the new ones are invalid."""
    reload_config_files = conf.reload_config_files

    def reload_if_valid() -> bool:
        trial = cfg.ConfigOpts()
        try:
            log.register_options(trial)
            startup.parse(trial, argv, DESCRIPTION, EPILOG, None)
            opts.validate(trial)
            opts.validate_library(
                trial, (opts.LOG, opts.MESSAGING, opts.REPORTS))
            catalog.Catalog.load(trial.messages.text_overrides_file)
        except (exception.Error, SystemExit) as exc:
            LOG.error('The configuration is not reloaded, the present one '
                      'stays in use: %s', exc)
            return False
        return reload_config_files()

    conf.reload_config_files = reload_if_valid  # type: ignore[method-assign]


def follow_workers_option(conf: cfg.ConfigOpts, launcher: typing.Any) -> None:
    """Change the number of processes when ``[writer] workers`` is reloaded."""
    # NOTE: oslo.service has no public way to its manager of processes.
    manager = launcher._manager

    def reconfigure() -> None:
        for service_id in manager._services:
            manager.reconfigure(service_id, conf.writer.workers)

    manager.register_hooks(on_reload=reconfigure)


if __name__ == '__main__':
    sys.exit(main())
