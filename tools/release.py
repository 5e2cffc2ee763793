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

"""Build the files of a release and check them.

A release is built from a signed tag, whose name is the version::

    git tag -s 1.0.0
    tox run -e release

``--rehearse 1.0.0`` does the same for the last commit without a tag. The steps
are: check the tag and the tree, clone the tree at the tag, check the
translations, write the changelog from the release notes, build the sdist and
from it the wheel, check their files, and install the wheel with each extra
into an empty environment and run its main command.

The exit status is 0 if the files of the release are in the output directory,
and 1 after an error, which the last line names. It does not publish anything.
"""

import argparse
import configparser
import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import subprocess  # nosec B404
import sys
import tarfile
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

VERSION = re.compile(r'[0-9]+\.[0-9]+\.[0-9]+((a|b|rc)[0-9]+)?')

# Environment variables that would change the version or what is imported.
_UNSET = ('PBR_VERSION', 'PYTHONPATH', 'PYTHONDONTWRITEBYTECODE')


class ReleaseError(Exception):
    """A step of the release failed; the text is for the person releasing."""


@dataclasses.dataclass(frozen=True)
class Check:
    """The check of an extra.

    :ivar extras: the extras to install, comma-separated; empty installs the
        package alone
    :ivar commands: command lines whose first word is in the environment
    """

    extras: str
    commands: tuple[tuple[str, ...], ...]


def _python(code: str) -> tuple[str, ...]:
    return 'python', '-c', code


def _driver(url: str) -> tuple[str, ...]:
    return _python('import sqlalchemy; sqlalchemy.make_url('
                   f'"{url}://host/name").get_dialect().import_dbapi()')


_CONFIG = ('--config-file', 'release.conf')
_SYNC = ('cinder-messages-manage', *_CONFIG, 'db', 'sync')

# The main command of each extra, and of the package alone (the emitter).
CHECKS = {
    '': Check('', (
        _python('import os, sys; from oslo_config import cfg; '
                'from oslo_context import context; '
                'from cinder_messages.message import api; '
                'cfg.CONF(["--config-file", "release.conf"]); '
                'api.API().create(context.RequestContext(), "000002", "p"); '
                'assert api.API().counters.reported == 1; '
                'assert "sqlalchemy" not in sys.modules; os._exit(0)'),)),
    'api': Check('api', (
        _python('from cinder_messages.wsgi import api; '
                'import webob; '
                'response = webob.Request.blank("/").get_response('
                'api.application); '
                'assert response.status_int == 300, response'),)),
    'writer': Check('writer', (
        _SYNC,
        ('cinder-messages-manage', *_CONFIG, 'message', 'list'),
        ('cinder-messages-writer', '--version'),
        ('cinder-messages-status', '--version'))),
    'metrics': Check('metrics', (
        _python('from cinder_messages.metrics import emitter'),)),
    'mysql': Check('writer,mysql', (_SYNC, _driver('mysql+pymysql'))),
    'mysqlclient': Check('writer,mysqlclient', (
        _SYNC, _driver('mysql+mysqldb'))),
    'postgresql': Check('writer,postgresql', (
        _SYNC, _driver('postgresql+psycopg'))),
    'client': Check('client', (
        ('openstack', 'volume', 'why', '--help'),
        ('openstack', 'volume', 'message', 'list', '--help'))),
    'dashboard': Check('dashboard', (
        _python('import django.conf; django.conf.settings.configure(); '
                'import cinder_messages.dashboard.apps, '
                'openstack_dashboard'),)),
    'all': Check('all', (
        _python(
            'import subprocess, sys; '
            'process = subprocess.Popen([sys.prefix + "/bin/cinder-messages-'
            'all", "--example", "--listen", "127.0.0.1:0", "--state-dir", '
            '"state"], stdout=subprocess.PIPE, text=True); '
            'found = any("No storage could be allocated" in line '
            'for line in process.stdout); '
            'process.terminate(); '
            'assert found and process.wait(60) == 0'),)),
}


def run(args, cwd=ROOT, **environment):
    """Run a command and return its output.

    :raises ReleaseError: it failed; the text ends with its output
    """
    names = {name: value for name, value in os.environ.items()
             if name not in _UNSET}
    done = subprocess.run(  # nosec B603
        [str(word) for word in args], cwd=cwd, env={**names, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise ReleaseError(
            f'{" ".join(map(str, args))}: exit status {done.returncode}\n'
            f'{done.stdout}')
    return done.stdout


def find_version(root=ROOT, command=run):
    """Return the version, which is the tag of the last commit.

    :raises ReleaseError: the tree has changes or the commit has no tag
    """
    if command(['git', 'status', '--porcelain'], root).strip():
        raise ReleaseError('The tree has changes that are not committed.')
    tags = [tag for tag in command(
        ['git', 'tag', '--points-at', 'HEAD'], root).split()
        if VERSION.fullmatch(tag)]
    if len(tags) != 1:
        raise ReleaseError(
            'The last commit has no tag, or several, with a version such as '
            '1.0.0. Tag it with: git tag -s VERSION')
    return tags[0]


def clone(version, directory, is_rehearsal, root=ROOT):
    """Clone the tree at the last commit; tag the clone in a rehearsal."""
    tree = pathlib.Path(directory, 'tree')
    run(['git', 'clone', '-q', root, tree])
    run(['git', 'checkout', '-q', '--detach',
         run(['git', 'rev-parse', 'HEAD'], root).strip()], tree)
    if is_rehearsal:
        run(['git', 'tag', '--force', version], tree)
    return tree


def write_changelog(tree, output, version):
    """Write the release notes of all versions to one file."""
    path = output / f'cinder_messages-{version}-changelog.rst'
    run(['reno', '-q', 'report', '--no-show-source', '--title',
         f'Release notes of cinder_messages {version}',
         '--output', path, '.'], tree)
    if f'\n{version}\n' not in path.read_text():
        raise ReleaseError(f'The release notes have no section {version}.')
    return path


def build(tree, output, version):
    """Build the sdist, and from it the wheel.

    :returns: their paths
    :raises ReleaseError: their version is not that of the tag
    """
    run([sys.executable, '-m', 'build', '--outdir', output, tree])
    found = [output / f'cinder_messages-{version}.tar.gz',
             output / f'cinder_messages-{version}-py3-none-any.whl']
    for path in found:
        if not path.exists():
            raise ReleaseError(
                f'{path.name} was not built, but '
                f'{", ".join(sorted(os.listdir(output)))}')
    return found


def check_wheel(wheel, tree):
    """Compare the files of a wheel with those of the tree.

    :raises ReleaseError: a compiled translation or a file is missing
    """
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = set()
    for path in (tree / 'cinder_messages').rglob('*'):
        name = path.relative_to(tree)
        if path.is_file() and path.suffix not in ('.pyc', '.mo'):
            expected.add(str(name))
        if path.suffix == '.po':
            expected.add(str(name.with_suffix('.mo')))
    data = f'{wheel.name.removesuffix("-py3-none-any.whl")}.data/data'
    for path in (tree / 'etc' / 'cinder_messages').iterdir():
        expected.add(f'{data}/etc/cinder-messages/{path.name}')
    _check_names(wheel, expected - names)


def check_sdist(sdist, tree):
    """Compare the files of an sdist with those that git has.

    :raises ReleaseError: a file is missing
    """
    with tarfile.open(sdist) as archive:
        names = {name.partition('/')[2] for name in archive.getnames()}
    expected = {name for name in run(
        ['git', 'ls-files'], tree).splitlines()
        if pathlib.PurePath(name).name not in ('.gitignore', '.gitreview')}
    _check_names(sdist, expected - names)


def _check_names(path, missing):
    if missing:
        raise ReleaseError(f'{path.name} lacks ' + ', '.join(sorted(missing)))


def declared_extras(root=ROOT):
    """Return the names of the extras of the package."""
    parser = configparser.ConfigParser()
    parser.read(root / 'setup.cfg')
    return list(parser['extras'])


def check_extra(wheel, name, directory):
    """Install the wheel with an extra and run its main commands.

    :raises ReleaseError: the installation or a command failed
    """
    check = CHECKS[name]
    home = pathlib.Path(directory, name or 'core')
    run([sys.executable, '-m', 'venv', home])
    (home / 'release.conf').write_text(
        '[DEFAULT]\ntransport_url = fake://\n'
        f'[database]\nconnection = sqlite:///{home}/messages.sqlite\n'
        f'[cinder_messages]\nspool_dir = {home}/spool\n'
        '[api]\nauth_strategy = noauth\n')
    wanted = f'{wheel}[{check.extras}]' if check.extras else str(wheel)
    run([home / 'bin' / 'pip', 'install', '-q', wanted])
    run([home / 'bin' / 'pip', 'check'])
    for program, *rest in check.commands:
        run([home / 'bin' / program, *rest], home,
            OS_CINDER_MESSAGES_CONFIG_FILES=str(home / 'release.conf'))
    shutil.rmtree(home)


def write_checksums(output, paths):
    """Write SHA256SUMS, as sha256sum --check reads it."""
    (output / 'SHA256SUMS').write_text(''.join(
        f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n'
        for path in paths))


def release(args):
    """Carry out the steps; print each with its time."""
    started = time.monotonic()

    def done(text):
        print(f'{time.monotonic() - started:5.0f} s  {text}', flush=True)

    version = args.rehearse or find_version()
    output = pathlib.Path(args.output).resolve() / version
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix='release-') as directory:
        tree = clone(version, directory, bool(args.rehearse))
        done(f'cloned {version}')
        run([sys.executable, '-m', 'tests.translations'], tree)
        done('every text is translated')
        changelog = write_changelog(tree, output, version)
        done(f'wrote {changelog.name}')
        sdist, wheel = build(tree, output, version)
        check_sdist(sdist, tree)
        check_wheel(wheel, tree)
        done(f'built {sdist.name} and {wheel.name}')
        for name in CHECKS if args.extras is None else args.extras:
            check_extra(wheel, name, directory)
            done(f'checked {f"[{name}]" if name else "no extra"}')
        write_checksums(output, [sdist, wheel, changelog])
    done(f'the release is in {output}')


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rehearse', metavar='VERSION',
                        help='build the last commit as this version')
    parser.add_argument('--output', default=ROOT / 'dist', metavar='DIR',
                        help='directory of the files (default: dist)')
    parser.add_argument('--extra', action='append', dest='extras',
                        choices=CHECKS, metavar='EXTRA',
                        help='check only this extra; can be repeated')
    args = parser.parse_args(argv)
    if args.rehearse and not VERSION.fullmatch(args.rehearse):
        parser.error(f'{args.rehearse} is not a version such as 1.0.0')
    try:
        release(args)
    except ReleaseError as error:
        print(f'release: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
