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

"""The arguments of the commands around the files of a Cinder."""

from cinder_messages.cmd import manage_cinder
from tests import base


class TestArguments(base.TestCase):

    def test_config_file_of_cinder_has_its_own_name(self):
        for typed, expected in (
                ('cinder install --config-file a --config-file=b',
                 'cinder install --cinder-conf a --cinder-conf=b'),
                ('--config-file a cinder check --config-file b',
                 '--config-file a cinder check --cinder-conf b'),
                ('--config-file cinder db sync',
                 '--config-file cinder db sync'),
                ('db import-cinder --cinder-conf x',
                 'db import-cinder --cinder-conf x'),
                ('cinder', 'cinder')):
            self.assertEqual(expected.split(),
                             manage_cinder.rename_option(typed.split()))
