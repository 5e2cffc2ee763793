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

"""Rules of our own for flake8; ``tox.ini`` names it, HACKING.rst lists them.

Numbers from N301 on. Whether imports go down the layers is not one of them:
that takes the whole package, and ``tests/unit/test_layers.py``.
"""

import ast
import pathlib

PACKAGE = 'cinder_messages'

_LEVELS = {'debug', 'info', 'warning', 'error', 'exception', 'critical'}

# Where the global configuration may be named: the entry points, and what
# stands in for one where a library calls us without any of ours before.
_ENTRY = ('cmd/', 'wsgi/', 'integration/', 'message/api.py', 'policy.py')


class Checks:
    """What flake8 makes of a file, and asks for what is wrong in it.

    :param tree: of the file
    :param filename: from where flake8 runs
    """

    name = 'cinder_messages'
    version = '1'

    def __init__(self, tree, filename):
        self._tree = tree
        parts = pathlib.PurePath(filename).parts
        below = parts[parts.index(PACKAGE) + 1:] if PACKAGE in parts else ()
        # NOTE: empty for what is not of the package.
        self._path = '/'.join(below)

    def run(self):
        """Each finding as flake8 wants it."""
        for node in ast.walk(self._tree):
            for check, exempt in _CHECKS:
                text = check(node)
                if text and self._path and not self._path.startswith(exempt):
                    yield node.lineno, node.col_offset, text, Checks


def _no_eventlet(node):
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or '']
    else:
        return None
    if 'eventlet' in {name.partition('.')[0] for name in names}:
        return 'N301 eventlet is not used'
    return None


def _no_global_configuration(node):
    if isinstance(node, ast.Attribute) and node.attr == 'CONF':
        return 'N302 only an entry point names cfg.CONF, and hands it down'
    return None


def _no_translated_log_line(node):
    if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and
            node.func.attr in _LEVELS and node.args):
        text = node.args[0]
        if isinstance(text, ast.Call) and getattr(
                text.func, 'id', None) in ('_', 'N_'):
            return 'N303 log lines are not translated'
    return None


def _no_print(node):
    if isinstance(node, ast.Call) and getattr(
            node.func, 'id', None) == 'print':
        return 'N304 only commands print'
    return None


# Each with the places that it does not hold for.
_CHECKS = (
    (_no_eventlet, ()),
    (_no_global_configuration, _ENTRY),
    (_no_translated_log_line, ()),
    (_no_print, ('cmd/',)),
)
