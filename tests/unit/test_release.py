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

"""The parts of tools/release.py, without a build and without a network."""

import contextlib
import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import fixtures

from tests import base
from tests import process
from tools import release


class TestRelease(base.TestCase):

    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def git(self, *args):
        # NOTE: independent of the git configuration of the machine.
        subprocess.run(['git', '-C', self.root, '-c', 'user.name=n', '-c',
                        'user.email=e', *args], check=True,
                       capture_output=True)

    def commit(self):
        self.git('init', '-q')
        (self.root / 'file').write_text('text')
        self.git('add', '.')
        self.git('commit', '-qm', 'first')

    def make_tree(self):
        """A tree with one translation and one file of an operator."""
        for name in ('cinder_messages/__init__.py',
                     'cinder_messages/locale/de/LC_MESSAGES/m.po',
                     'etc/cinder_messages/sample'):
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)

    def make_wheel(self, *names):
        wheel = self.root / 'cinder_messages-1.0.0-py3-none-any.whl'
        with zipfile.ZipFile(wheel, 'w') as archive:
            for name in names:
                archive.writestr(name, name)
        return wheel

    def test_every_extra_is_checked(self):
        self.assertEqual(['', *release.declared_extras()],
                         list(release.CHECKS))
        for name, check in release.CHECKS.items():
            self.assertIn(name, check.extras.split(','))
            self.assertTrue(check.commands)
            for command in check.commands:
                self.assertIsInstance(command, tuple)

    def test_the_version_is_the_tag_of_the_last_commit(self):
        self.commit()
        self.git('tag', 'no-version')
        self.git('tag', '1.2.3')
        self.assertEqual('1.2.3', release.find_version(self.root))

    def test_a_commit_without_a_tag_is_refused(self):
        self.commit()
        with self.assertRaisesRegex(release.ReleaseError, 'git tag -s'):
            release.find_version(self.root)

    def test_a_changed_tree_is_refused(self):
        self.commit()
        self.git('tag', '1.2.3')
        (self.root / 'other').write_text('text')
        with self.assertRaisesRegex(release.ReleaseError, 'not committed'):
            release.find_version(self.root)

    def test_a_rehearsal_tags_the_clone_alone(self):
        self.commit()
        target = self.useFixture(fixtures.TempDir()).path
        tree = release.clone('2.0.0', target, True, self.root)
        self.assertEqual('2.0.0', release.find_version(tree))
        with self.assertRaises(release.ReleaseError):
            release.find_version(self.root)

    def test_a_wheel_has_each_file_and_compiled_translation(self):
        self.make_tree()
        names = ['cinder_messages/__init__.py',
                 'cinder_messages/locale/de/LC_MESSAGES/m.po',
                 'cinder_messages/locale/de/LC_MESSAGES/m.mo',
                 'cinder_messages-1.0.0.data/data/etc/cinder-messages/sample']
        release.check_wheel(self.make_wheel(*names), self.root)
        for missing in names:
            wheel = self.make_wheel(*(set(names) - {missing}))
            with self.assertRaisesRegex(release.ReleaseError,
                                        f'lacks {missing}$'):
                release.check_wheel(wheel, self.root)

    def test_an_sdist_has_each_file_of_git(self):
        self.commit()
        sdist = self.root / 'x.tar.gz'
        for names, is_complete in ((['file'], True), ([], False)):
            with tarfile.open(sdist, 'w:gz') as archive:
                for name in names:
                    archive.add(self.root / name, f'x/{name}')
            if is_complete:
                release.check_sdist(sdist, self.root)
        with self.assertRaisesRegex(release.ReleaseError, 'lacks file$'):
            release.check_sdist(sdist, self.root)

    def test_a_failed_command_is_named_with_its_output(self):
        with self.assertRaisesRegex(release.ReleaseError,
                                    '(?s)exit status 3.*reason'):
            release.run([sys.executable, '-c',
                         'print("reason"); raise SystemExit(3)'])

    def test_no_variable_changes_the_version(self):
        self.useFixture(fixtures.EnvironmentVariable('PBR_VERSION', '9'))
        self.assertEqual('None\n', release.run(
            [sys.executable, '-c',
             'import os; print(os.environ.get("PBR_VERSION"))']))

    def test_checksums_are_those_of_the_files(self):
        (self.root / 'a').write_bytes(b'data')
        release.write_checksums(self.root, [self.root / 'a'])
        self.assertEqual(f'{hashlib.sha256(b"data").hexdigest()}  a\n',
                         (self.root / 'SHA256SUMS').read_text())

    def test_an_odd_version_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()) as stderr:
            self.assertRaises(SystemExit, release.main, ['--rehearse', 'v1'])
        self.assertIn('v1 is not a version', stderr.getvalue())

    def test_the_environment_runs_the_tool(self):
        tox = (process.ROOT / 'tox.ini').read_text()
        self.assertIn('[testenv:release]', tox)
        self.assertIn('python tools/release.py {posargs}', tox)
