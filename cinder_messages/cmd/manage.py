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

"""cinder-messages-manage: what an operator does by hand."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import inspect
import sys

from oslo_config import cfg

from cinder_messages.cmd import common
from cinder_messages.cmd import import_cinder
from cinder_messages.cmd import manage_db
from cinder_messages.cmd import manage_messages
from cinder_messages.cmd import manage_writer
from cinder_messages.cmd import output

PROG = 'cinder-messages-manage'

DESCRIPTION = """\
Looks after the database of cinder_messages, and reports, lists and removes
messages by hand.
"""

EPILOG = """\
Exit codes: 0 is success, 1 a trouble that one line on stderr names, 2
arguments that are not understood. Each command has a --help with examples.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One command; its docstring is what its ``--help`` says.

    :ivar run: returns the exit code
    :ivar add_arguments: to its parser
    :ivar examples: its arguments, as one might type them
    """

    run: Callable[[cfg.ConfigOpts], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    examples: tuple[str, ...] = ('',)


COMMANDS: dict[str, tuple[str, dict[str, Command]]] = {
    'db': ('the database and its schema', {
        'sync': Command(manage_db.sync),
        'version': Command(manage_db.version, output.add_format,
                           ('', '--format json')),
        'check': Command(manage_db.check, output.add_format,
                         ('', '--format json')),
        'import-cinder': Command(
            import_cinder.run, import_cinder.add_arguments,
            ('--cinder-conf /etc/cinder/cinder.conf --dry-run',
             '--cinder-conf /etc/cinder/cinder.conf')),
    }),
    'message': ('the messages themselves', {
        'create': Command(
            manage_messages.create, manage_messages.add_create_arguments,
            ('--event-id 000002 --project-id PROJECT \\\n'
             '      --resource-type VOLUME --resource-uuid VOLUME_ID',
             '--action EXTEND_VOLUME --detail DRIVER_FAILED_EXTEND \\\n'
             '      --resource-type VOLUME --project-id PROJECT')),
        'list': Command(
            manage_messages.list_messages, manage_messages.add_list_arguments,
            ('--resource-uuid VOLUME_ID', '--request-id REQUEST',
             '--project-id PROJECT --limit 1000 --format json')),
        'reap': Command(
            manage_messages.reap, manage_messages.add_reap_arguments,
            ('--dry-run --format json', '')),
    }),
    'writer': ('the writers', {
        'ping': Command(
            manage_writer.ping, manage_writer.add_ping_arguments,
            ('', '--host HOST --timeout 2')),
    }),
}


def _add_parsers(subparsers: argparse._SubParsersAction) -> None:
    for category, (about, commands) in COMMANDS.items():
        parser = subparsers.add_parser(category, help=about)
        actions = parser.add_subparsers(
            title='commands', dest='action_name', required=True)
        for name, command in commands.items():
            about_command = inspect.getdoc(command.run) or ''
            action = actions.add_parser(
                name, help=about_command.partition('\n')[0],
                description=about_command,
                epilog='examples:' + ''.join(
                    f'\n  {PROG} {category} {name} {example}'.rstrip()
                    for example in command.examples),
                formatter_class=argparse.RawDescriptionHelpFormatter)
            action.set_defaults(run=command.run)
            if command.add_arguments:
                command.add_arguments(action)


CLI_OPTS = [
    cfg.StrOpt(
        'state-dir',
        metavar='DIR',
        help='Use the database file of a cinder-messages-all with this state '
             'directory, and no broker.'),
    cfg.SubCommandOpt('command', title='commands', handler=_add_parsers),
]


@common.one_line_errors()
def main(argv: Sequence[str]) -> int:
    """Run one command."""
    conf = cfg.CONF
    common.configure(conf, argv, DESCRIPTION, CLI_OPTS, EPILOG, quiet=True)
    if conf.state_dir:
        common.use_state_dir(conf, conf.state_dir)
    return conf.command.run(conf)


if __name__ == '__main__':
    sys.exit(main())
