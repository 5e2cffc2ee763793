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

"""cinder-messages-manage db import-cinder."""

import argparse
from collections.abc import Callable
import contextlib
import sys
import time

from oslo_config import cfg

from cinder_messages.cmd import common
from cinder_messages.conf import database
from cinder_messages import exception
from cinder_messages.integration import cinder_import
from cinder_messages.integration import cinder_table
from cinder_messages.message import catalog
from cinder_messages.storage import migrate

MAX_BATCH_SIZE = 10000

_SUMMARY = """\
{read} rows read{dry_run}
{imported:>10} imported
{known:>10} known already
{deleted:>10} left out, deleted in Cinder
{expired:>10} left out, expired
{refused.total:>10} refused"""


class Progress:
    """Prints the progress of an import to stderr, every few seconds.

    :param total: number of rows
    :param interval: seconds between two lines
    :param clock: monotonic seconds
    """

    def __init__(self, total: int, interval: float = 5,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._interval = interval
        self._clock = clock
        self._started = self._said = clock()

    def __call__(self, counts: cinder_import.Counts) -> None:
        """Print a line if the interval is over."""
        now = self._clock()
        if now < self._said + self._interval:
            return
        self._said = now
        rate = counts.read / (now - self._started)
        left = max(self._total - counts.read, 0) / rate
        print(f'{counts.read} of {self._total} rows read, '
              f'{counts.imported} imported, {rate:.0f} rows/s, '
              f'{left:.0f} s left', file=sys.stderr, flush=True)


def run(conf: cfg.ConfigOpts) -> int:
    """Copy the messages that Cinder has stored; may be repeated."""
    args = conf.command
    with common.database(conf) as engine:
        migrate.check(engine)
        source = cinder_table.CinderTable(*_source(args))
        with contextlib.closing(source):
            source.check()
            counts = cinder_import.Importer(
                source, engine,
                catalog.Catalog.load(conf.messages.text_overrides_file),
                conf.messages.message_ttl, dry_run=args.dry_run,
            ).run(args.batch_size, Progress(source.count()))
    _report(counts, args.dry_run)
    return 0


def _source(args: argparse.Namespace) -> tuple[str, str]:
    """Return the URL of Cinder's database, and the name of its source."""
    if args.connection is not None:
        return args.connection, '--connection'
    theirs = cfg.ConfigOpts()
    database.register_opts(theirs)
    theirs([], project='cinder', default_config_files=[args.cinder_conf],
           default_config_dirs=[])
    name = f'[database] connection of {args.cinder_conf}'
    if not theirs.database.connection:
        raise exception.InvalidConfiguration(reason=f'{name} is not set')
    return theirs.database.connection, name


def _report(counts: cinder_import.Counts, dry_run: bool) -> None:
    print(_SUMMARY.format(
        **{name: getattr(counts, name) for name in (
            'read', 'imported', 'known', 'deleted', 'expired', 'refused')},
        dry_run='; nothing is changed, but would be:' if dry_run else ':'))
    if counts.refused.total:
        print(f'Refused: {counts.refused}')
    if counts.unknown_events.total:
        print(f'{counts.unknown_events.total} read as an unknown error, '
              'for their event is not permitted: '
              f'{counts.unknown_events}')


def _batch_size(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MAX_BATCH_SIZE:
        raise argparse.ArgumentTypeError(
            f'{value!r} is not a number from 1 to {MAX_BATCH_SIZE}')
    return int(value)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument('--connection', metavar='URL',
                       help="of Cinder's database, such as "
                       'mysql+pymysql://USER:PASSWORD@HOST/cinder; others on '
                       'this host can see it while the command runs')
    where.add_argument('--cinder-conf', metavar='FILE',
                       help='take it from [database] connection in this '
                       'file, such as /etc/cinder/cinder.conf')
    parser.add_argument('--dry-run', action='store_true',
                        help='count the rows, and change nothing')
    parser.add_argument('--batch-size', metavar='N', type=_batch_size,
                        default=1000, help='rows of one transaction, up to '
                        f'{MAX_BATCH_SIZE}; %(default)s if it is not given')
