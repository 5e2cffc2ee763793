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

"""Log errors of our own code inside a service of Cinder.

The caller has caught the exception: it never reaches Cinder.
"""

import logging
import threading
import time

LOG = logging.getLogger(__name__)

# Seconds between two lines about the same task.
INTERVAL = 60.0

# NOTE: a task is one of our own phrases, so this holds a handful of them.
_quiet_until: dict[str, float] = {}
_lock = threading.Lock()


def log_failure(task: str) -> None:
    """Log the exception that is being handled, once a minute per task.

    :param task: completes "cinder_messages could not ..."
    """
    now = time.monotonic()
    with _lock:
        if now < _quiet_until.get(task, 0.0):
            return
        _quiet_until[task] = now + INTERVAL
    LOG.exception('cinder_messages could not %s; Cinder is not affected. '
                  'Further failures of this kind are logged once a minute.',
                  task)
