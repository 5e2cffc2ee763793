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

"""A wheel has compiled translations; a source tree needs none."""

import pathlib
import zipfile

import fixtures

from cinder_messages import i18n
from tests import base
from tests import process
from tools import release

READ = ("import cinder_messages; from cinder_messages.message import catalog; "
        "print(cinder_messages.__file__); "
        "print(catalog.Catalog.builtin().text('VOLUME_VOLUME_104_502', 'de'))")
GERMAN = 'Löschen des Datenträgers: Der Datenträger wird verwendet. '


class TestWheel(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir())

    def test_an_installed_wheel_speaks_german(self):
        wheels = self.directory.join('wheels')
        installed = self.directory.join('installed')
        done = process.run(process.python(
            '-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation',
            '-w', wheels, str(process.ROOT)), timeout=600)
        self.assertEqual(0, done.returncode, done.stderr)
        [wheel] = pathlib.Path(wheels).glob('*.whl')
        release.check_wheel(wheel, process.ROOT)
        with zipfile.ZipFile(wheel) as archive:
            compiled = {name for name in archive.namelist()
                        if name.endswith('.mo')}
            archive.extractall(installed)
        self.assertLessEqual({
            f'cinder_messages/locale/{language}/LC_MESSAGES/{i18n.DOMAIN}.mo'
            for language in i18n.LANGUAGES}, compiled)

        # NOTE: what is read must be the compiled file.
        for source in pathlib.Path(installed).rglob('*.po'):
            source.unlink()
        done = process.run(process.python('-c', READ),
                           cwd=self.directory.path, PYTHONPATH=installed)
        where, text = done.stdout.splitlines()
        self.assertTrue(where.startswith(installed), where)
        self.assertTrue(text.startswith(GERMAN), text)
