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

"""Loads the conversations in ``gabbits/``; each file is one."""

import os

from gabbi import driver

from tests.functional import fixtures


def load_tests(loader, tests, pattern):
    """What unittest and stestr ask this module for its tests."""
    return driver.build_tests(
        os.path.join(os.path.dirname(__file__), 'gabbits'), loader,
        intercept=fixtures.get_application, fixture_module=fixtures,
        response_handlers=[fixtures.ForbiddenStringsHandler,
                           fixtures.SchemaHandler],
        test_loader_name=__name__)
