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

"""The application from an api-paste.ini."""

import os

import fixtures
import webob

from cinder_messages.api import paste
from cinder_messages import exception
from tests import base


class TestAppFactory(base.TestCase):

    def _file(self, text):
        path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'cinder-messages.conf')
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write(text)
        return path

    def test_file_of_the_section_is_read(self):
        path = self._file('[api]\nauth_strategy = noauth\n'
                          'public_endpoint = https://volume.example.org\n'
                          '[database]\nconnection = sqlite://\n')
        application = paste.app_factory({}, config_file=path)
        answer = webob.Request.blank('/v3').get_response(application)
        self.assertIn('https://volume.example.org/v3/', answer.text)

    def test_configuration_that_cannot_work(self):
        path = self._file('[api]\nauth_strategy = keystone\n')
        self.assertRaises(exception.InvalidConfiguration,
                          paste.app_factory, {}, config_file=path)
