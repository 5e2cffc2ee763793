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

"""Name the failures that the installed Cinder does not let us cover.

Run it as a program: it imports Cinder's managers, which register options that
belong to cinder.conf. It prints one line for each function that is missing.
"""

from collections.abc import Iterator
import importlib.util
import subprocess  # nosec B404
import sys

# Seconds to wait for the import of Cinder.
TIMEOUT = 120


def is_installed() -> bool:
    """Return whether there is a Cinder."""
    return importlib.util.find_spec('cinder') is not None


def read_uncovered() -> list[str]:
    """Run this module in a process of its own and return its lines.

    :raises OSError: the process did not answer
    """
    try:
        done = subprocess.run(  # nosec B603
            [sys.executable, '-W', 'ignore', '-m', __name__],
            capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as exc:
        raise OSError('Cinder could not be imported in time') from exc
    if done.returncode:
        raise OSError('Cinder could not be imported')
    return done.stdout.splitlines()


def uncovered() -> Iterator[str]:
    """Yield what is missing, here and now."""
    from cinder import objects

    from cinder_messages.integration import failures
    from cinder_messages.integration import hooks
    from cinder_messages.integration import managers
    # NOTE: as Cinder's services do; its managers cannot be imported before.
    objects.register_all()
    lines: dict[str, None] = {}
    for name in failures.TABLE:
        lines.update(dict.fromkeys(managers.missing(name)))
        lines.update(dict.fromkeys(hooks.missing(name)))
    yield from lines


if __name__ == '__main__':
    sys.stdout.writelines(f'{line}\n' for line in uncovered())
