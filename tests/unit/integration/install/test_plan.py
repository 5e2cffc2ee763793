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

"""The files of install and uninstall, and a kill at any moment."""

import errno
import os
import pathlib
import stat

import fixtures

from cinder_messages import exception
from cinder_messages.integration.install import files
from cinder_messages.integration.install import plan
from tests import base
from tests.unit.integration.install import test_options
from tests.unit.integration.install import test_pipelines

CONFIG = '/etc/cinder-messages/cinder-messages.conf'

# Each call after which a process can be killed.
CALLS = ('open', 'unlink', 'rename', 'fsync', 'fchown', 'close')


class Killed(BaseException):
    """Stands in for SIGKILL: nothing in the code catches it."""


class TestPlan(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.paste = self.directory / 'api-paste.ini'
        self.paste.write_bytes(b'# \xff\n' + test_pipelines.SHIPPED.encode())
        self.paste.chmod(0o640)
        self.conf = self.directory / 'cinder.conf'
        self.conf.write_text(test_options.PLAIN)
        self.conf.chmod(0o600)
        self.site = plan.Site.of(str(self.paste), [str(self.conf)])
        self.before = self.tree()

    def tree(self):
        """Content and mode of each file."""
        return {path.name: (path.read_bytes(), stat.S_IMODE(
            path.stat().st_mode)) for path in self.directory.iterdir()}

    def install(self):
        plan.install(self.site.plan_install(CONFIG))

    def uninstall(self):
        return plan.uninstall(self.site.plan_uninstall())

    def test_there_and_back_again(self):
        for _ in range(2):
            self.install()
            installed = self.tree()
            self.install()
            self.assertEqual(installed, self.tree())
            for name, kept in self.before.items():
                self.assertNotEqual(kept[0], installed[name][0])
                self.assertEqual(kept[1], installed[name][1])
                self.assertEqual(kept, installed[name + files.ORIGINAL])
            for _ in range(2):
                self.assertEqual([True, True], self.uninstall())
                self.assertEqual(self.before, self.tree())

    def test_the_original_is_kept_beside_edits_of_others(self):
        self.install()
        with self.conf.open('a') as file:
            file.write('[new]\n')
        self.assertEqual([True, False], self.uninstall())
        self.assertEqual(test_options.PLAIN + '[new]\n',
                         self.conf.read_text())
        self.assertEqual(self.before['cinder.conf'],
                         self.tree()['cinder.conf' + files.ORIGINAL])

    def test_an_original_is_not_one_of_an_earlier_install(self):
        self.install()
        with self.conf.open('a') as file:
            file.write('[new]\n')
        self.uninstall()
        self.install()
        self.assertEqual([True, True], self.uninstall())

    def test_links_remain(self):
        link = self.directory / 'link'
        link.symlink_to(self.conf)
        self.site = plan.Site.of(None, [str(link)])
        self.install()
        self.assertTrue(link.is_symlink())
        self.assertIn('SchedulerManager', self.conf.read_text())

    def test_nothing_is_changed_if_one_file_is_not_understood(self):
        self.conf.write_text('[DEFAULT]\nvolume_manager = mine\n')
        before = self.tree()
        self.assertRaises(exception.Error, self.install)
        self.assertEqual(before, self.tree())

    def test_missing_files_are_named(self):
        refused = self.assertRaises(
            exception.Error, plan.Site.of, None, ['/nowhere/cinder.conf'])
        self.assertIn('/nowhere/cinder.conf: No such file', str(refused))
        self.assertRaises(exception.Error, plan.Site.of, None, [])
        self.assertRaises(exception.Error, plan.Site.of, str(self.directory),
                          [])

    def test_a_diff_has_no_line_that_is_not_changed(self):
        diffs = [change.diff() for change in self.site.plan_install(CONFIG)]
        self.assertIn('+volume_manager = cinder_messages', diffs[1])
        self.assertNotIn('SECRET', diffs[1])

    def test_what_others_wrote_is_found(self):
        self.assertEqual([], self.site.find_others())
        self.conf.write_text('[DEFAULT]\n#x = cinder_messages.integration.a\n'
                             'x = cinder_messages.integration.b\n')
        self.assertEqual([f'{self.conf}:3'], self.site.find_others())

    def test_nothing_is_changed_if_a_call_fails(self):
        self.install()
        installed = self.tree()
        self.uninstall()
        for work, other, before in (
                (self.install, self.uninstall, self.before),
                (self.uninstall, self.install, installed)):
            other()
            for number in range(1000):
                if not self.failed(work, number):
                    break
                self.assertEqual(before, self.tree(), number)
            self.assertGreater(number, 4)

    def failed(self, work, number):
        """Do something whose n-th system call fails once."""
        left = [number]
        fchown = os.fchown

        def fail(call):
            def wrapped(*args, **kwargs):
                if 'cinder-messages' in str(args[0]) or call == fchown:
                    left[0] -= 1
                if left[0] == -1:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return call(*args, **kwargs)
            return wrapped

        with fixtures.Fixture() as patches:
            for name in ('open', 'rename', 'fchown'):
                patches.useFixture(fixtures.MonkeyPatch(
                    f'os.{name}', fail(getattr(os, name))))
            try:
                work()
            except exception.Error as exc:
                self.assertIn('No space left on device', str(exc))
                return True
        return False

    def test_hard_links_are_refused(self):
        os.link(self.conf, self.directory / 'second.conf')
        refused = self.assertRaises(
            exception.Error, self.site.locked().__enter__)
        self.assertIn('one of 2 hard links', str(refused))

    def test_a_file_that_is_mounted_by_itself(self):
        self.useFixture(fixtures.MonkeyPatch('os.rename', self.refuse))
        refused = self.assertRaises(exception.Error, self.install)
        self.assertIn('mounted', str(refused))
        self.assertEqual(self.before, self.tree())

    @staticmethod
    def refuse(*args):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    def test_a_diff_tells_of_a_line_without_a_newline(self):
        self.conf.write_text('[DEFAULT]')
        diff = self.site.plan_install(CONFIG)[1].diff()
        self.assertIn('@@ -1 +1,12 @@\n-[DEFAULT]\n'
                      '\\ No newline at end of file\n+[DEFAULT]\n', diff)
        self.assertEqual(1, diff.count('\\'))

    def killed(self, work, number):
        """Run something that is killed right after its n-th system call."""
        left = [number]

        def after(call):
            def wrapped(*args, **kwargs):
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return call(*args, **kwargs)
            return wrapped

        with fixtures.Fixture() as patches:
            for name in CALLS:
                patches.useFixture(fixtures.MonkeyPatch(
                    f'os.{name}', after(getattr(os, name))))
            try:
                work()
            except Killed:
                return True
        return False

    def test_a_kill_at_any_moment(self):
        self.install()
        installed = self.tree()
        self.uninstall()
        states = {name: {self.before.get(name), found}
                  for name, found in installed.items()}
        for work, other, done in ((self.install, self.uninstall, installed),
                                  (self.uninstall, self.install,
                                   self.before)):
            number = 0
            other()
            while self.killed(work, number):
                for name, found in self.tree().items():
                    if name in states:
                        self.assertIn(found, states[name], number)
                work()
                self.assertEqual(done, self.tree(), number)
                other()
                number += 1
            self.assertGreater(number, 10)
