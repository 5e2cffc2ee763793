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

"""Explain why oslo.policy cannot use a policy file.

Its own exceptions name no file, and some are errors of Python about the shape
of a value.
"""

from collections.abc import Iterator
import pathlib

from oslo_policy import policy
import yaml

_EXAMPLE = 'as in "message:delete": "role:member"'
_SHOWN = 64


def explain(enforcer: policy.Enforcer, error: Exception) -> str:
    """Return the option, the file and its first error, in one line.

    :param error: the exception of ``load_rules``
    """
    for option, path in _files(enforcer):
        problem = _find_problem(path)
        if problem:
            return f'[oslo_policy] {option} {path}: {problem}'
    return '[oslo_policy] policy_file: ' + ' '.join(str(error).split())


def _files(enforcer: policy.Enforcer) -> Iterator[tuple[str, pathlib.Path]]:
    options = enforcer.conf.oslo_policy
    for option, names in (('policy_file', [options.policy_file]),
                          ('policy_dirs', options.policy_dirs)):
        for name in names:
            found = enforcer.conf.find_file(name)
            if not found:
                continue
            path = pathlib.Path(found)
            if option == 'policy_file':
                yield option, path
            elif path.is_dir():
                for file in sorted(path.iterdir()):
                    if file.is_file() and not file.name.startswith('.'):
                        yield option, file


def _find_problem(path: pathlib.Path) -> str | None:
    """Return why a file cannot be used; None if it can."""
    try:
        rules = yaml.safe_load(path.read_bytes())
    except OSError as exc:
        return str(exc.strerror)
    except RecursionError:
        return 'it is nested too deeply'
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f'line {mark.line + 1}: ' if mark else ''
        return f'{where}{exc.problem or exc.context}'
    except (ValueError, yaml.YAMLError) as exc:
        return ' '.join(str(exc).split())
    if not rules:
        return None
    if not isinstance(rules, dict):
        return ('it is not a mapping of names of rules to their texts, '
                f'{_EXAMPLE}')
    for name, rule in rules.items():
        if not _is_rule(rule):
            return (f'the rule {str(name)[:_SHOWN]!r} is not a text, '
                    f'{_EXAMPLE}')
    return None


def _is_rule(rule: object) -> bool:
    """Return whether a value has the form of a rule, also of the old one."""
    if isinstance(rule, list):
        return all(isinstance(each, str) or _is_list_of_texts(each)
                   for each in rule)
    return rule is None or isinstance(rule, str)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, str) for each in value)
