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

"""Helpers that the commands share."""

import contextlib
import datetime
import typing

from keystoneauth1 import exceptions as auth_exceptions
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from cinder_messages.client import moments
from cinder_messages.client import resources
from cinder_messages.client import selection as client_selection
from cinder_messages.client import service as client_service
from cinder_messages.client import terminal

_EXPECTED = (auth_exceptions.ClientException, sdk_exceptions.SDKException,
             client_service.ServiceError, client_selection.InvalidFilter,
             resources.ResourceNotFound, moments.InvalidTime)


@contextlib.contextmanager
def one_line_errors() -> typing.Iterator[None]:
    """Turn what can go wrong into one line and exit code 1."""
    try:
        yield
    except _EXPECTED as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise exceptions.CommandError(terminal.escape(lines[0])) from error


def check_not_empty(parsed_args: typing.Any, *names: str) -> None:
    """Refuse empty options, such as those of an unset variable in a script.

    :raises CommandError: if one of the options is an empty text
    """
    for name in names:
        if getattr(parsed_args, name) == '':
            option = ('<resource>' if name == 'resource' and
                      not hasattr(parsed_args, 'sort')
                      else f'--{name.replace("_", "-")}')
            raise exceptions.CommandError(f'{option} must not be empty.')


def volumes(app: typing.Any) -> typing.Any:
    """Return the SDK's proxy of Block Storage."""
    return app.client_manager.sdk_connection.block_storage


def own_project_id(app: typing.Any) -> str | None:
    """Return the project of the token, if it has one."""
    return app.client_manager.sdk_connection.session.get_project_id()


def parse_since(text: str | None) -> datetime.datetime | None:
    """Return the moment of ``--since``; None if it was not given."""
    return moments.parse_since(text, moments.utcnow()) if text else None


def add_project_options(parser: typing.Any) -> None:
    """Add the option of administrators to look into all projects."""
    parser.add_argument(
        '--all-projects', action='store_true',
        help='Include all projects (administrators only)')


def add_type_option(parser: typing.Any, help_text: str) -> None:
    """Add ``--type``."""
    parser.add_argument('--type', metavar='<type>', help=help_text)
