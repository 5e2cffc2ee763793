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

"""Select the detail of a failure from the exception that was seen.

Only names of classes are used, never the text of an exception.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import functools
import re
import sys
import types
import typing

from cinder_messages.message import catalog
from cinder_messages.message import message_field

_Detail = message_field.Detail

# Exceptions that Cinder raises in place of the one it has caught, with the
# text of that one; the inner one says more.
WRAPPERS = frozenset((
    'ImageCopyFailure', 'VolumeBackendAPIException', 'VolumeDriverException',
    'BackupDriverException', 'BackupOperationError', 'InvalidBackup',
    'RemoveExportException', 'ExportFailure', 'ReplicationGroupError',
    'VolumeMigrationFailed', 'MetadataCopyFailure', 'MetadataUpdateFailure',
    'InvalidInput', 'CinderException'))

# Exceptions that steer a program: inside of another one, they mean that
# something else was tried next.
_CONTROL_FLOW = frozenset(('NotImplementedError',))

# Details of Cinder's that it does not select by these exceptions itself.
_MORE = {
    'QuotaError': _Detail.QUOTA_EXCEED,
    'OverQuota': _Detail.QUOTA_EXCEED,
    'ImageSignatureVerificationException':
        _Detail.SIGNATURE_VERIFICATION_FAILED,
    'InvalidSignatureImage': _Detail.SIGNATURE_VERIFICATION_FAILED,
    'InvalidBackup': _Detail.BACKUP_INVALID_STATE,
    'InvalidVolume': _Detail.VOLUME_INVALID_STATE,
}

# The same class, raised in these functions, means something else.
PLACES = {
    ('ImageTooBig', 'check_available_space'): _Detail.NO_ROOM_TO_CONVERT_IMAGE,
    ('ImageTooBig', 'fetch'): _Detail.NO_ROOM_TO_CONVERT_IMAGE,
}

# Exceptions of a chain, frames of a traceback and lines of a formatted one
# that are looked at.
_MAX_CHAIN, _MAX_FRAMES, _MAX_LINES = 8, 100, 2000

_CLASS_LINE = re.compile(r'([A-Za-z_][\w.]*)(?::|$)')


def detail_of(error: BaseException | None,
              overrides: Mapping[str, str] | None = None) -> str | None:
    """Return the detail that an exception selects, or None.

    The innermost exception counts if those around it are wrappers.

    :param overrides: details by class name, before those of the catalog
    """
    return _first(((type(one), _place(one)) for one in _chain(error)),
                  overrides or {})


def detail_of_traceback(lines: Iterable[str],
                        overrides: Mapping[str, str] | None = None
                        ) -> str | None:
    """Return the detail that a formatted traceback selects, or None.

    :param lines: of ``traceback.format_exception()``, as the scheduler gets
        them about the last back end that was tried
    """
    text = ''.join(list(lines)[-_MAX_LINES:])
    names = [found[1] for found in map(_CLASS_LINE.match, text.splitlines())
             if found]
    classes = (_find_class(name) for name in reversed(names))
    return _first(((cls, None) for cls in classes if cls), overrides or {})


def _first(chain: Iterable[tuple[type, str | None]],
           overrides: Mapping[str, str]) -> str | None:
    fallback = None
    for depth, (cls, place) in enumerate(chain):
        names = [base.__name__ for base in cls.__mro__]
        if depth and names[0] in _CONTROL_FLOW:
            break
        detail = (PLACES.get((names[0], str(place))) or
                  _by_name([name for name in names if name not in WRAPPERS],
                           overrides))
        if detail:
            return detail
        if WRAPPERS.isdisjoint(names):
            break
        fallback = fallback or _by_name(
            [name for name in names if name in WRAPPERS], overrides)
    return fallback


def _by_name(names: Iterable[str],
             overrides: Mapping[str, str]) -> str | None:
    known = _catalog_details()
    for name in names:
        if name in overrides:
            return overrides[name]
        if name in known:
            return known[name]
    return None


@functools.cache
def _catalog_details() -> Mapping[str, str]:
    return types.MappingProxyType(_MORE | {
        name: detail for detail in catalog.Catalog.builtin().details
        for name in detail.exceptions})


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised for."""
    for _ in range(_MAX_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__)


def _place(error: BaseException) -> str | None:
    """Return the name of the function that raised the exception."""
    traceback = error.__traceback__
    if traceback is None:
        return None
    for _ in range(_MAX_FRAMES):
        if traceback.tb_next is None:
            break
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_name


def _find_class(name: str) -> type | None:
    """Return the class of a dotted name if its module is loaded."""
    module, _, attribute = name.rpartition('.')
    found: typing.Any = getattr(
        sys.modules.get(module or 'builtins'), attribute, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    # NOTE: a driver's own class is known to the volume service alone.
    if module and attribute[:1].isupper():
        return type(attribute, (Exception,), {})
    return None
