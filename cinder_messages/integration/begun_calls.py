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

"""The covered calls of this process since it started.

While ``interrupted.py`` looks for work that the end of the process before has
interrupted, a resource with a call of its own is not such work.
"""

# Resource type and id.
Key = tuple[str, str]


class Calls:
    """The covered calls that have begun."""

    MAX = 10000

    def __init__(self) -> None:
        self._begun: set[Key] = set()
        self.running = 0
        self.is_full = False

    def begin(self, key: Key | None) -> None:
        """Remember the resource of a call.

        :param key: None if the call has no resource that can be told
        """
        self.running += 1
        if key is not None:
            self._begun.add(key)
            self.is_full = self.is_full or len(self._begun) > self.MAX

    def end(self) -> None:
        """Note that a call has ended."""
        self.running -= 1

    def has_begun(self, key: Key) -> bool:
        """Return whether there was a call about a resource."""
        return key in self._begun


# Where calls are noted; None if nobody looks, or no longer.
watched: Calls | None = None
