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

"""The rules as documents."""

from oslo_policy import policy

from cinder_messages import policies
from tests import base


class TestRules(base.TestCase):

    def test_names_are_unique(self):
        names = [rule.name for rule in policies.list_rules()]
        self.assertEqual(sorted(set(names)), sorted(names))

    def test_each_can_be_explained(self):
        for rule in policies.list_rules():
            with self.subTest(rule=rule.name):
                self.assertTrue(rule.description)

    def test_no_rule_refers_to_one_that_does_not_exist(self):
        enforcer = policy.Enforcer(self.conf)
        enforcer.register_defaults(policies.list_rules())
        enforcer.load_rules()
        self.assertTrue(enforcer.check_rules(raise_on_violation=True))
