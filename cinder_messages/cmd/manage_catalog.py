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

"""The command cinder-messages-manage catalog."""

import argparse
import json

from oslo_config import cfg

from cinder_messages.message import catalog
from cinder_messages.message import catalog_listing

TABLE = 'table'
JSON = 'json'

_COLUMNS = ('id', 'reason', 'retry', 'detail', 'remedy')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`show`."""
    parser.add_argument(
        '--format', choices=(TABLE, JSON), default=TABLE,
        help='json is one object, with the same names in later versions')


def show(conf: cfg.ConfigOpts) -> int:
    """Print the permitted messages: actions, reasons and resource types.

    Includes those of installed extensions. Use the JSON to write a client
    that decides by the reason of a message.
    """
    listing = catalog_listing.to_primitive(catalog.Catalog.load())
    if conf.command.format == JSON:
        print(json.dumps(listing, indent=4))
        return 0
    print('ACTIONS')
    print(_table([[one['action_id'], one['action'], one['action_text']]
                  for one in listing['actions']]))
    print('\nREASONS')
    print(_table([[one.get('detail_id') or one.get('event_id'),
                   *(one[name] for name in _COLUMNS[1:])]
                  for one in listing['reasons']]))
    print('\nRESOURCE TYPES')
    print('\n'.join(listing['resource_types']))
    return 0


def _table(rows: list[list[str | None]]) -> str:
    cells = [[cell or '-' for cell in row] for row in rows]
    # NOTE: the texts at the end are not padded.
    widths = [max(map(len, column)) for column in zip(*cells)][:3]
    return '\n'.join('  '.join(
        [*(cell.ljust(width) for cell, width in zip(row, widths)),
         *row[len(widths):]]).rstrip() for row in cells)
