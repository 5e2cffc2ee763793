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

"""Helpers that all commands share: configuration, logging, errors."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import errno
import functools
import os
import pathlib
import signal
import sys

from oslo_config import cfg
from oslo_log import log
import sqlalchemy as sa

from cinder_messages.conf import api
from cinder_messages.conf import emitter
from cinder_messages.conf import opts
from cinder_messages.conf import startup
from cinder_messages import exception
from cinder_messages.rpc import transport
from cinder_messages.storage import engine
from cinder_messages.storage import migrate
from cinder_messages.storage import store

Main = Callable[..., int | None]

# Errors of a disk that takes no more of a file.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def one_line_errors(code: int = 1) -> Callable[[Main], Main]:
    """Have a ``main`` end in one line on stderr and an exit code.

    For our own errors and for configuration that cannot be read; anything
    else is a bug and keeps its traceback. A command whose reader has closed
    the pipe, such as ``head``, ends without a word, and one whose output does
    not fit on a disk with a line.
    """
    def decorate(main: Main) -> Main:
        @functools.wraps(main)
        def wrapper(argv: Sequence[str] | None = None) -> int | None:
            with _end_with_stdout():
                try:
                    return main(sys.argv[1:] if argv is None else argv)
                except (exception.Error, cfg.Error) as exc:
                    line = ' '.join(str(exc).split())
                    print(f'{pathlib.Path(sys.argv[0]).name}: {line}',
                          file=sys.stderr)
                    return code
                except KeyboardInterrupt:
                    return 130
        return wrapper
    return decorate


@contextlib.contextmanager
def _end_with_stdout() -> Iterator[None]:
    """Exit if stdout takes nothing more.

    If its reader has closed the pipe, exit as after SIGPIPE: Python ignores
    that signal and raises BrokenPipeError. An error is raised at the latest
    when stdout is flushed; so that is done here.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as exc:
        if exc.errno not in _FULL:
            raise
        _discard_stdout()
        print(f'{pathlib.Path(sys.argv[0]).name}: the output is not '
              f'complete: {exc.strerror}', file=sys.stderr)
        sys.exit(1)


def _discard_stdout() -> None:
    # NOTE: the interpreter flushes stdout again when it exits.
    with open(os.devnull, 'wb') as devnull:
        os.dup2(devnull.fileno(), sys.stdout.fileno())


def configure(conf: cfg.ConfigOpts, argv: Sequence[str], description: str,
              cli_opts: Sequence[cfg.Opt] = (), epilog: str | None = None,
              config_files: list[str] | None = None,
              quiet: bool = False) -> None:
    """Register, parse and set up logging.

    :param description: what ``--help`` begins with
    :param epilog: what ``--help`` ends with
    :param config_files: read when ``--config-file`` is not given; None looks
        for cinder-messages.conf in the usual directories
    :param quiet: log our warnings and the errors of libraries only, unless
        --debug is given
    :raises InvalidConfiguration: a file or a value in it cannot be used
    """
    # NOTE: what a command answers goes to stdout, and nothing else.
    log.register_options(conf)
    conf.set_default('use_stderr', True)
    conf.register_cli_opts(cli_opts)
    startup.parse(conf, argv, description, epilog, config_files)
    transport.check_url(conf, None, '[DEFAULT] transport_url')
    levels = [*log.get_default_log_levels(), 'alembic=WARNING']
    if quiet and not conf.debug:
        # NOTE: amqp warns of calls that a command cancels when it is done.
        levels += ['cinder_messages=WARNING', 'amqp=ERROR']
    log.set_defaults(default_log_levels=levels)
    startup.initialize(conf, (opts.MESSAGING, opts.REPORTS))


def use_state_dir(conf: cfg.ConfigOpts, state_dir: str,
                  create: bool = True) -> None:
    """Use one database file, RPC inside the process and no Keystone.

    :param state_dir: the directory of the file
    :param create: create the directory if it is missing
    :raises InvalidConfiguration: it is missing, or cannot be created
    """
    directory = pathlib.Path(state_dir).expanduser().absolute()
    if not create and not directory.is_dir():
        raise exception.InvalidConfiguration(
            reason=f'--state-dir {directory} is not a directory. '
                   'cinder-messages-all and db sync create it.')
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise exception.InvalidConfiguration(
            reason=f'--state-dir {directory}: {exc.strerror}') from exc
    conf.set_override('connection', f'sqlite:///{directory}/messages.sqlite',
                      'database')
    conf.set_override('transport_url', 'fake:///')
    conf.set_override('spool_dir', f'{directory}/spool', emitter.GROUP)
    conf.set_default('auth_strategy', api.NOAUTH, api.GROUP)


@contextlib.contextmanager
def database(conf: cfg.ConfigOpts) -> Iterator[sa.Engine]:
    """Open ``[database]`` for a command.

    :raises Error: it cannot be reached; the text says what to do
    """
    database_engine = engine.make_engine(conf)
    try:
        yield database_engine
    except exception.DatabaseUnavailable as exc:
        raise exception.Error(
            f'{exc}. See that it runs, and that [database] connection is '
            'right.') from exc
    finally:
        database_engine.dispose()


@contextlib.contextmanager
def storage(conf: cfg.ConfigOpts) -> Iterator[store.MessageStore]:
    """Open the store of messages for a command, and check the schema.

    :raises Error: the database is not ready; the text says what to do
    """
    with database(conf) as database_engine:
        migrate.check(database_engine)
        yield store.MessageStore(database_engine)


def check_database(conf: cfg.ConfigOpts) -> None:
    """Check that the database is ready before a service starts.

    :raises Error: it is not; the text says what to do
    """
    with database(conf) as database_engine:
        migrate.check(database_engine)
