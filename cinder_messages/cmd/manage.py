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

"""cinder-messages-manage: the commands of an operator."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import inspect
import sys

from oslo_config import cfg

from cinder_messages.cmd import common
from cinder_messages.cmd import import_cinder
from cinder_messages.cmd import manage_catalog
from cinder_messages.cmd import manage_cinder
from cinder_messages.cmd import manage_db
from cinder_messages.cmd import manage_messages
from cinder_messages.cmd import manage_report
from cinder_messages.cmd import manage_spool
from cinder_messages.cmd import manage_writer
from cinder_messages.cmd import output

PROG = 'cinder-messages-manage'

DESCRIPTION = """\
Manage the database of cinder_messages and its messages, and install it into a
Cinder.
"""

EPILOG = """\
Exit status: 0 success, 1 error (one line on stderr), 2 invalid arguments. Each
command has a --help with examples.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """A command; the docstring of ``run`` is the text of its ``--help``.

    :ivar run: runs the command, and returns the exit status
    :ivar add_arguments: adds its arguments to its parser
    :ivar examples: examples of its arguments
    """

    run: Callable[[cfg.ConfigOpts], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    examples: tuple[str, ...] = ('',)


_CINDER_FILES = (' \\\n      --paste-file /etc/cinder/api-paste.ini '
                 '--config-file /etc/cinder/cinder.conf')

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
             '--action EXTEND_VOLUME --detail BACKEND_EXTEND_FAILED \\\n'
             '      --resource-type VOLUME --project-id PROJECT')),
        'list': Command(
            manage_messages.list_messages, manage_messages.add_list_arguments,
            ('--resource-uuid VOLUME_ID', '--request-id REQUEST',
             '--project-id PROJECT --limit 1000 --format json')),
        'report': Command(
            manage_report.report, manage_report.add_report_arguments,
            ('', '--since 7d --by event,host',
             '--since 1h --by project --format json')),
        'reap': Command(
            manage_messages.reap, manage_messages.add_reap_arguments,
            ('--dry-run --format json', '')),
    }),
    'cinder': ('the files of a Cinder on this host', {
        'install': Command(
            manage_cinder.install, manage_cinder.add_install_arguments,
            (_CINDER_FILES + ' --dry-run', _CINDER_FILES)),
        'check': Command(
            manage_cinder.check, manage_cinder.add_check_arguments,
            (_CINDER_FILES, '--format json' + _CINDER_FILES)),
        'uninstall': Command(
            manage_cinder.uninstall, manage_cinder.add_uninstall_arguments,
            (_CINDER_FILES,)),
    }),
    'spool': ('reports that wait on this host', {
        'list': Command(
            manage_spool.list_spool, manage_spool.add_list_arguments,
            ('', '--spool-dir /var/lib/cinder/messages --format json')),
        'send': Command(
            manage_spool.send, manage_spool.add_send_arguments,
            ('', '--spool-dir /var/lib/cinder/messages --timeout 10')),
        'retry': Command(
            manage_spool.retry, manage_spool.add_retry_arguments,
            ('', '--code UNKNOWN_EVENT')),
        'drop': Command(
            manage_spool.drop, manage_spool.add_drop_arguments,
            ('--code INVALID_REPORT', '--id REPORT')),
    }),
    'writer': ('the writers', {
        'delete-queues': Command(
            manage_writer.delete_queues, manage_writer.add_delete_arguments),
        'ping': Command(
            manage_writer.ping, manage_writer.add_ping_arguments,
            ('', '--host HOST --timeout 2')),
    }),
}


# Commands without a category.
SINGLE_COMMANDS: dict[str, Command] = {
    'catalog': Command(manage_catalog.show, manage_catalog.add_arguments,
                       ('', '--format json')),
}


def _add_parsers(subparsers: argparse._SubParsersAction) -> None:
    for name, command in SINGLE_COMMANDS.items():
        _add_parser(subparsers, name, command, f'{PROG} {name}')
    for category, (about, commands) in COMMANDS.items():
        parser = subparsers.add_parser(category, help=about)
        actions = parser.add_subparsers(
            title='commands', dest='action_name', required=True)
        for name, command in commands.items():
            _add_parser(actions, name, command, f'{PROG} {category} {name}')


def _add_parser(subparsers: argparse._SubParsersAction, name: str,
                command: Command, line: str) -> None:
    about = inspect.getdoc(command.run) or ''
    parser = subparsers.add_parser(
        name, help=about.partition('\n')[0], description=about,
        epilog='examples:' + ''.join(f'\n  {line} {example}'.rstrip()
                                     for example in command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(run=command.run)
    if command.add_arguments:
        command.add_arguments(parser)


CLI_OPTS = [
    cfg.StrOpt(
        'state-dir',
        metavar='DIR',
        help='State directory of a cinder-messages-all, whose database file '
             'is used, without a broker.'),
    cfg.SubCommandOpt('command', title='commands', handler=_add_parsers),
]


@common.one_line_errors()
def main(argv: Sequence[str]) -> int:
    """Run one command."""
    conf = cfg.CONF
    argv = manage_cinder.rename_option(argv)
    common.configure(
        conf, argv, DESCRIPTION, CLI_OPTS, EPILOG, quiet=True,
        config_files=None if manage_cinder.needs_configuration(argv) else [])
    if conf.state_dir:
        common.use_state_dir(conf, conf.state_dir,
                             create=conf.command.run is manage_db.sync)
    return conf.command.run(conf)


if __name__ == '__main__':
    sys.exit(main())
