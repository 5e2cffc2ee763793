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

"""``openstack volume why``: the reason of a failure, and what to do."""

import argparse
from collections.abc import Iterator, Sequence
import dataclasses
import typing

from osc_lib.command import command
from osc_lib import exceptions
from stevedore import extension

from cinder_messages.client import common
from cinder_messages.client import message as client_message
from cinder_messages.client import moments
from cinder_messages.client import resources
from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service
from cinder_messages.client import terminal
from cinder_messages.client import text

NOTHING_KNOWN = 3

_COLUMNS = ('Created At', 'First Created At', 'Count', 'Level',
            'Resource Type', 'Resource ID', 'What Failed', 'Why',
            'What To Do', 'Retry', 'Request ID', 'Global Request ID',
            'Event ID', 'Action', 'Reason', 'Message ID')


class Why(command.Lister):
    """Say why a volume, snapshot, backup or group failed, and what to do

    The newest failure comes first; equal ones are folded into one. The exit
    code is 0 if something was found and 3 if nothing is known.
    """

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        super().__init__(*args, **kwargs)
        self._found = False

    def _load_formatter_plugins(self) -> typing.Any:
        plugins = super()._load_formatter_plugins()
        plugins.extensions.append(extension.Extension(
            'text', None, text.TextFormatter,  # type: ignore[arg-type]
            text.TextFormatter()))
        return plugins

    @property
    def formatter_default(self) -> str:
        """Return the format for people."""
        return 'text'

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser of the command line."""
        parser = super().get_parser(prog_name)
        subject = parser.add_mutually_exclusive_group()
        subject.add_argument(
            'resource', metavar='<resource>', nargs='?',
            help='Volume, snapshot, backup or group (name or ID); a name is '
                 'looked for in this order')
        subject.add_argument(
            '--request-id', metavar='<request-id>',
            help='A request instead of a resource: its request ID or global '
                 'request ID')
        subject.add_argument(
            '--server', metavar='<server>',
            help='A server (name or ID): its newest requests, such as a '
                 'failed boot from a volume')
        subject.add_argument(
            '--all', action='store_true',
            help='Everything of the project')
        common.add_type_option(
            parser, 'Type of the resource if several have the name: volume, '
                    'snapshot, backup, group or group_snapshot')
        parser.add_argument(
            '--since', metavar='<duration|time>',
            help='Only what was reported since, for example 90m, 7d or '
                 '2026-11-24T08:00 (UTC)')
        common.add_project_options(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Print the entries.

        :returns: 0, or :data:`NOTHING_KNOWN`
        """
        return super().run(parsed_args) or (
            0 if self._found else NOTHING_KNOWN)

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], typing.Any]:
        """Return the entries as rows."""
        with common.one_line_errors():
            common.check_not_empty(parsed_args, 'resource', 'request_id',
                                   'server', 'type', 'since')
            subject, entries = self._explain(parsed_args)
        self._found = bool(entries)
        if parsed_args.formatter == 'text' and not parsed_args.columns:
            return self._paragraphs(subject, entries,
                                    not parsed_args.resource)
        return _COLUMNS, [_row(entry) for entry in entries]

    def _explain(self, parsed_args: argparse.Namespace
                 ) -> tuple[str, list[client_message.Entry]]:
        """Return the subject in words, and what is known of it."""
        if not (parsed_args.resource or parsed_args.request_id or
                parsed_args.server or parsed_args.all):
            raise exceptions.CommandError(
                'Name a resource, or use --request-id, --server or --all.')
        service = client_service.MessageService(common.volumes(self.app))
        selection = client_selection.Selection(
            all_projects=parsed_args.all_projects,
            own_project_id=common.own_project_id(self.app),
            resource_type=(client_selection.normalize_type(parsed_args.type)
                           if parsed_args.type else None),
            since=common.parse_since(parsed_args.since))
        client_selection.check_type(service, selection)
        if parsed_args.server:
            subject, found = self._of_server(
                service, selection, parsed_args.server)
        else:
            subject, selection = self._select(
                service, selection, parsed_args)
            found = client_selection.select(service, selection)
        return subject, client_message.failures_first(
            client_message.fold(found))

    def _select(self, service: client_service.MessageService,
                selection: client_selection.Selection,
                parsed_args: argparse.Namespace
                ) -> tuple[str, client_selection.Selection]:
        if parsed_args.resource:
            resource = resources.find(
                common.volumes(self.app), service, parsed_args.resource,
                selection)
            return (text.describe(resource.type, resource.id, resource.name),
                    dataclasses.replace(
                        selection, resource_uuid=resource.id))
        if parsed_args.request_id:
            return (f'request {terminal.escape(parsed_args.request_id)}',
                    dataclasses.replace(
                        selection, request_id=parsed_args.request_id))
        return 'this project', selection

    def _of_server(self, service: client_service.MessageService,
                   selection: client_selection.Selection, name: str
                   ) -> tuple[str, Iterator[client_message.Message]]:
        """Return the messages of a server's requests, newest first.

        A service without global request ids does not know the requests of
        Compute; there the attached volumes stand for them.
        """
        compute = self.app.client_manager.sdk_connection.compute
        server, requests = resources.server_requests(compute, name)
        wanted: list[dict[str, typing.Any]] = [
            {'request_id': each} for each in requests]
        if not service.extended:
            wanted += [{'resource_uuid': each} for each in
                       resources.attached_volumes(compute, server)]
        found = {message.id: message for each in wanted
                 for message in client_selection.select(
                     service, dataclasses.replace(selection, **each))}
        newest_first = sorted(
            found.values(), reverse=True,
            key=lambda message: message.get('created_at'))
        return (text.describe(server.type, server.id, server.name),
                iter(newest_first))

    def _paragraphs(self, subject: str, entries: list[client_message.Entry],
                    with_resource: bool) -> tuple[Sequence[str], typing.Any]:
        """Return all fields as columns, of which an entry may lack some."""
        if not entries:
            self.app.stdout.write(
                f'Nothing is known about {subject}: there is no message, or '
                'it has expired or was deleted.\n')
            return ('',), []
        now = moments.utcnow()
        rows = [text.paragraph(entry, now, with_resource)
                for entry in entries]
        self.app.stdout.write(f'{subject[0].upper()}{subject[1:]}\n\n')
        return ([name for name, _ in rows[0]],
                [[value for _, value in row] for row in rows])


def _row(entry: client_message.Entry) -> tuple[typing.Any, ...]:
    message = entry.newest
    return (message.get('created_at'),
            entry.first_at.isoformat('T', 'microseconds')
            if entry.first_at else '',
            entry.count, message.get('message_level'),
            message.get('resource_type'), message.get('resource_uuid'),
            message.what, message.why, message.remedy, message.retry,
            message.get('request_id'), message.get('global_request_id'),
            message.get('event_id'), message.get('action'),
            message.get('reason'), message.id)
