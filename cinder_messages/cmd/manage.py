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
import sys

from oslo_config import cfg
from oslo_context import context

from cinder_messages.cmd import common
from cinder_messages.cmd import import_cinder
from cinder_messages import exception
from cinder_messages.message import api as message_api
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store
from cinder_messages.writer import reaper
from cinder_messages.writer import service as writer_service

DESCRIPTION = """\
Looks after the database of cinder_messages, and reports messages by hand.
Exit code 0 is success, 1 a trouble that one line on stderr names.
"""

# Seconds to wait for a writer to answer.
CREATE_TIMEOUT = 30


def db_sync(conf: cfg.ConfigOpts) -> int:
    """Bring the database to the schema of this version."""
    with common.database(conf) as engine:
        migrate.upgrade(engine)
    return db_check(conf)


def db_version(conf: cfg.ConfigOpts) -> int:
    """Print the revision that the database is at."""
    with common.database(conf) as engine:
        print(migrate.version(engine))
    return 0


def db_check(conf: cfg.ConfigOpts) -> int:
    """Fail unless the database has the schema of this version."""
    common.check_database(conf)
    print(f'The database is at revision {migrate.head()}, as it should be.')
    return 0


def message_create(conf: cfg.ConfigOpts) -> int:
    """Report a message as a service would; wait until it is stored."""
    if not conf.state_dir:
        return _report(conf)
    # NOTE: there is no broker between this process and cinder-messages-all;
    # the same writer on the same database does what its writer would.
    common.check_database(conf)
    writer = writer_service.WriterService(conf)
    writer.start()
    try:
        return _report(conf)
    finally:
        writer.stop()


def _report(conf: cfg.ConfigOpts) -> int:
    args = conf.command
    api = message_api.API(conf)
    who = context.RequestContext(
        user_id=args.user_id, project_id=args.project_id,
        overwrite=False, request_id=args.request_id)
    resource = {'resource_type': args.resource_type,
                'resource_uuid': args.resource_uuid, 'level': args.level}
    if args.action:
        message_id = api.create_for_action(
            who, getattr(message_field.Action, args.action, args.action),
            detail=getattr(message_field.Detail, args.detail, args.detail),
            **resource)
    else:
        message_id = api.create(
            who, args.event_id, args.project_id, **resource)
    if not api.flush(CREATE_TIMEOUT):
        raise exception.Error(
            f'No writer answered within {CREATE_TIMEOUT} s. Is '
            'cinder-messages-writer running, and transport_url the one that '
            'it has? The message waits in [cinder_messages] spool_dir for the '
            'next process of this user that reports.')
    if api.counters.rejected:
        raise exception.Error('The writer refused the message; the log says '
                              'why.')
    print(message_id)
    return 0


def message_reap(conf: cfg.ConfigOpts) -> int:
    """Remove the messages whose guaranteed time is over."""
    common.check_database(conf)
    messages = store.MessageStore(engine.make_facade(conf))
    if conf.command.dry_run:
        print(f'{messages.count_expired()} expired messages can be removed.')
        return 0
    expired = messages.count_expired()
    batch_size = conf.messages.message_reap_batch_size

    def show(total: int) -> None:
        if total % (100 * batch_size) == 0 and total:
            print(f'{total} of {expired} removed ...', flush=True)

    total = reaper.Reaper(messages, 0, batch_size).reap(show)
    print(f'{total} expired messages removed.')
    return 0


def _add_create_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--event-id', help='what happened, such as 000002 or '
                      'VOLUME_VOLUME_001_003')
    what.add_argument('--action', help='what was being done, an id or a name '
                      'such as EXTEND_VOLUME; needs --resource-type')
    parser.add_argument('--detail', default='UNKNOWN_ERROR',
                        help='with --action: why it failed, an id or a name '
                        'such as DRIVER_FAILED_EXTEND')
    parser.add_argument('--project-id', required=True,
                        help='the project that owns the resource')
    parser.add_argument('--resource-type', help='such as VOLUME')
    parser.add_argument('--resource-uuid', help='which resource failed')
    parser.add_argument('--level', default=model.ERROR, choices=model.LEVELS)
    parser.add_argument('--request-id', help='the request that failed')
    parser.add_argument('--user-id', help='who made that request')


def _add_reap_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--dry-run', action='store_true',
                        help='only count what would be removed')


_Command = tuple[Callable[[cfg.ConfigOpts], int],
                 Callable[[argparse.ArgumentParser], None] | None]

COMMANDS: dict[str, tuple[str, dict[str, _Command]]] = {
    'db': ('the database and its schema', {
        'sync': (db_sync, None),
        'version': (db_version, None),
        'check': (db_check, None),
        'import-cinder': (import_cinder.run, import_cinder.add_arguments),
    }),
    'message': ('the messages themselves', {
        'create': (message_create, _add_create_arguments),
        'reap': (message_reap, _add_reap_arguments),
    }),
}


def _add_parsers(subparsers: argparse._SubParsersAction) -> None:
    for category, (about, commands) in COMMANDS.items():
        parser = subparsers.add_parser(category, help=about)
        actions = parser.add_subparsers(
            title='commands', dest='action_name', required=True)
        for name, (function, add_arguments) in commands.items():
            action = actions.add_parser(
                name, help=function.__doc__, description=function.__doc__)
            action.set_defaults(run=function)
            if add_arguments:
                add_arguments(action)


CLI_OPTS = [
    cfg.StrOpt(
        'state-dir',
        metavar='DIR',
        help='Use the database file of a cinder-messages-all with this state '
             'directory, and no broker.'),
    cfg.SubCommandOpt('command', title='commands', handler=_add_parsers),
]


@common.one_line_errors
def main(argv: Sequence[str]) -> int:
    """Run one command."""
    conf = cfg.CONF
    common.configure(conf, argv, DESCRIPTION, CLI_OPTS, quiet=True)
    if conf.state_dir:
        common.use_state_dir(conf, conf.state_dir)
    return conf.command.run(conf)


if __name__ == '__main__':
    sys.exit(main())
