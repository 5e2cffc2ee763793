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

"""Modules of Cinder in memory, for tests that run without a Cinder."""

import sys
import types
from unittest import mock

import fixtures


class CinderModules(fixtures.Fixture):
    """Make modules importable as ``cinder`` and below.

    :param contents: the names in each module, by its dotted name
    """

    def __init__(self, contents):
        self._contents = contents

    def _setUp(self):
        modules = {'cinder': types.ModuleType('cinder')}
        for name, values in self._contents.items():
            parts = name.split('.')
            for number in range(2, len(parts) + 1):
                path = '.'.join(parts[:number])
                module = modules.setdefault(path, types.ModuleType(path))
                parent = '.'.join(parts[:number - 1])
                setattr(modules[parent], parts[number - 1], module)
            vars(modules[name]).update(values)
        patcher = mock.patch.dict(sys.modules, modules)
        patcher.start()
        self.addCleanup(patcher.stop)
