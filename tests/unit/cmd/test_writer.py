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

"""A writer that reads its options again."""

import types

from cinder_messages.cmd import writer
from tests import base


class TestReload(base.TestCase):

    def reload(self, *argv):
        reloaded = []

        def reload_config_files():
            reloaded.append(True)
            return True
        conf = types.SimpleNamespace(reload_config_files=reload_config_files)
        writer.keep_valid_configuration(conf, argv)
        return conf.reload_config_files(), reloaded

    def write(self, text):
        path = self.create_tempfiles([('writer', text)], ext='.conf')[0]
        return '--config-file', path

    def test_valid_options_are_used(self):
        self.assertEqual((True, [True]), self.reload(*self.write(
            '[database]\nconnection = sqlite:////tmp/messages.sqlite\n')))

    def test_invalid_options_are_logged_and_not_used(self):
        with self.assertLogs(writer.LOG, 'ERROR') as logs:
            self.assertEqual((False, []), self.reload(*self.write(
                '[writer]\nworkers = none\n')))
        self.assertIn('The configuration is not reloaded', logs.output[0])
