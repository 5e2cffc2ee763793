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

"""cinder-messages-manage message report: the most frequent failures."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import datetime
import re

from oslo_config import cfg
from oslo_utils import timeutils

from cinder_messages.cmd import common
from cinder_messages.cmd import output
from cinder_messages.message import catalog
from cinder_messages.storage import migrate
from cinder_messages.storage import report as storage_report

# The names of the columns on the command line.
COLUMNS = {'event': 'event_id', 'resource_type': 'resource_type',
           'host': 'host', 'project': 'project_id'}

DEFAULT_SINCE = '24h'
DEFAULT_LIMIT = 20
MAX_LIMIT = 1000

# Rows that one report reads at most: about a second on a small server.
DEFAULT_MAX_ROWS = 200000

_UNITS = {'m': 'minutes', 'h': 'hours', 'd': 'days', 'w': 'weeks'}


def report(conf: cfg.ConfigOpts) -> int:
    """Show the most frequent failures of a period, over all projects.

    Counts by event, and by resource type, host or project if wanted. The
    failures that a summary stands for are counted, too.
    """
    args = conf.command
    texts = catalog.Catalog.load(conf.messages.text_overrides_file)
    columns = [COLUMNS[name] for name in args.by]
    with common.database(conf) as engine:
        migrate.check(engine)
        found = storage_report.count_by(
            engine, columns, args.since, args.limit, args.max_rows)
    rows = [_to_dict(group, texts) for group in found.groups]
    output.answer(conf, _table(found, rows, args.by), {
        'since': found.since.isoformat(), 'complete': found.is_complete,
        'messages': found.rows, 'groups': rows})
    return 0


def _to_dict(group: storage_report.Group, texts: catalog.Catalog
             ) -> dict[str, str | int | None]:
    values: dict[str, str | int | None] = {
        name: group.values[column] for name, column in COLUMNS.items()
        if column in group.values}
    values |= {'failures': group.failures, 'messages': group.messages,
               'projects': group.projects, 'latest': group.latest.isoformat()}
    event_id = group.values.get('event_id')
    if event_id:
        values['text'] = texts.text(event_id)
    return values


def _table(found: storage_report.Report,
           rows: Sequence[dict[str, str | int | None]],
           by: Sequence[str]) -> str:
    if not rows:
        return f'No messages since {found.since.isoformat()}.'
    names = ['failures', 'projects', *by]
    if 'event' in by:
        names.append('text')
    cells = [names, *([str(row.get(name) or '-') for name in names]
                      for row in rows)]
    widths = [max(len(row[place]) for row in cells)
              for place in range(len(names))]
    lines = ['  '.join(text.rjust(width) if place < 2 else text.ljust(width)
                       for place, (text, width) in enumerate(
                           zip(row, widths))).rstrip() for row in cells]
    if not found.is_complete:
        lines.append(f'Only the newest {found.rows} messages were counted, '
                     f'since {found.since.isoformat()}; --max-rows counts '
                     'more.')
    return '\n'.join(lines)


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`report`."""
    parser.add_argument(
        '--since', type=_since, default=DEFAULT_SINCE, metavar='TIME',
        help='start of the period: a number with m, h, d or w, such as 90m, '
             'or a time in UTC such as 2026-11-24T08:00; '
             f'default: {DEFAULT_SINCE}')
    parser.add_argument(
        '--by', type=_columns, default=['event'], metavar='NAME[,NAME...]',
        help='columns to count by: ' + ', '.join(COLUMNS) + '; default: event')
    parser.add_argument(
        '--limit', type=_number(MAX_LIMIT), default=DEFAULT_LIMIT,
        metavar='N', help=f'number of lines; default: {DEFAULT_LIMIT}')
    parser.add_argument(
        '--max-rows', type=_number(10 ** 8), default=DEFAULT_MAX_ROWS,
        metavar='N', help='number of messages that are read, the newest '
        f'first; default: {DEFAULT_MAX_ROWS}')
    output.add_format(parser)


def _since(text: str) -> datetime.datetime:
    now = timeutils.utcnow()
    found = re.fullmatch(r'([0-9]{1,6})([mhdw])', text)
    if found:
        try:
            return now - datetime.timedelta(
                **{_UNITS[found[2]]: int(found[1])})
        except OverflowError:
            return datetime.datetime.min
    try:
        return timeutils.normalize_time(datetime.datetime.fromisoformat(text))
    except ValueError as exc:
        raise argparse.ArgumentTypeError(
            f'{text!r} is neither a duration such as 24h nor a time such as '
            '2026-11-24T08:00') from exc


def _columns(text: str) -> list[str]:
    names = text.split(',')
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            raise argparse.ArgumentTypeError(
                f'{text!r} is not a list of some of {", ".join(COLUMNS)}')
    return names


def _number(most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and
                1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f'{text!r} is not a number from 1 to {most}')
        return int(text)
    return convert
