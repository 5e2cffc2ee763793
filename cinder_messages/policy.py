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

"""One question, asked in one place: may this caller do that?

The rules themselves are in ``policies/``. Which rows a caller can reach is
not decided here but by the project that the storage is asked for.
"""

from collections.abc import Callable
from collections.abc import Mapping
import logging
import sys
import time

from oslo_config import cfg
from oslo_policy import policy

from cinder_messages import context as request_context
from cinder_messages import exception
from cinder_messages import policies
from cinder_messages.policies import base


LOG = logging.getLogger(__name__)

# How often a changed policy file is looked for, in seconds.
REFRESH_INTERVAL = 1


class Authorizer:
    """Answers from an enforcer, and has it read a changed policy file.

    :param enforcer: with our rules registered and loaded
    :param clock: seconds that only grow
    """

    def __init__(self, enforcer: policy.Enforcer,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._enforcer = enforcer
        self._clock = clock
        self._next_refresh = clock() + REFRESH_INTERVAL
        # NOTE: left to itself it searches for its files at every question,
        # which takes longer than to answer.
        enforcer.use_conf = False

    def authorize(self, context: request_context.RequestContext, rule: str,
                  target: Mapping[str, object]) -> None:
        """Return if the rule lets the caller, or raise.

        :param target: what the rule may compare with, ``project_id`` at least
        :raises NotAuthorized: it does not
        """
        if self._clock() >= self._next_refresh:
            self._refresh()
        if not self._enforcer.authorize(
                rule, target, dict(context.to_policy_values())):
            raise exception.NotAuthorized(action=rule)

    def is_admin(self, context: request_context.RequestContext) -> bool:
        """Whether the caller counts as an administrator."""
        return bool(self._enforcer.authorize(
            base.CONTEXT_IS_ADMIN, {}, dict(context.to_policy_values())))

    def _refresh(self) -> None:
        self._next_refresh = self._clock() + REFRESH_INTERVAL
        self._enforcer.use_conf = True
        try:
            self._enforcer.load_rules()
        except (ValueError, OSError) as exc:
            LOG.error('The policy file cannot be read, and the rules stay as '
                      'they were: %s', exc)
        finally:
            self._enforcer.use_conf = False


def _make_enforcer(conf: cfg.ConfigOpts) -> policy.Enforcer:
    enforcer = policy.Enforcer(conf)
    enforcer.register_defaults(policies.list_rules())
    return enforcer


def make_authorizer(conf: cfg.ConfigOpts) -> Authorizer:
    """An authorizer with the rules of ``[oslo_policy]``.

    :raises InvalidConfiguration: the policy file cannot be understood
    """
    enforcer = _make_enforcer(conf)
    try:
        enforcer.load_rules()
    except (ValueError, OSError) as exc:
        raise exception.InvalidConfiguration(
            reason=f'[oslo_policy] policy_file: {exc}') from exc
    return Authorizer(enforcer)


def get_enforcer() -> policy.Enforcer:
    """What the oslopolicy-* tools ask this package for."""
    conf = cfg.CONF
    # NOTE: the tools have parsed the same arguments, but without a project
    # they find no configuration that is not named.
    conf(sys.argv[1:], project='cinder-messages')
    return _make_enforcer(conf)
