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

import pathlib

import setuptools
from setuptools.command import build_py


class BuildPy(build_py.build_py):
    """Compile the translations into what is built, not into the tree."""

    def run(self):
        super().run()
        if getattr(self, 'editable_mode', False):
            return
        # NOTE: only a build needs Babel; other commands run without it.
        from babel.messages import mofile
        from babel.messages import pofile

        for source in pathlib.Path('cinder_messages').glob(
                '**/locale/*/LC_MESSAGES/*.po'):
            target = pathlib.Path(self.build_lib, source).with_suffix('.mo')
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open('rb') as stream:
                catalog = pofile.read_po(stream, abort_invalid=True)
            with target.open('wb') as stream:
                mofile.write_mo(stream, catalog)


class Distribution(setuptools.Distribution):
    """Build with our command; pbr drops the argument ``cmdclass``."""

    def get_command_class(self, command):
        if command == 'build_py':
            return BuildPy
        return super().get_command_class(command)


setuptools.setup(
    setup_requires=['pbr>=7.0.0'], pbr=True, distclass=Distribution)
