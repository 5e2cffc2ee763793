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

"""Validate option values, and explain an invalid one in one line."""

from collections.abc import Iterable
import contextlib
import re

from oslo_config import cfg
from oslo_config import types

from cinder_messages import exception

Table = tuple[str | None, Iterable[cfg.Opt]]

# The source of a value and the reason, in the text of oslo.config's error.
_SOURCE = re.compile(r"detail='([^']+)'")
_REASON = re.compile(
    r'is not valid: (?:\((["\'])(.+?)\1, .*|(.+))', re.DOTALL)


def validate(conf: cfg.ConfigOpts, tables: Iterable[Table]) -> None:
    """Read every value, so that an invalid one fails at the start.

    :param tables: groups and their options; options that are not
        registered yet are registered
    :raises InvalidConfiguration: the text names the file or variable, the
        option, the error and the allowed values
    """
    for group, opts in tables:
        for opt in opts:
            with contextlib.suppress(cfg.DuplicateOptError):
                conf.register_opt(opt, group)
            try:
                (conf[group] if group else conf)[opt.dest]
            except ValueError as exc:
                raise exception.InvalidConfiguration(
                    reason=explain(group, opt, exc)) from exc


def explain(group: str | None, opt: cfg.Opt, error: Exception) -> str:
    """Return one line about an invalid value; a secret is not repeated."""
    source = _SOURCE.search(str(error))
    reason = _REASON.search(str(error))
    text = reason and not opt.secret and (reason[2] or reason[3])
    return '%s[%s] %s is not valid%s. It should be %s.' % (
        f'{source[1]}: ' if source else '', group or 'DEFAULT', opt.name,
        f' ({text})' if text else '', describe(opt))


def describe(opt: cfg.Opt) -> str:
    """Return the allowed values of an option, in a few words."""
    kind = opt.type
    choices = getattr(kind, 'choices', None)
    if choices:
        return 'one of ' + ', '.join(str(each) for each in choices)
    if isinstance(kind, types.Boolean):
        return 'true or false'
    if isinstance(kind, types.Number):
        return _describe_number(kind)
    if isinstance(kind, types.URI) and kind.schemes:
        return 'a URL that begins with ' + ' or '.join(
            f'{scheme}://' for scheme in kind.schemes)
    if isinstance(kind, (types.IPAddress, types.HostAddress)):
        return 'the address of a host'
    return f'a value of the type {kind}'


def _describe_number(kind: types.Number) -> str:
    name = 'an integer' if isinstance(kind, types.Integer) else 'a number'
    if kind.min is not None and kind.max is not None:
        return f'{name} from {kind.min} to {kind.max}'
    if kind.min is not None:
        return f'{name}, at least {kind.min}'
    if kind.max is not None:
        return f'{name}, at most {kind.max}'
    return name
