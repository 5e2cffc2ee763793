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

"""cinder-messages-status: what an operator must know before an upgrade."""

from collections.abc import Sequence
import sys

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from cinder_messages.cmd import common
from cinder_messages.conf import opts
from cinder_messages import exception


class Checks(upgradecheck.UpgradeCommands):
    """The checks of ``upgrade check``.

    :param conf: filled by the time a check runs
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf

    def check_database(self) -> upgradecheck.Result:
        """Whether the schema is the one that this version needs."""
        try:
            common.check_database(self._conf)
        except exception.Error as exc:
            return upgradecheck.Result(upgradecheck.Code.FAILURE, str(exc))
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)

    _upgrade_checks = (
        ('Database schema', check_database),
    )


@common.one_line_errors
def main(argv: Sequence[str]) -> int:
    """Run the checks; see oslo.upgradecheck for the exit codes."""
    conf = cfg.CONF
    opts.register_opts(conf)
    return upgradecheck.main(
        conf, common.PROJECT, Checks(conf), argv=list(argv))


if __name__ == '__main__':
    sys.exit(main())
