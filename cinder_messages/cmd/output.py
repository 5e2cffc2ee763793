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

"""What the commands of cinder-messages-manage print."""

import argparse
from collections.abc import Mapping
import json
import sys
import typing

from oslo_config import cfg

TEXT = 'text'
JSON = 'json'


def add_format(parser: argparse.ArgumentParser) -> None:
    """Let a command be asked for JSON, with ``--format``."""
    parser.add_argument(
        '--format', choices=(TEXT, JSON), default=TEXT,
        help='how the answer is printed; json is one object, with the same '
             'names in later versions')


def answer(conf: cfg.ConfigOpts, text: str,
           values: Mapping[str, typing.Any]) -> None:
    """Print the answer of a command, in the format that was asked for."""
    if conf.command.format == JSON:
        text = json.dumps(values, indent=4)
    print(text)


def progress(text: str) -> None:
    """Say how far a long work has come, beside the answer."""
    print(text, file=sys.stderr, flush=True)
