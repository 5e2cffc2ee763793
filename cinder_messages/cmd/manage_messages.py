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

"""cinder-messages-manage message: report, list and remove messages."""

import argparse
from collections.abc import Sequence
import datetime

from oslo_config import cfg
from oslo_context import context

from cinder_messages.cmd import argument_types
from cinder_messages.cmd import common
from cinder_messages.cmd import output
from cinder_messages import exception
from cinder_messages.message import api as message_api
from cinder_messages.message import catalog
from cinder_messages.message import definition
from cinder_messages.message import definition_set
from cinder_messages.message import message_field
from cinder_messages.message import model
from cinder_messages.storage import query as storage_query
from cinder_messages.writer import reaper
from cinder_messages.writer import service as writer_service

# Default seconds to wait for a writer to answer.
CREATE_TIMEOUT = 30

# Filters of a list besides the project, and its columns.
FILTERS = ('resource_type', 'resource_uuid', 'event_id', 'request_id',
           'global_request_id', 'message_level', 'user_id')
_COLUMNS = ('created_at', 'id', 'project_id', 'message_level', 'event_id',
            'resource_type', 'resource_uuid', 'request_id', 'user_message')

# Number of messages of a list.
DEFAULT_LIMIT = 50
MAX_LIMIT = 10000


def create(conf: cfg.ConfigOpts) -> int:
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
    event_id = _event_id(conf)
    api = message_api.API(conf)
    who = context.RequestContext(
        user_id=args.user_id, project_id=args.project_id,
        overwrite=False, request_id=args.request_id,
        global_request_id=args.global_request_id)
    message_id = api.create(
        who, event_id, args.project_id,
        resource_type=args.resource_type, resource_uuid=args.resource_uuid,
        level=args.level)
    if not api.flush(args.timeout):
        raise exception.Error(
            f'No writer answered within {args.timeout:g} s. Is '
            'cinder-messages-writer running, and transport_url the one that '
            'it has? The message waits in [cinder_messages] spool_dir for the '
            'next process of this user that reports.')
    if api.counters.rejected:
        raise exception.Error('The writer refused the message; the log says '
                              'why.')
    print(message_id)
    return 0


def _event_id(conf: cfg.ConfigOpts) -> str:
    """Return the event id, composed if an action is given.

    :raises Error: the action or the detail is unknown
    """
    args = conf.command
    if args.event_id:
        if args.detail:
            raise exception.Error('--detail needs --action, not --event-id.')
        return args.event_id
    if not args.resource_type:
        raise exception.Error('--action needs --resource-type.')
    known = catalog.Catalog.load(conf.messages.text_overrides_file)
    action = (known.action_id(args.action) or
              _id(known.actions, message_field.Action, args.action))
    if action is None:
        raise exception.Error(
            f'--action {args.action!r} is unknown. cinder-messages-manage '
            'catalog lists the actions.')
    name = args.detail or str(message_field.Detail.UNKNOWN_ERROR)
    reason = known.reason(name)
    detail = (reason.id if reason and reason.field == definition_set.DETAIL_ID
              else _id(known.details, message_field.Detail, name))
    if detail is None:
        raise exception.Error(
            f'--detail {args.detail!r} is unknown. cinder-messages-manage '
            'catalog lists the reasons.')
    return known.compose(action, detail, args.resource_type)


def _id(known: Sequence[definition.Definition], constants: type,
        name: str) -> str | None:
    """Return the id of a definition by its id or the name of its constant."""
    constant = vars(constants).get(name)
    return next((str(each) for each in known
                 if each == name or each is constant), None)


def reap(conf: cfg.ConfigOpts) -> int:
    """Remove the expired messages."""
    with common.storage(conf) as messages:
        expired = messages.count_expired()
        if conf.command.dry_run:
            output.answer(
                conf, f'{expired} expired messages can be removed.',
                {'expired': expired})
            return 0
        batch_size = conf.messages.message_reap_batch_size

        def show(total: int) -> None:
            if total % (100 * batch_size) == 0 and total:
                output.progress(f'{total} of {expired} removed ...')

        total = reaper.Reaper(messages, 0, batch_size).reap(show)
    output.answer(conf, f'{total} expired messages removed.',
                  {'removed': total})
    return 0


def list_messages(conf: cfg.ConfigOpts) -> int:
    """List the newest messages of all projects, with their ids."""
    args = conf.command
    query = storage_query.Query(
        limit=args.limit, marker=args.marker, filters=tuple(
            storage_query.Filter(column, 'eq', value)
            for column in FILTERS
            if (value := getattr(args, column)) is not None))
    texts = catalog.Catalog.load(conf.messages.text_overrides_file)
    with common.storage(conf) as messages:
        page = messages.list(query, args.project_id)
    shown = [_to_dict(message, texts) for message in page.messages]
    lines = [' '.join(each[name] or '-' for name in _COLUMNS)
             for each in shown]
    if page.has_more:
        lines.append(f'There are more: --marker {page.messages[-1].id}')
    output.answer(conf, '\n'.join(lines or ['No messages.']), {
        'messages': shown, 'has_more': page.has_more})
    return 0


def _to_dict(message: model.Message,
             texts: catalog.Catalog) -> dict[str, str | None]:
    values = message._asdict()
    return {
        **{name: value.isoformat() if isinstance(value, datetime.datetime)
           else value for name, value in values.items()},
        'user_message': texts.text(message.event_id, count=message.count)}


def add_create_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`create`."""
    what = parser.add_mutually_exclusive_group(required=True)
    identifier = argument_types.identifier
    what.add_argument('--event-id', help='what happened, such as 000002 or '
                      'VOLUME_VOLUME_001_003')
    what.add_argument('--action', help='what was being done, an id or a name '
                      'such as EXTEND_VOLUME; needs --resource-type')
    parser.add_argument('--detail',
                        help='with --action: why it failed, an id or a reason '
                        'such as BACKEND_EXTEND_FAILED; default: '
                        'UNKNOWN_ERROR')
    parser.add_argument('--project-id', required=True, type=identifier,
                        help='the project that owns the resource')
    parser.add_argument('--resource-type', type=str.upper,
                        help='such as VOLUME')
    parser.add_argument('--resource-uuid', type=identifier,
                        help='id of the resource that failed')
    parser.add_argument('--level', default=model.ERROR, choices=model.LEVELS,
                        help=f'default: {model.ERROR}')
    parser.add_argument('--request-id', type=identifier,
                        help='id of the request that failed')
    parser.add_argument('--global-request-id', type=identifier,
                        help='id that its caller, such as Nova, uses in all '
                        'services')
    parser.add_argument('--user-id', type=identifier,
                        help='id of the user who made that request')
    parser.add_argument('--timeout', type=argument_types.seconds,
                        default=CREATE_TIMEOUT, metavar='SECONDS',
                        help='how long to wait for a writer to answer; '
                             f'default: {CREATE_TIMEOUT}')


def add_reap_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`reap`."""
    parser.add_argument('--dry-run', action='store_true',
                        help='count the expired messages, and remove none')
    output.add_format(parser)


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`list_messages`."""
    parser.add_argument('--project-id',
                        help='list the messages of this project only')
    for column in FILTERS:
        # NOTE: the API takes a resource type in lower case, too.
        parser.add_argument('--' + column.replace('_', '-'),
                            type=str.upper if column == 'resource_type'
                            else str,
                            help=f'list the messages with this {column} only')
    parser.add_argument(
        '--limit', type=_limit, default=DEFAULT_LIMIT, metavar='N',
        help=f'number of messages, up to {MAX_LIMIT}; '
             f'default: {DEFAULT_LIMIT}')
    parser.add_argument('--marker', metavar='ID',
                        help='list messages older than this one only')
    output.add_format(parser)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LIMIT:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not a number from 1 to {MAX_LIMIT}')
    return int(text)
