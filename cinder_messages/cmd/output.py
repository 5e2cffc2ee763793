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

"""Print the results of cinder-messages-manage."""

import argparse
from collections.abc import Mapping
import json
import sys
import typing

from oslo_config import cfg

TEXT = 'text'
JSON = 'json'


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add ``--format`` to the arguments of a command."""
    parser.add_argument(
        '--format', choices=(TEXT, JSON), default=TEXT,
        help='format of the result; json is one object, whose names stay the '
             'same in later versions')


def answer(conf: cfg.ConfigOpts, text: str,
           values: Mapping[str, typing.Any]) -> None:
    """Print the result of a command in the requested format."""
    if conf.command.format == JSON:
        text = json.dumps(values, indent=4)
    print(text)


def progress(text: str) -> None:
    """Print the progress of a long command to stderr."""
    print(text, file=sys.stderr, flush=True)
