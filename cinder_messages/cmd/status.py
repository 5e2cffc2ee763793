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

"""cinder-messages-status: checks before an upgrade."""

from collections.abc import Sequence
import sys

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from cinder_messages.cmd import checks
from cinder_messages.cmd import common
from cinder_messages.conf import opts
from cinder_messages.conf import startup

DESCRIPTION = """\
Check whether an upgrade can succeed. Changes nothing: run it with the new code
and the old configuration, before any restart.
"""

EPILOG = """\
Exit status: 0 success, 1 a check has a warning, 2 a check has failed and the
upgrade should wait, 255 the configuration cannot be read. For example:
cinder-messages-status upgrade check --json
"""


class Checks(upgradecheck.UpgradeCommands):
    """The checks of ``upgrade check``.

    :param conf: parsed before a check runs
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._upgrade_checks = tuple(
            (name, (_run, {'check': check, 'conf': conf}))
            for name, check in checks.CHECKS.items())


def _run(_commands: Checks, check: checks.Check,
         conf: cfg.ConfigOpts) -> upgradecheck.Result:
    return check(conf)


@common.one_line_errors(code=255)
def main(argv: Sequence[str]) -> int:
    """Run the checks; :data:`EPILOG` explains the exit status."""
    conf = cfg.CONF
    upgradecheck.register_cli_options(conf, Checks(conf))
    startup.parse(conf, argv, DESCRIPTION, EPILOG)
    opts.validate(conf)
    # NOTE: run() reads --json from there. The library's main() would set it,
    # but has no text for --help.
    upgradecheck.CONF = conf
    return upgradecheck.run(conf)


if __name__ == '__main__':
    sys.exit(main())
