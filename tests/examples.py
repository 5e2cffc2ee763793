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

"""How many examples hypothesis tries: all in CI, a fifth elsewhere.

The examples are the same in each run, and nothing is written to disk. To try
all of them, set ``CI`` in the environment::

    CI=1 tox run -e functional -- tests.functional.test_fuzz
"""

import os

import hypothesis


def settings(max_examples):
    """Return the settings of a test.

    :param max_examples: the number of examples in CI
    """
    if not os.environ.get('CI'):
        max_examples = max(max_examples // 5, 5)
    return hypothesis.settings(
        max_examples=max_examples, deadline=None, database=None,
        derandomize=True, suppress_health_check=list(hypothesis.HealthCheck))
