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

"""The parsers of the programs that the documentation tells one to type.

Nothing runs: each command line goes through the real parser of its program,
where there is one in Python, and fails as that would.
"""

import argparse
import configparser
import contextlib
import functools
from importlib import metadata
import io
import pathlib
import re

from cinderclient import api_versions
from cinderclient import shell as cinder_shell
from openstackclient import shell as openstack_shell
from oslo_config import cfg
from oslo_log import log
from oslo_upgradecheck import upgradecheck

from cinder_messages.cmd import all as cmd_all
from cinder_messages.cmd import manage
from cinder_messages.cmd import status
from cinder_messages.conf import opts
from tests import process
from tests import source_lines

# What a parser is not asked about, for the file is not there.
_FILES = ('--config-file', '--config-dir')

_CURL = {'-s', '-S', '-f', '-i', '-H', '-X', '-o', '-w', '-sS', '-sf'}


class NotUnderstood(Exception):
    """A program would refuse the command line."""


def check(words):
    """Parse one command.

    :param words: the program and its arguments
    :returns: whether there is a parser for it
    :raises NotUnderstood: with what the program would say
    """
    name = pathlib.PurePath(words[0]).name
    parse = _PARSERS.get(name)
    if parse is None:
        return False
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(
                said):
            parse(_without_files(words[1:]))
    except SystemExit as exc:
        if exc.code:
            raise NotUnderstood(said.getvalue()) from exc
    except (cfg.Error, ValueError, LookupError) as exc:
        raise NotUnderstood(str(exc)) from exc
    return True


def _without_files(args):
    kept, args = [], iter(args)
    for arg in args:
        if arg in _FILES:
            next(args)
        elif not arg.startswith(tuple(f'{name}=' for name in _FILES)):
            kept.append(arg)
    return kept


def _ours(args, cli_opts=(), register=None):
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    log.register_options(conf)
    conf.register_cli_opts(cli_opts)
    if register:
        register(conf)
    conf(args, project='cinder-messages', version='0',
         default_config_files=[], default_config_dirs=[])


def _status(args):
    _ours(args, register=lambda conf: upgradecheck.register_cli_options(
        conf, status.Checks(conf)))


def _cinder(args):
    shell = cinder_shell.OpenStackCinderShell()
    parser = shell.get_subcommand_parser(
        api_versions.APIVersion('3.71'), do_help=True, input_args=args)
    parser.parse_args(args)


@functools.cache
def _openstack_commands():
    """Each command by its name; a plugin's replaces one of the core.

    Ours are read from setup.cfg, for the installed package can be older.
    """
    known = {point.name: point
             for group in sorted(metadata.entry_points().groups)
             if re.fullmatch(r'openstack\.(common|\w+\.v\d)', group)
             for point in metadata.entry_points(group=group)}
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(process.ROOT / 'setup.cfg')
    group = 'openstack.extension'
    for line in settings['entry_points'][group].strip().splitlines():
        name, _, value = (part.strip() for part in line.partition('='))
        known[name] = metadata.EntryPoint(name, value, group)
    return {name.replace('_', ' '): point for name, point in known.items()}


def _openstack(args):
    shell = openstack_shell.OpenStackShell()
    _, rest = shell.parser.parse_known_args(args)
    for count in range(len(rest), 0, -1):
        point = _openstack_commands().get(' '.join(rest[:count]))
        if point is not None:
            command = point.load()(shell, None)
            command.get_parser('openstack').parse_args(rest[count:])
            return
    raise LookupError(f'openstack has no command {" ".join(rest)!r}')


def _curl(args):
    parser = argparse.ArgumentParser(prog='curl')
    for flag in _CURL:
        takes = flag in ('-H', '-X', '-o', '-w')
        parser.add_argument(flag, action='append' if takes else 'count')
    parser.add_argument('url', type=_url)
    parser.parse_args(args)


def _tox(args):
    parser = argparse.ArgumentParser(prog='tox')
    parser.add_argument('command', choices=['run'])
    parser.add_argument('-e', type=lambda names: names.split(','), default=[])
    # NOTE: what follows is for the command of the environment.
    if '--' in args:
        args = args[:args.index('--')]
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(process.ROOT / 'tox.ini')
    # NOTE: what follows "--" is for the environment.
    args = args[:args.index('--')] if '--' in args else args
    for name in parser.parse_args(args).e:
        if name != 'py3' and f'testenv:{name}' not in settings:
            raise LookupError(f'tox.ini has no environment {name!r}')


def _python(args):
    if args[:2] == ['-m', 'testtools.run']:
        for name in args[2:]:
            if not source_lines.defines(name):
                raise LookupError(f'There is no test {name!r}')


def _url(text):
    if not re.match(r'https?://|"?\$', text):
        raise ValueError(text)
    return text


_PARSERS = {
    'cinder': _cinder,
    'cinder-messages-all': functools.partial(
        _ours, cli_opts=cmd_all.CLI_OPTS),
    'cinder-messages-manage': functools.partial(
        _ours, cli_opts=manage.CLI_OPTS),
    'cinder-messages-status': _status,
    'cinder-messages-writer': _ours,
    'curl': _curl,
    'openstack': _openstack,
    'python': _python,
    'tox': _tox,
}
