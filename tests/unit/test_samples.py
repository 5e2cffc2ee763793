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

"""The committed samples are what the code produces."""

import pathlib

import fixtures
from oslo_config import generator
from oslo_policy import generator as policy_generator

from tests import base

ETC = pathlib.Path(__file__).parents[2] / 'etc' / 'cinder_messages'


class TestSamples(base.TestCase):

    def setUp(self):
        super().setUp()
        self.output = pathlib.Path(self.useFixture(
            fixtures.TempDir()).join('sample'))

    def test_configuration(self):
        generator.main(['--namespace', 'cinder_messages', '--wrap-width',
                        '79', '--output-file', str(self.output)])

        self.assertEqual(
            (ETC / 'cinder-messages.conf.sample').read_text(),
            self.output.read_text(),
            'tox run -e genconfig writes it again')

    def test_policy(self):
        policy_generator.generate_sample([
            '--namespace', 'cinder_messages', '--output-file',
            str(self.output)])

        self.assertEqual(
            (ETC / 'policy.yaml.sample').read_text(),
            self.output.read_text(),
            'tox run -e genpolicy writes it again')
