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

"""cinder-messages-manage spool: reports that wait on this host."""

import argparse
from collections.abc import Callable
import datetime
import os
import pathlib
import time
import typing

from oslo_config import cfg

from cinder_messages.cmd import argument_types
from cinder_messages.cmd import output
from cinder_messages.conf import emitter as emitter_conf
from cinder_messages.emit import counters as emit_counters
from cinder_messages.emit import journal
from cinder_messages.emit import journal_file
from cinder_messages.emit import orphans as emit_orphans
from cinder_messages.emit import quarantine
from cinder_messages.emit import sender as emit_sender
from cinder_messages.emit import spool_directory
from cinder_messages.emit import spool_status
from cinder_messages import exception
from cinder_messages import log_escape
from cinder_messages.rpc import bus
from cinder_messages.rpc import client

# Seconds between two lines of progress.
_PROGRESS = 5.0

# Seconds that a send goes on without an answer of a writer.
SEND_TIMEOUT = 60.0

# Refused reports that a list shows as text.
_SHOWN = 100


def list_spool(conf: cfg.ConfigOpts) -> int:
    """List the journals and the refused reports of a spool directory."""
    directory = _directory(conf)
    status = _translate_errors(lambda: spool_status.scan(directory))
    now = time.time()
    lines = [f'{each.waiting} reports in {each.path.name}, '
             + ('being sent by its process' if each.has_owner
                else 'of a process that has ended')
             + f', {max(0, now - each.changed_at):.0f} s old'
             for each in status.journals]
    lines += [f'Spool of the first version: {path.name}'
              for path in status.legacy]
    lines += [f'Unreadable: {path.name}' for path in status.unreadable]
    escape = log_escape.escape
    lines += [f'Refused: {escape(each.id)} {escape(each.refused_at)} '
              f'{escape(each.report.get("event_id"))} '
              f'{escape(each.report.get("project_id"))} '
              f'{escape(each.code or "-")}: {escape(each.reason)}'
              for each in status.refused[:_SHOWN]]
    if len(status.refused) > _SHOWN:
        lines.append(f'and {len(status.refused) - _SHOWN} more refused '
                     'reports: --format json')
    output.answer(conf, '\n'.join(
        lines or [f'Nothing waits in {directory}.']), {
            'spool_dir': directory,
            'journals': [{
                'file': str(each.path), 'waiting': each.waiting,
                'has_owner': each.has_owner,
                'changed_at': datetime.datetime.fromtimestamp(
                    each.changed_at, datetime.UTC).replace(
                        tzinfo=None).isoformat()}
                for each in status.journals],
            'legacy': [str(path) for path in status.legacy],
            'unreadable': [str(path) for path in status.unreadable],
            'refused': [{
                'id': each.id, 'refused_at': each.refused_at,
                'code': each.code, 'reason': each.reason,
                'report': each.report} for each in status.refused]})
    return 0


def send(conf: cfg.ConfigOpts) -> int:
    """Send the reports of processes that have ended.

    Use it on a host where no service reports any more. Journals of processes
    that run are left to them. It can be interrupted and repeated: a report
    that is sent twice is stored once.
    """
    if conf.state_dir:
        raise exception.Error(
            '--state-dir has no broker to send with. Start '
            f'cinder-messages-all --state-dir {conf.state_dir}, which sends '
            'what waits there.')
    directory = _owned_directory(conf)
    options = conf[emitter_conf.GROUP]
    orphans = emit_orphans.Orphans(directory)
    counters = emit_counters.Counters()
    sender = emit_sender.Sender(
        journal.Journal('', 1), orphans,
        lambda: client.WriterClient(
            bus.Bus.for_emitter(conf), options.call_timeout),
        options.batch_size, counters, quarantine.Quarantine(directory))
    try:
        is_done = _send_all(orphans, sender, counters, conf.command.timeout)
    finally:
        sender.disconnect()
        sender.discard()
        waiting = orphans.waiting
        orphans.close()
    if not is_done:
        raise exception.Error(
            f'No writer answered within {conf.command.timeout:g} s; '
            f'{waiting} reports or more wait. Check that '
            'cinder-messages-writer runs, that the broker does, and that '
            'transport_url is the same.')
    output.answer(
        conf, f'{counters.stored} reports stored, {counters.duplicates} were '
        f'stored before, {counters.rejected} refused.',
        {'stored': counters.stored, 'duplicates': counters.duplicates,
         'rejected': counters.rejected})
    return 0


def _send_all(orphans: emit_orphans.Orphans, sender: emit_sender.Sender,
              counters: emit_counters.Counters, timeout: float) -> bool:
    """Send until nothing waits; return False if no writer answers."""
    answered = shown = time.monotonic()
    while orphans.adopt() or orphans.waiting:
        delay = sender.send_batch()
        now = time.monotonic()
        if delay:
            if now + delay > answered + timeout:
                return False
            time.sleep(delay)
        else:
            answered = now
        if now >= shown + _PROGRESS:
            shown = now
            output.progress(f'{counters.stored + counters.duplicates} sent, '
                            f'{orphans.waiting} or more wait ...')
    return True


def retry(conf: cfg.ConfigOpts) -> int:
    """Offer refused reports to a writer again.

    They become a journal, which a process with the same spool directory sends
    within seconds; where none runs, run ``spool send``. Reports with the code
    UNKNOWN_EVENT are offered again once a minute without this command.
    """
    directory = _owned_directory(conf)
    refused = quarantine.Quarantine(directory)

    def offer() -> int:
        if refused.changed() is None:
            return 0
        file = journal_file.File.create(pathlib.Path(directory))
        try:
            count = refused.remove(
                _selection(conf),
                lambda line: file.append(line) == len(line))
            os.fsync(file.descriptor)
        finally:
            if file.size:
                file.release()
            else:
                file.remove()
        return count

    count = _translate_errors(offer)
    output.answer(conf, f'{count} reports are offered again.',
                  {'offered': count})
    return 0


def drop(conf: cfg.ConfigOpts) -> int:
    """Remove refused reports, or unreadable files, for good."""
    directory = _owned_directory(conf)
    if conf.command.unreadable:
        paths = _translate_errors(
            lambda: spool_status.scan(directory)).unreadable
        for path in paths:
            _translate_errors(path.unlink)
        count = len(paths)
    else:
        count = _translate_errors(lambda: quarantine.Quarantine(
            directory).remove(_selection(conf)))
    output.answer(conf, f'{count} removed.', {'removed': count})
    return 0


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`list_spool`."""
    _add_directory(parser)
    output.add_format(parser)


def add_send_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`send`."""
    _add_directory(parser)
    parser.add_argument(
        '--timeout', type=argument_types.seconds, default=SEND_TIMEOUT,
        metavar='SECONDS',
        help='time without an answer after which it ends; default: '
             f'{SEND_TIMEOUT:g}')
    output.add_format(parser)


def add_retry_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`retry`."""
    _add_directory(parser)
    parser.add_argument('--id', action='append', metavar='ID',
                        help='only the report with this id; can be repeated')
    parser.add_argument('--code', help='only reports that were refused with '
                        'this code, such as UNKNOWN_EVENT')
    output.add_format(parser)


def add_drop_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`drop`."""
    _add_directory(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument('--id', action='append', metavar='ID',
                       help='the report with this id; can be repeated')
    which.add_argument('--code', help='all reports that were refused with '
                       'this code, such as INVALID_REPORT')
    which.add_argument('--all', action='store_true',
                       help='all refused reports')
    which.add_argument('--unreadable', action='store_true',
                       help='the files that cannot be read')
    output.add_format(parser)


def _add_directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--spool-dir', metavar='DIR',
        help='the spool directory; default: [cinder_messages] spool_dir of '
             'the configuration, so name the file of the service with '
             '--config-file')


def _directory(conf: cfg.ConfigOpts) -> str:
    configured = (conf.command.spool_dir or
                  conf[emitter_conf.GROUP].spool_dir)
    directory = spool_directory.resolve(configured)
    if conf.command.spool_dir and not os.path.isdir(directory):
        raise exception.Error(f'--spool-dir {directory} is not a directory.')
    if not directory:
        raise exception.Error(
            '[cinder_messages] spool_dir is empty, or begins with ~ and this '
            'user has no home directory. Use --spool-dir.')
    return directory


def _owned_directory(conf: cfg.ConfigOpts) -> str:
    """Return the directory, if this user may change it.

    A file that another user had made there, the service could not send.
    """
    directory = _directory(conf)
    path = pathlib.Path(directory)
    if path.exists():
        _translate_errors(lambda: spool_directory.check(path, os.geteuid()))
    return directory


def _selection(conf: cfg.ConfigOpts) -> quarantine.Select:
    ids, code = conf.command.id, conf.command.code
    return lambda entry: ((ids is None or entry.id in ids) and
                          (code is None or entry.code == code))


_Result = typing.TypeVar('_Result')


def _translate_errors(function: Callable[[], _Result]) -> _Result:
    """Call a function; its OSError is an error of the command."""
    try:
        return function()
    except OSError as exc:
        raise exception.Error(str(exc)) from exc
