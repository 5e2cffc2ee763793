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

"""What an entry of the catalog is made of: an id, a text, and no more."""

from collections.abc import Mapping


class Definition(str):
    """A stable id that knows its text; everywhere else it is just the id.

    :param id: for ever; never given to something else
    :param text: in English, marked with ``N_``, fit for any user's eyes
    :param exceptions: class names that select this entry as a detail, their
        subclasses included
    """

    __slots__ = ('text', 'exceptions')

    text: str
    exceptions: tuple[str, ...]

    def __new__(cls, id: str, text: str,
                exceptions: tuple[str, ...] = ()) -> 'Definition':
        self = super().__new__(cls, id)
        self.text = text
        self.exceptions = exceptions
        return self

    def __getnewargs__(  # type: ignore[override]
            self) -> tuple[str, str, tuple[str, ...]]:
        # NOTE: so that what holds one can be copied and pickled; taskflow,
        # for one, copies what flows through it.
        return str(self), self.text, self.exceptions


def is_text(value: object) -> bool:
    """Whether there is something to read that UTF-8 can carry."""
    return (isinstance(value, str) and bool(value.strip()) and
            # NOTE: half a surrogate pair comes back as a question mark.
            value.encode(errors='replace').decode() == value)


def collect(namespace: Mapping[str, object]) -> tuple[Definition, ...]:
    """The entries among the values of a class or module, as they stand."""
    return tuple(value for value in namespace.values()
                 if isinstance(value, Definition))
