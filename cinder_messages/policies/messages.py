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

"""The rules to list, show and delete messages in a project.

No rule opens the messages of another project: the API confines each query to
the caller's project, unless the caller is an administrator.
"""

from oslo_policy import policy

from cinder_messages.policies import base

GET_ALL = 'message:get_all'
GET = 'message:get'
DELETE = 'message:delete'
GET_ACTOR = 'message:get:actor'
GET_HOST = 'message:get:host'


def _operations(method: str, path: str) -> list[policy.Operation]:
    return [{'method': method, 'path': f'/v3/{{project_id}}{path}'},
            {'method': method, 'path': f'/v3{path}'}]


RULES = (
    policy.DocumentedRuleDefault(
        name=GET_ALL,
        check_str=base.PROJECT_READER_OR_ADMIN,
        description='List messages.',
        operations=_operations('GET', '/messages')),
    policy.DocumentedRuleDefault(
        name=GET,
        check_str=base.PROJECT_READER_OR_ADMIN,
        description='Show a message.',
        operations=_operations('GET', '/messages/{message_id}')),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        description='Delete a message.',
        operations=_operations('DELETE', '/messages/{message_id}')),
    policy.DocumentedRuleDefault(
        name=GET_ACTOR,
        check_str=base.PROJECT_READER_OR_ADMIN,
        description='Read user_id, the user whose request failed, in messages '
                    'of a request with the opt-in item user-messages. A '
                    'message has it only if the user made the request in the '
                    'project that owns the message.',
        operations=_operations('GET', '/messages') +
        _operations('GET', '/messages/{message_id}')),
    policy.DocumentedRuleDefault(
        name=GET_HOST,
        check_str=f'rule:{base.CONTEXT_IS_ADMIN}',
        description='Read host, the host of the service that reported the '
                    'failure, in messages of a request with the opt-in item '
                    'user-messages.',
        operations=_operations('GET', '/messages') +
        _operations('GET', '/messages/{message_id}')),
)


def list_rules() -> tuple[policy.DocumentedRuleDefault, ...]:
    """Return the rules of the message API."""
    return RULES
