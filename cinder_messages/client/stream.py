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

"""Print messages one by one, in the formats that allow it."""

import argparse
from collections.abc import Sequence
import csv
import json
import typing

from osc_lib import exceptions

from cinder_messages.client import message as client_message
from cinder_messages.client import text


class Stream(typing.Protocol):
    """An output to which messages are added."""

    def write(self, message: client_message.Message,
              values: Sequence[typing.Any]) -> None:
        """Print one message at once."""


class LineStream:
    """Prints each message as a line for people."""

    def __init__(self, out: typing.TextIO) -> None:
        self._out = out

    def write(self, message: client_message.Message,
              values: Sequence[typing.Any]) -> None:
        """Print one message at once."""
        self._out.write(text.line(message) + '\n')
        self._out.flush()


class ValueStream:
    """Prints the values of each message in one line."""

    def __init__(self, out: typing.TextIO) -> None:
        self._out = out

    def write(self, message: client_message.Message,
              values: Sequence[typing.Any]) -> None:
        """Print one message at once."""
        self._out.write(' '.join(map(str, values)) + '\n')
        self._out.flush()


class JSONStream:
    """Prints each message as a JSON object in one line."""

    def __init__(self, names: Sequence[str], out: typing.TextIO) -> None:
        self._names = names
        self._out = out

    def write(self, message: client_message.Message,
              values: Sequence[typing.Any]) -> None:
        """Print one message at once."""
        self._out.write(json.dumps(dict(zip(
            self._names, values, strict=True))) + '\n')
        self._out.flush()


class CSVStream:
    """A header, and one record a message."""

    def __init__(self, names: Sequence[str], out: typing.TextIO) -> None:
        self._out = out
        self._writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC,
                                  lineterminator='\n')
        self._writer.writerow(names)

    def write(self, message: client_message.Message,
              values: Sequence[typing.Any]) -> None:
        """Print one message at once."""
        self._writer.writerow(values)
        self._out.flush()


def make_stream(parsed_args: argparse.Namespace, names: Sequence[str],
                out: typing.TextIO) -> Stream:
    """Return the stream of a format.

    :raises CommandError: the format needs all messages at once
    """
    if parsed_args.formatter == 'table' and not parsed_args.columns:
        return LineStream(out)
    if parsed_args.formatter in ('table', 'value'):
        return ValueStream(out)
    if parsed_args.formatter == 'json':
        return JSONStream(names, out)
    if parsed_args.formatter == 'csv':
        return CSVStream(names, out)
    raise exceptions.CommandError(
        f'--follow cannot print {parsed_args.formatter}; use -f json, csv or '
        'value.')
