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

"""What the source of the package holds: log lines and names."""

import ast
import functools
import re

from tests import process

PACKAGE = process.ROOT / 'cinder_messages'

_LEVELS = {'debug', 'info', 'warning', 'error', 'exception', 'critical',
           'note'}
_WORTH_READING = {'warning', 'error', 'exception', 'critical', 'note'}
_CONVERSION = re.compile(r'%(?:\(\w+\))?[-#0 +]*[\d.]*[a-z]')

# What a pattern must hold of its own: '%s: %s' would match anything.
_OWN_CHARACTERS = 12


@functools.cache
def patterns():
    """What log lines and errors of ours look like, as patterns."""
    return tuple(
        re.compile(template) for path in sorted(PACKAGE.rglob('*.py'))
        for node in ast.walk(ast.parse(path.read_text()))
        for template in _templates(node)
        if len(re.sub(r'\.\+|\\', '', template)) >= _OWN_CHARACTERS)


def warnings():
    """Yield place and pattern of each log line that an operator may act on.

    The client and the dashboard are left out: their lines are for their user,
    not for the log of a service.
    """
    for path in sorted(PACKAGE.rglob('*.py')):
        if path.relative_to(PACKAGE).parts[0] in ('client', 'dashboard'):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (isinstance(node, ast.Call) and node.args and
                    isinstance(node.func, ast.Attribute) and
                    node.func.attr in _WORTH_READING):
                for template in _pattern(node.args[0]):
                    yield f'{path.name}:{node.lineno}', template


def _templates(node):
    """The pattern of what a node writes, if it does."""
    if isinstance(node, ast.Assign) and _named(node.targets[0]) == 'msg_fmt':
        yield from _pattern(node.value)
    elif isinstance(node, ast.Call) and node.args and _named(
            node.func) in _LEVELS | {
                'Error', 'PermissionError', 'refusal', 'N_'}:
        yield from _pattern(node.args[0])
    elif isinstance(node, ast.Call) and _named(node.func) == 'log_safely':
        # NOTE: its level and its text follow the logger.
        yield from _pattern(node.args[2])
    elif isinstance(node, ast.keyword) and node.arg == 'reason':
        yield from _pattern(node.value)


def _named(node):
    return getattr(node, 'attr', getattr(node, 'id', None))


def _pattern(node):
    if isinstance(node, ast.Call) and node.args:
        yield from _pattern(node.args[0])
    elif isinstance(node, ast.BinOp):
        yield from _pattern(node.left)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield '.+'.join(map(re.escape, _CONVERSION.split(node.value)))
    elif isinstance(node, ast.JoinedStr):
        yield ''.join(
            re.escape(part.value) if isinstance(part, ast.Constant) else '.+'
            for part in node.values)


def defines(dotted, name=None):
    """Whether a module is there, and what is named in it.

    It is not imported: some do what they are for when they are.

    :param dotted: a module, or a name in one, or a name in a class of one
    :param name: a name in it
    """
    parts = dotted.split('.') + ([name] if name else [])
    for count in range(len(parts), 0, -1):
        path = process.ROOT.joinpath(*parts[:count])
        if path.is_dir():
            return count == len(parts)
        if path.with_suffix('.py').exists():
            return _has(ast.parse(path.with_suffix('.py').read_text()).body,
                        parts[count:])
    return False


def _has(body, names):
    if not names:
        return True
    for node in body:
        if names[0] in _bound(node):
            return _has(getattr(node, 'body', []), names[1:])
    return False


def _bound(node):
    targets = getattr(node, 'targets', [getattr(node, 'target', None)])
    return {getattr(node, 'name', None),
            *(getattr(target, 'id', None) for target in targets)}
