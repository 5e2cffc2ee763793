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

"""``openstack volume message delete``, which needs no version to be set."""

import argparse

from osc_lib.command import command
from osc_lib import exceptions

from cinder_messages.client import common
from cinder_messages.client import service as client_service


class DeleteMessage(command.Command):
    """Delete messages about failed volumes, snapshots, backups and groups"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser of the command line."""
        parser = super().get_parser(prog_name)
        parser.add_argument('message_ids', metavar='<message-id>', nargs='+',
                            help='Message(s) to delete (ID)')
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Delete each message; report those that could not be deleted."""
        with common.one_line_errors():
            service = client_service.MessageService(common.volumes(self.app))
        failed = 0
        for message_id in parsed_args.message_ids:
            try:
                service.delete(message_id)
            except client_service.ServiceError as error:
                self.log.error('Failed to delete message: %s', error)
                failed += 1
        if failed:
            raise exceptions.CommandError(
                f'Failed to delete {failed} of '
                f'{len(parsed_args.message_ids)} messages.')
