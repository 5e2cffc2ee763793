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

"""The files of the dashboard that an operator copies."""

import ast

import yaml

from cinder_messages import policies
from tests import base
from tests import process

DASHBOARD = process.ROOT / 'cinder_messages' / 'dashboard'


def policy_rules():
    """Yield the rules of ours that the panels ask for."""
    for path in DASHBOARD.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if (isinstance(node, ast.Assign) and
                    ast.unparse(node.targets[0]) == 'policy_rules'):
                for service, rule in ast.literal_eval(node.value):
                    if service == 'cinder_messages':
                        yield rule


class TestPolicies(base.TestCase):

    def test_horizon_has_the_rules_of_the_service(self):
        path = DASHBOARD / 'conf' / 'default_policies.yaml'
        known = {rule.name: rule for rule in policies.list_rules()}
        copied = yaml.safe_load(path.read_text())
        for rule in copied:
            self.assertEqual(known[rule['name']].check_str,
                             rule['check_str'])
        names = {rule['name'] for rule in copied}
        asked = set(policy_rules())
        self.assertIn('message:delete', asked)
        self.assertEqual(set(), asked - names)

    def test_the_settings_name_files_that_exist(self):
        [snippet] = DASHBOARD.glob('local_settings.d/*.py')
        settings = {'POLICY_FILES': {}, 'DEFAULT_POLICY_FILES': {}}
        exec(snippet.read_text(), settings)
        for name in 'POLICY_FILES', 'DEFAULT_POLICY_FILES':
            with open(settings[name]['cinder_messages']) as policy:
                yaml.safe_load(policy)
