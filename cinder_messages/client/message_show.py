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

"""``openstack volume message show``, which reads the key the API sends."""

import argparse
from collections.abc import Sequence
import typing

from osc_lib.command import command

from cinder_messages.client import common
from cinder_messages.client import message_list
from cinder_messages.client import service as client_service


class ShowMessage(command.ShowOne):
    """Show a message about a failed volume, snapshot, backup or group"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser of the command line."""
        parser = super().get_parser(prog_name)
        parser.add_argument('message_id', metavar='<message-id>',
                            help='Message to show (ID)')
        return parser

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Sequence[typing.Any]]:
        """Return the fields of the message."""
        with common.one_line_errors():
            service = client_service.MessageService(common.volumes(self.app))
            message = service.show(parsed_args.message_id)
        columns = {**message_list.COLUMNS, **{
            title: name for title, name in message_list.LONG_COLUMNS.items()
            if name in message.body}}
        return (tuple(sorted(columns)),
                message_list.row(message, (
                    columns[title] for title in sorted(columns))))
