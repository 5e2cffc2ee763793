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

"""The files of ``etc/`` that no server is needed for.

``tests/services/test_install.py`` has the others read by who reads them.
"""

import re
import runpy

from gunicorn import config

from tests import base
from tests import process

ETC = process.ROOT / 'etc' / 'cinder_messages'


class TestDeployment(base.TestCase):

    def test_the_readme_names_each_file(self):
        named = re.findall(r'``([\w.-]+\.[\w.]+)``',
                           (ETC / 'README.rst').read_text())
        self.assertEqual(
            sorted(path.name for path in ETC.iterdir()
                   if path.name not in ('README.rst', '__pycache__')),
            sorted(named))

    def test_gunicorn_knows_each_setting(self):
        known = config.Config()
        for name, value in runpy.run_path(ETC / 'gunicorn.conf.py').items():
            if not name.startswith('__'):
                known.set(name, value)
