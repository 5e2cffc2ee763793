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

"""``openstack volume message list``: with filters, and as they come."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
import dataclasses
import itertools
import time
import typing

from openstackclient.identity import common as identity_common
from osc_lib.command import command
from osc_lib import exceptions

from cinder_messages.client import common
from cinder_messages.client import follow
from cinder_messages.client import message as client_message
from cinder_messages.client import resources
from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service
from cinder_messages.client import stream

_NEWEST_FIRST = 'created_at:desc'

# As the command of python-openstackclient that this one replaces has them.
COLUMNS = {
    'ID': 'id', 'Event ID': 'event_id', 'Resource Type': 'resource_type',
    'Resource UUID': 'resource_uuid', 'Message Level': 'message_level',
    'User Message': 'user_message', 'Request ID': 'request_id',
    'Created At': 'created_at', 'Guaranteed Until': 'guaranteed_until'}
LONG_COLUMNS = {
    'Action': 'action', 'Reason': 'reason', 'Remedy': 'remedy',
    'Retry': 'retry', 'Count': 'count',
    'Global Request ID': 'global_request_id', 'User ID': 'user_id',
    'Host': 'host'}


def row(message: client_message.Message, columns: Iterable[str]
        ) -> tuple[typing.Any, ...]:
    """Return some fields of a message; a missing one is None."""
    return tuple(message.body.get(name) for name in columns)


class ListMessages(command.Lister):
    """List messages about failed volumes, snapshots, backups and groups"""

    def __init__(self, *args: typing.Any,
                 sleep: Callable[[float], object] = time.sleep,
                 **kwargs: typing.Any) -> None:
        super().__init__(*args, **kwargs)
        self._sleep = sleep

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser of the command line."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--resource', metavar='<resource>',
            help='Volume, snapshot, backup or group (name or ID)')
        common.add_type_option(
            parser, 'Type of the resource: volume, snapshot, backup, group '
                    'or group_snapshot')
        parser.add_argument(
            '--level', metavar='<level>', help='ERROR, WARNING or INFO')
        for name, example in (('reason', 'NOT_ENOUGH_SPACE_FOR_IMAGE'),
                              ('action', 'EXTEND_VOLUME')):
            parser.add_argument(
                f'--{name}', metavar=f'<{name}>',
                help=f'Name of the {name}, for example {example}, or its '
                     'number in the event ID')
        parser.add_argument(
            '--request-id', metavar='<request-id>',
            help='Request ID or global request ID')
        parser.add_argument(
            '--since', metavar='<duration|time>',
            help='Only what was reported since, for example 90m, 7d or '
                 '2026-11-24T08:00 (UTC)')
        parser.add_argument(
            '--sort', metavar='<key>[:<direction>][,...]',
            default=_NEWEST_FIRST,
            help='Fields to sort by, each with asc or desc (default: '
                 'created_at:desc)')
        parser.add_argument(
            '--long', action='store_true',
            help='Include action, reason, remedy and retry where the '
                 'service has them')
        common.add_project_options(parser)
        parser.add_argument(
            '--project', metavar='<project>',
            help='Project (name or ID; administrators only)')
        identity_common.add_project_domain_option_to_parser(parser)
        _add_page_options(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Iterable[typing.Any]]:
        """Return the messages as rows; with ``--follow`` print them."""
        with common.one_line_errors():
            common.check_not_empty(
                parsed_args, 'resource', 'type', 'level', 'reason', 'action',
                'request_id', 'since', 'project', 'marker')
            _check_numbers(parsed_args)
            service = client_service.MessageService(common.volumes(self.app))
            selection = self._selection(service, parsed_args)
            columns = COLUMNS | (LONG_COLUMNS if parsed_args.long else {})
            if parsed_args.follow:
                self._follow(service, selection, columns, parsed_args)
                return tuple(columns), ()
            found = itertools.islice(
                client_selection.select(
                    service, selection,
                    parsed_args.limit or client_service.PAGE_SIZE,
                    parsed_args.marker),
                parsed_args.max_items)
            return tuple(columns), [row(message, columns.values())
                                    for message in found]

    def produce_output(self, parsed_args: argparse.Namespace,
                       column_names: Sequence[str], data: typing.Any) -> int:
        """Print the rows, unless they were followed."""
        if parsed_args.follow:
            return 0
        return super().produce_output(parsed_args, column_names, data)

    def _selection(self, service: client_service.MessageService,
                   parsed_args: argparse.Namespace
                   ) -> client_selection.Selection:
        normalize = client_selection
        values: dict[str, typing.Any] = {
            name: function(getattr(parsed_args, name))
            for name, function in (
                ('level', normalize.normalize_level),
                ('action', normalize.normalize_name),
                ('reason', normalize.normalize_name))
            if getattr(parsed_args, name)}
        project_id = self._project_id(parsed_args)
        projects = client_selection.Selection(
            resource_type=(normalize.normalize_type(parsed_args.type)
                           if parsed_args.type else None),
            all_projects=parsed_args.all_projects, project_id=project_id,
            own_project_id=common.own_project_id(self.app))
        normalize.check_type(service, projects)
        resource_uuid = resources.find(
            common.volumes(self.app), service, parsed_args.resource, projects
        ).id if parsed_args.resource else None
        return dataclasses.replace(
            projects, resource_uuid=resource_uuid,
            request_id=parsed_args.request_id,
            since=common.parse_since(parsed_args.since),
            sort=normalize.parse_sort(parsed_args.sort), **values)

    def _project_id(self, parsed_args: argparse.Namespace) -> str | None:
        if not parsed_args.project:
            return None
        identity = self.app.client_manager.sdk_connection.identity
        try:
            return identity_common.find_project_id_sdk(
                identity, parsed_args.project, parsed_args.project_domain)
        except exceptions.CommandError as error:
            # NOTE: it raises one without a text.
            raise exceptions.CommandError(
                str(error) or 'There is no project '
                              f'{parsed_args.project!r}.') from error

    def _follow(self, service: client_service.MessageService,
                selection: client_selection.Selection,
                columns: dict[str, str],
                parsed_args: argparse.Namespace) -> None:
        names, selector = self._generate_columns_and_selector(
            parsed_args, tuple(columns))
        out = stream.make_stream(parsed_args, names, self.app.stdout)
        batches = follow.follow(
            follow.Follower(service, selection), selection.since,
            self._sleep, self.log.warning)
        for message in _chain(batches):
            values = row(message, columns.values())
            out.write(message, list(
                itertools.compress(values, selector) if selector else values))


def _check_numbers(parsed_args: argparse.Namespace) -> None:
    """Refuse values that no request can have.

    :raises CommandError: with a line for the user
    """
    if parsed_args.limit is not None and parsed_args.limit < 1:
        raise exceptions.CommandError('--limit must be at least 1.')
    if parsed_args.max_items is not None and parsed_args.max_items < 0:
        raise exceptions.CommandError('--max-items must not be negative.')
    if parsed_args.follow and parsed_args.sort != _NEWEST_FIRST:
        raise exceptions.CommandError(
            '--follow prints the oldest first; --sort has no effect on it.')


def _chain(batches: Iterable[list[client_message.Message]]
           ) -> Iterator[client_message.Message]:
    for batch in batches:
        yield from batch


def _add_page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--follow', action='store_true',
        help='Print what comes, oldest first, until interrupted; with '
             '--since also what has come since')
    parser.add_argument(
        '--limit', metavar='<limit>', type=int,
        help='Messages a request; see --max-items for their number in total')
    parser.add_argument(
        '--marker', metavar='<message-id>',
        help='Begin after the message with this ID')
    parser.add_argument(
        '--max-items', metavar='<max-items>', type=int,
        help='The most messages to list')
