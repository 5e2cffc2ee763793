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

"""Check a caller's permission by oslo.policy.

The rules are in ``policies/``. The project id that the caller of the storage
passes restricts the rows, not this module.
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
from cinder_messages import log_escape
from cinder_messages import policies
from cinder_messages.policies import diagnosis


LOG = logging.getLogger(__name__)

# How often a changed policy file is looked for, in seconds.
REFRESH_INTERVAL = 1

# Answers that are cached, a few for each caller of an interval, and the
# length of a question up to which its answer is.
_MAX_ANSWERS = 2000
_MAX_LENGTH = 4000


class Authorizer:
    """Answers from an enforcer, and has it read a changed policy file.

    An answer is remembered until the file is looked for again: oslo.policy
    takes a fifth of a request to find it.

    :param enforcer: with our rules registered and loaded
    :param clock: seconds that only grow
    """

    def __init__(self, enforcer: policy.Enforcer,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._enforcer = enforcer
        self._clock = clock
        self._next_refresh = clock() + REFRESH_INTERVAL
        # The caller of the last question: a request asks several.
        self._caller: tuple[object, dict[str, object], str] = None, {}, ''
        self._answers: dict[tuple[str, str, str], bool] = {}
        # NOTE: left to itself it searches for its files at every question,
        # which takes longer than to answer.
        enforcer.use_conf = False

    def authorize(self, context: request_context.RequestContext, rule: str,
                  target: Mapping[str, object]) -> None:
        """Return if the rule lets the caller, or raise.

        :param target: what the rule may compare with, ``project_id`` at least
        :raises NotAuthorized: it does not
        :raises PolicyUnavailable: the rule could not be checked
        """
        if not self.allows(context, rule, target):
            raise exception.NotAuthorized(action=rule)

    def allows(self, context: request_context.RequestContext, rule: str,
               target: Mapping[str, object]) -> bool:
        """Return whether the rule passes.

        :param rule: also one that is no operation, such as context_is_admin
        :param target: attributes that the rule can compare
        """
        if self._clock() >= self._next_refresh:
            self._refresh()
        # NOTE: all that a rule can look at. A check that asks another service
        # is answered anew after the interval.
        known, values, text = self._caller
        if known is not context:
            values = dict(context.to_policy_values())
            text = repr(values)
            self._caller = context, values, text
        question = rule, repr(target), text
        answers = self._answers
        answer = answers.get(question)
        if answer is None:
            answer = self._ask(rule, target, dict(values))
            if (len(answers) < _MAX_ANSWERS and
                    sum(map(len, question)) < _MAX_LENGTH):
                answers[question] = answer
        return answer

    def _ask(self, rule: str, target: Mapping[str, object],
             caller: dict[str, object]) -> bool:
        try:
            return bool(self._enforcer.authorize(rule, target, caller))
        # NOTE: a check can ask another service, and a deployer's rule can be
        # anything. Who cannot be judged is not let in.
        except Exception as exc:
            raise exception.PolicyUnavailable(
                rule=rule, reason=f'{type(exc).__name__}: {exc}') from exc

    def _refresh(self) -> None:
        self._next_refresh = self._clock() + REFRESH_INTERVAL
        self._enforcer.use_conf = True
        try:
            self._enforcer.load_rules()
        # NOTE: what a file of another shape raises is not documented.
        except Exception as exc:
            LOG.error('The policy file cannot be read, and the rules stay as '
                      'they were: %s', log_escape.escape(
                          diagnosis.explain(self._enforcer, exc), 500))
        finally:
            self._enforcer.use_conf = False
            # NOTE: a new one, and not emptied: who is at an answer by the old
            # rules puts it where nobody looks any more.
            self._answers = {}


def _make_enforcer(conf: cfg.ConfigOpts) -> policy.Enforcer:
    enforcer = policy.Enforcer(conf)
    enforcer.register_defaults(policies.list_rules())
    return enforcer


def make_authorizer(conf: cfg.ConfigOpts) -> Authorizer:
    """Make an authorizer with the rules of ``[oslo_policy]``.

    :raises InvalidConfiguration: the policy file cannot be understood
    """
    enforcer = _make_enforcer(conf)
    try:
        enforcer.load_rules()
    # NOTE: what a file of another shape raises is not documented.
    except Exception as exc:
        raise exception.InvalidConfiguration(
            reason=diagnosis.explain(enforcer, exc)) from exc
    return Authorizer(enforcer)


def get_enforcer() -> policy.Enforcer:
    """Make the enforcer for the oslopolicy-* tools."""
    conf = cfg.CONF
    # NOTE: the tools have parsed the same arguments, but without a project
    # they find no configuration that is not named.
    conf(sys.argv[1:], project='cinder-messages')
    return _make_enforcer(conf)
