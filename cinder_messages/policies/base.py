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


"""The check strings that rules are made of."""

from oslo_policy import policy

CONTEXT_IS_ADMIN = 'context_is_admin'
PROJECT_READER_OR_ADMIN = 'rule:project_reader_or_admin'
PROJECT_MEMBER_OR_ADMIN = 'rule:project_member_or_admin'

RULES = (
    policy.RuleDefault(
        CONTEXT_IS_ADMIN, 'role:admin',
        description='Who counts as an administrator: sees the messages of '
                    'all projects on request, and may use every filter.'),
    policy.RuleDefault(
        'project_reader_or_admin',
        # NOTE: Keystone's default roles imply reader in member, but not
        # every deployment has them; who may delete may also read.
        'rule:context_is_admin or '
        '(role:reader or role:member) and project_id:%(project_id)s',
        description='Reads in the own project, or is an administrator.'),
    policy.RuleDefault(
        'project_member_or_admin',
        'rule:context_is_admin or '
        'role:member and project_id:%(project_id)s',
        description='Writes in the own project, or is an administrator.'),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """The rules that others refer to."""
    return RULES
