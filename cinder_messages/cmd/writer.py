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

"""cinder-messages-writer: stores what services report."""

from collections.abc import Sequence
import os
import signal
import sys

from oslo_config import cfg
from oslo_service import service

from cinder_messages.cmd import common
from cinder_messages import guru
from cinder_messages.message import catalog
from cinder_messages.metrics import loader
from cinder_messages.writer import readiness
from cinder_messages.writer import service as writer_service

DESCRIPTION = """\
Stores what services report until it is stopped: [writer] workers processes,
each with an RPC server and a reaper. SIGTERM finishes and answers what is in
flight; SIGHUP reads the configuration again and replaces the workers; SIGUSR2
writes a report of what a process is doing to stderr.
"""

EPILOG = """\
Exit codes: 0 is success, 1 a trouble that one line on stderr names, 2
arguments that are not understood. systemd is told when it takes calls
(Type=notify). For example: cinder-messages-writer --config-file
/etc/cinder-messages/cinder-messages.conf
"""


@common.one_line_errors()
def main(argv: Sequence[str]) -> int:
    """Run until told to stop."""
    conf = cfg.CONF
    common.configure(conf, argv, DESCRIPTION, epilog=EPILOG)
    # NOTE: what the workers will do, so that it fails here and once.
    catalog.Catalog.load(conf.messages.text_overrides_file)
    common.check_database(conf)
    start_metrics = loader.prepare_writer_metrics(conf)
    # NOTE: handlers and what is told go to the workers with the fork.
    guru.on_signal(conf)
    ready = readiness.Readiness(os.environ)
    launcher = service.launch(
        conf, writer_service.WriterService(conf, start_metrics, ready.ready),
        workers=conf.writer.workers, restart_method='mutate')
    # NOTE: the launcher waits for signals by a descriptor, and its workers
    # have handlers of their own.
    signal.signal(signal.SIGTERM, lambda *_: ready.stopping())
    return launcher.wait()


if __name__ == '__main__':
    sys.exit(main())
