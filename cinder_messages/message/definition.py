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

"""The entries of the catalog: permitted actions, details and flat events."""

from collections.abc import Mapping
import re
import typing
import unicodedata

# Whether it helps to repeat the failed request.
NOW = 'now'
LATER = 'later'
AFTER_CHANGE = 'after_change'
NEVER = 'never'

RETRY = (NOW, LATER, AFTER_CHANGE, NEVER)

# The length that texts of a deployer and of an extension may have.
MAX_TEXT = 1000

# The length of a symbolic name.
MAX_NAME = 63

_NAME = re.compile('[A-Z][A-Z0-9]*(_[A-Z0-9]+)*')

# Unicode categories: control, format (bidirectional overrides, for example),
# surrogate, and the separators of lines and paragraphs.
_UNREADABLE = frozenset(('Cc', 'Cf', 'Cs', 'Zl', 'Zp'))
# NOTE: two format characters that Persian and Indic scripts and emoji need.
_JOINERS = '\u200c\u200d'


class Definition(str):
    """A detail or a flat event; equal to its id, so pass it as one.

    For example::

        SNAPSHOT_IS_BUSY = definition.Definition(
            '015', N_('The snapshot is in use.'),
            reason='SNAPSHOT_IS_BUSY',
            remedy=N_('Delete what depends on it, then try again.'),
            retry=definition.AFTER_CHANGE,
            exceptions=('SnapshotIsBusy',))

    :param id: permanent; never used for something else
    :param text: why it failed, in English, marked with ``N_``
    :param exceptions: names of exception classes that select this detail,
        also by their subclasses
    :param reason: symbolic name for programs, permanent and unique in the
        catalog; entries of this package always have one
    :param remedy: what the user can do, marked with ``N_``; empty if nothing
    :param retry: one of :data:`RETRY`, in agreement with the remedy.
        ``after_change`` is right if the administrator has to act first,
        ``later`` if nobody knows: a client that repeats the request does so
        with a back-off.
    """

    __slots__ = ('text', 'exceptions', 'reason', 'remedy', 'retry')

    text: str
    exceptions: tuple[str, ...]
    reason: str
    remedy: str
    retry: str

    def __new__(cls, id: str, text: str, exceptions: tuple[str, ...] = (), *,
                reason: str = '', remedy: str = '',
                retry: str = LATER) -> 'Definition':
        self = super().__new__(cls, id)
        self.text = text
        self.exceptions = exceptions
        self.reason = reason
        self.remedy = remedy
        self.retry = retry
        return self

    # NOTE: taskflow, for one, copies its arguments.
    def __getnewargs_ex__(self) -> tuple[tuple[typing.Any, ...],
                                         dict[str, typing.Any]]:
        return (str(self), self.text, self.exceptions), {
            'reason': self.reason, 'remedy': self.remedy, 'retry': self.retry}

    @property
    def name(self) -> str:
        """The symbolic name: the reason, or the name of an action."""
        return self.reason


class Action(Definition):
    """An operation; equal to its id.

    :param id: permanent; never used for something else
    :param text: a phrase that names the operation, ``Extending the volume``,
        marked with ``N_``
    :param name: symbolic name for programs, permanent and unique
    """

    __slots__ = ()

    def __new__(cls, id: str, text: str, *, name: str = '') -> 'Action':
        return typing.cast(
            Action, super().__new__(cls, id, text, reason=name))

    def __getnewargs_ex__(self) -> tuple[tuple[typing.Any, ...],
                                         dict[str, typing.Any]]:
        return (str(self), self.text), {'name': self.name}


def is_text(value: object) -> bool:
    """Return whether a user can read the value.

    A text is at most :data:`MAX_TEXT` characters on one line, and holds no
    control or bidirectional formatting characters, which could make a
    message look like something else.
    """
    return (isinstance(value, str) and bool(value.strip()) and
            len(value) <= MAX_TEXT and not any(
                unicodedata.category(character) in _UNREADABLE and
                character not in _JOINERS for character in value))


def is_name(value: object) -> bool:
    """Return whether the value is a symbolic name, as ``QUOTA_EXCEEDED``."""
    return (isinstance(value, str) and len(value) <= MAX_NAME and
            _NAME.fullmatch(value) is not None)


def collect(namespace: Mapping[str, object]) -> tuple[typing.Any, ...]:
    """Return the entries of a class or module, in order."""
    return tuple(value for value in namespace.values()
                 if isinstance(value, Definition))
