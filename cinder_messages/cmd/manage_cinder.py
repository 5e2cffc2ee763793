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

"""cinder-messages-manage cinder: makes a Cinder report to us, and undoes it.

What is changed in which file is defined in :mod:`..integration.install`.
"""

import argparse
from collections.abc import Sequence
import os

from oslo_config import cfg

from cinder_messages.cmd import cinder_checks
from cinder_messages.cmd import output
from cinder_messages import exception
from cinder_messages.integration.install import plan

OUR_CONFIG = '/etc/cinder-messages/cinder-messages.conf'

_ACTIONS = ('install', 'check', 'uninstall')


def rename_option(argv: Sequence[str]) -> list[str]:
    """Return arguments in which ``--config-file`` of Cinder has its own name.

    oslo.config takes every ``--config-file`` for one of our configuration,
    also behind a command.
    """
    args = list(argv)
    for place, word in enumerate(args):
        if word == 'cinder' and args[place + 1:place + 2] and (
                args[place + 1] in _ACTIONS):
            return args[:place + 2] + [
                _renamed(word) for word in args[place + 2:]]
    return args


def _renamed(word: str) -> str:
    name, equals, value = word.partition('=')
    return (f'--cinder-conf{equals}{value}' if name == '--config-file'
            else word)


def needs_configuration(argv: Sequence[str]) -> bool:
    """Return whether a command uses our configuration.

    The way back does not: it works with a file that is invalid or gone.
    """
    return ('cinder', 'uninstall') not in zip(argv, argv[1:])


def install(conf: cfg.ConfigOpts) -> int:
    """Make the services and the API of a Cinder on this host report to us.

    Puts the messages filter into the pipelines of api-paste.ini, and names our
    managers in cinder.conf. The original of a changed file is kept once beside
    it. The command may be repeated; restart the services of Cinder afterwards.
    A file of a form that is not understood is left as it is.
    """
    site = _site(conf)
    our_config = _our_config(conf) if conf.command.paste_file else OUR_CONFIG
    with site.locked():
        changes = site.plan_install(our_config, conf.command.spool_dir)
        if conf.command.dry_run:
            return _show(changes)
        plan.install(changes)
        for change in changes:
            print(f'{change.path}: '
                  f'{"changed" if change.is_needed else "installed already"}')
    if any(change.is_needed for change in changes):
        print('Restart cinder-api and the services of Cinder on this host, '
              f'then run: {_check_command(conf)}')
    return 0


def _our_config(conf: cfg.ConfigOpts) -> str:
    """Return the absolute path of the file that the filter reads."""
    names = conf.config_file
    if not names:
        raise exception.Error(
            f'The filter needs a configuration file. Write {OUR_CONFIG}, or '
            'name another one: cinder-messages-manage --config-file FILE '
            'cinder install ...')
    if len(names) > 1 and names != conf.default_config_files:
        raise exception.Error(
            'The filter reads one configuration file, and not '
            f'{" and ".join(names)}. Name one --config-file in front of '
            '"cinder install".')
    return os.path.abspath(names[0])


def _check_command(conf: cfg.ConfigOpts) -> str:
    """Return the command that checks what was installed."""
    files = [f'--config-file {name}' for name in conf.config_file or []]
    names = ['--paste-file', conf.command.paste_file] if (
        conf.command.paste_file) else []
    for name in conf.command.cinder_conf:
        names += ['--config-file', name]
    return ' '.join(['cinder-messages-manage', *files, 'cinder check', *names])


def uninstall(conf: cfg.ConfigOpts) -> int:
    """Undo an install: remove from the files what it has added.

    Lines that somebody else has added or changed since remain. The command may
    be repeated; restart the services of Cinder afterwards.
    """
    site = _site(conf)
    with site.locked():
        changes = site.plan_uninstall()
        if conf.command.dry_run:
            return _show(changes)
        for change, is_original in zip(changes, plan.uninstall(changes)):
            print(f'{change.path}: '
                  f'{"restored" if change.is_needed else "not installed"}' +
                  ('' if is_original else
                   f'; it was edited since, see '
                   f'{plan.files.original_of(change.path).name}'))
        left = site.find_others()
    if left:
        raise exception.Error(
            'Written by others, and to be removed by hand: ' + ', '.join(left))
    if any(change.is_needed for change in changes):
        print('Restart cinder-api and the services of Cinder on this host.')
    return 0


def check(conf: cfg.ConfigOpts) -> int:
    """Check each step from the configuration to a message that is listed.

    Calls a writer over the broker, and reports, lists and deletes a message of
    the project cinder-messages-check. Fails if a step is not done, and says
    how to do it.
    """
    results = list(cinder_checks.Checks(conf, _site(conf)).run())
    output.answer(
        conf, '\n'.join(
            f'{"ok" if each.passed else "MISSING":8}{each.step}: {each.text}'
            for each in results),
        {'steps': [{'step': each.step, 'passed': each.passed,
                    'text': each.text} for each in results]})
    return 0 if all(each.passed for each in results) else 1


def _site(conf: cfg.ConfigOpts) -> plan.Site:
    return plan.Site.of(conf.command.paste_file, conf.command.cinder_conf)


def _show(changes: Sequence[plan.Change]) -> int:
    print(''.join(change.diff() for change in changes) or
          'Nothing is to be changed.\n', end='')
    return 0


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--paste-file', metavar='FILE',
        help='api-paste.ini of Cinder, on a host that runs cinder-api')
    parser.add_argument(
        '--config-file', '--cinder-conf', metavar='FILE', action='append',
        default=[], dest='cinder_conf',
        help='cinder.conf; repeat the option for each further file that '
             'Cinder reads, in the order of reading')


def add_install_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`install`."""
    add_uninstall_arguments(parser)
    parser.add_argument(
        '--spool-dir', type=_directory, metavar='DIR',
        help='directory of reports that are not stored yet, if cinder.conf '
             'sets none; default: messages in state_path')


def _directory(text: str) -> str:
    # NOTE: oslo.config replaces $state_path.
    if not text.startswith(('/', '$')):
        raise argparse.ArgumentTypeError(
            f'{text!r} is not an absolute path: services run in other '
            'directories')
    return text


def add_uninstall_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`uninstall`."""
    _add_files(parser)
    parser.add_argument(
        '--dry-run', action='store_true',
        help='print the changes as a diff, and change nothing')


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`check`."""
    _add_files(parser)
    output.add_format(parser)
