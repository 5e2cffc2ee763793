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

"""Print why something failed for people, and messages line by line."""

from collections.abc import Iterator, Sequence
import datetime
import shutil
import textwrap
import typing

from cliff.formatters import base

from cinder_messages.client import message as client_message
from cinder_messages.client import moments
from cinder_messages.client import resources

_INDENT = 14
_NARROWEST = 40


def describe(resource_type: str, resource_uuid: str, name: str = '') -> str:
    """Return a resource in words: ``volume data (ID)`` or ``volume ID``."""
    kind = resources.print_type(resource_type) if resource_type else ''
    identity = f'{name} ({resource_uuid})' if name else resource_uuid
    return ' '.join(filter(None, (kind, identity)))


def times(entry: client_message.Entry) -> str:
    """Return how often and when a folded failure happened."""
    if entry.count == 1:
        return moments.print_time(entry.newest.created_at)
    return (f'{entry.count} times, '
            f'first {moments.print_time(entry.first_at)}, '
            f'last {moments.print_time(entry.newest.created_at)}')


class TextFormatter(base.ListFormatter):
    """The default output of ``volume why``.

    Columns that are named with ``-c`` are printed as ``name: value``.
    """

    def add_argument_group(self, parser: typing.Any) -> None:
        """Add no options."""

    def emit_list(self, column_names: Sequence[str], data: typing.Any,
                  stdout: typing.TextIO, parsed_args: typing.Any) -> None:
        """Print the entries, each as a paragraph."""
        width = max(shutil.get_terminal_size().columns, _NARROWEST)
        for number, row in enumerate(data):
            if number:
                stdout.write('\n')
            for name, value in zip(column_names, row, strict=True):
                if value not in ('', None):
                    for line in field(name, str(value), width):
                        stdout.write(line + '\n')


def field(name: str, value: str, width: int) -> Iterator[str]:
    """Yield the lines of one field, wrapped and indented.

    NOTE: ids are never broken, so that they can be copied.
    """
    head = f'{name}:'.ljust(_INDENT)
    yield from textwrap.wrap(
        value, width, initial_indent=head, subsequent_indent=' ' * _INDENT,
        break_long_words=False, break_on_hyphens=False) or [head.rstrip()]


def paragraph(entry: client_message.Entry, now: datetime.datetime,
              with_resource: bool) -> list[tuple[str, str]]:
    """Return the fields of an entry for people, in the order of reading."""
    message = entry.newest
    when = times(entry)
    if message.created_at:
        when += f' ({moments.print_age(message.created_at, now)})'
    level = message.get('message_level')
    return [
        ('When', when),
        ('Resource', describe(message.get('resource_type'),
                              message.get('resource_uuid'))
         if with_resource else ''),
        ('Level', level if level != 'ERROR' else ''),
        ('What failed', message.what),
        ('Why', message.why),
        ('What to do', message.remedy),
        ('Try again', message.try_again),
        ('Request ID', message.get('request_id')),
        ('Help', _help(message)),
    ]


def _help(message: client_message.Message) -> str:
    for link in message.body.get('links') or ():
        if isinstance(link, dict) and link.get('rel') == 'help':
            return str(link.get('href') or '')
    return ''


def line(message: client_message.Message) -> str:
    """Return a message as one line."""
    request_id = message.get('request_id')
    return '  '.join(filter(None, (
        moments.print_time(message.created_at),
        message.get('message_level'),
        describe(message.get('resource_type'), message.get('resource_uuid')),
        message.get('user_message'),
        f'[{request_id}]' if request_id else '')))
