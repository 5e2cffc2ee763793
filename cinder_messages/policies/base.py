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

"""The check strings of the rules."""

from oslo_policy import policy

CONTEXT_IS_ADMIN = 'context_is_admin'

# NOTE: written out, with the usual caller first, instead of composed of named
# rules: each check costs a request some 20 microseconds.
PROJECT_MEMBER_OR_ADMIN = (
    'role:member and project_id:%(project_id)s or '
    f'rule:{CONTEXT_IS_ADMIN}')

# NOTE: Keystone's default roles imply reader in member, but not every
# deployment has them, and a caller who may delete may also read.
PROJECT_READER_OR_ADMIN = (
    'role:reader and project_id:%(project_id)s or '
    f'{PROJECT_MEMBER_OR_ADMIN}')

RULES = (
    policy.RuleDefault(
        CONTEXT_IS_ADMIN, 'role:admin',
        description='Who counts as an administrator: sees the messages of '
                    'all projects on request, and may use every filter.'),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """Return the rules that other rules refer to."""
    return RULES
