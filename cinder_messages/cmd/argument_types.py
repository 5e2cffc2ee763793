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

"""Types of command-line arguments, which refuse invalid values."""

import argparse
import math

from cinder_messages.message import model


def seconds(text: str) -> float:
    """Return a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not a positive number of seconds')
    return value


def identifier(text: str) -> str:
    """Return an id that can be stored."""
    if not model.is_id(text):
        raise argparse.ArgumentTypeError(
            f'{text!r} is not an id of at most 255 visible ASCII '
            'characters')
    return text
