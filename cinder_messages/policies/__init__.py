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

"""The policy rules, for oslo.policy and its sample generator."""

import itertools

from oslo_policy import policy

from cinder_messages.policies import base
from cinder_messages.policies import messages


def list_rules() -> list[policy.RuleDefault]:
    """Return all rules of the API."""
    return list(itertools.chain(base.list_rules(), messages.list_rules()))
