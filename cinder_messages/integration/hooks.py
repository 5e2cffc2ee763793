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

"""Hooks into functions of Cinder that a covered call goes through.

Each hook point wraps one function. Outside of a covered call a wrapper costs
the look at a context variable. ``uninstall()`` puts the originals back.
"""

from collections.abc import Callable
from collections.abc import Iterator
import functools
import importlib
import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import guard
from cinder_messages.integration import scheduler_refusals
from cinder_messages.message import resource_types

Function = Callable[..., typing.Any]

_DB = 'cinder.db.api'
# Cinder 28 calls these functions by the names that this package imports.
_DB_PACKAGE = 'cinder.db'
_TYPES = {
    'volume': resource_types.VOLUME,
    'snapshot': resource_types.VOLUME_SNAPSHOT,
    'backup': resource_types.VOLUME_BACKUP,
    'group': resource_types.VOLUME_GROUP,
    'group_snapshot': resource_types.VOLUME_GROUP_SNAPSHOT,
}
_MODELS = {'Volume': resource_types.VOLUME,
           'Snapshot': resource_types.VOLUME_SNAPSHOT,
           'Backup': resource_types.VOLUME_BACKUP,
           'Group': resource_types.VOLUME_GROUP,
           'GroupSnapshot': resource_types.VOLUME_GROUP_SNAPSHOT}


class HookPoint(typing.NamedTuple):
    """A function of Cinder to wrap.

    :ivar module: dotted name of the module
    :ivar name: of the function in it, or ``Class.method``
    :ivar wrap: returns the wrapper of the original
    :ivar covers: the failures that are not covered without it
    :ivar manager: the manager that needs it; None is all of them
    """

    module: str
    name: str
    wrap: Callable[[Function], Function]
    covers: str
    manager: str | None = None

    @property
    def path(self) -> str:
        """The dotted name of the function."""
        return f'{self.module}.{self.name}'

    def find(self) -> tuple[typing.Any, str, Function | None]:
        """Return where the function is, its name, and the function."""
        owner: typing.Any
        try:
            owner = importlib.import_module(self.module)
        except Exception:
            # NOTE: also one that another release of Cinder cannot import
            # by itself.
            return None, self.name, None
        *classes, name = self.name.split('.')
        for cls in classes:
            owner = getattr(owner, cls, None)
        return owner, name, getattr(owner, name, None)

    def replace(self, function: Function, replacement: Function) -> None:
        """Put a function in the place of another, under all its names."""
        owner, name, _ = self.find()
        owners = [owner]
        if self.module == _DB:
            owners.append(importlib.import_module(_DB_PACKAGE))
        for one in owners:
            if getattr(one, name, None) is function:
                setattr(one, name, replacement)


def _note(method: Callable[..., None], *args: typing.Any) -> None:
    try:
        method(*args)
    except Exception:
        guard.log_failure('note what a call does')


def _update(resource_type: str) -> Callable[[Function], Function]:
    """Note the states that ``<resource>_update()`` writes."""
    def wrap(original: Function) -> Function:
        @functools.wraps(original)
        def update(context: typing.Any, id_: typing.Any, values: typing.Any,
                   *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
            call = coverage.current()
            if call is None:
                return original(context, id_, values, *args, **kwargs)
            written = _copy(values)
            _note(call.before_write, resource_type, id_, written)
            result = original(context, id_, values, *args, **kwargs)
            _note(call.after_write, resource_type, id_, written)
            return result
        return update
    return wrap


def _update_many(original: Function) -> Function:
    """Note the states that ``volumes_update(context, values_list)`` writes."""
    @functools.wraps(original)
    def update(context: typing.Any, values_list: typing.Any,
               *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        call = coverage.current()
        if call is None:
            return original(context, values_list, *args, **kwargs)
        # NOTE: the original removes the ids.
        written = [_copy(values) for values in values_list]
        result = original(context, values_list, *args, **kwargs)
        for values in written[:coverage.MAX_REMEMBERED]:
            _note(call.after_write, resource_types.VOLUME, values.get('id'),
                  values)
        return result
    return update


def _update_if(original: Function) -> Function:
    """Note the states that ``conditional_update()`` writes."""
    @functools.wraps(original)
    def conditional_update(
            context: typing.Any, model: typing.Any, values: typing.Any,
            expected_values: typing.Any, *args: typing.Any,
            **kwargs: typing.Any) -> typing.Any:
        result = original(context, model, values, expected_values,
                          *args, **kwargs)
        call = coverage.current()
        if call is not None and result:
            resource_type = _MODELS.get(getattr(model, '__name__', ''))
            id_ = _copy(expected_values).get('id')
            if resource_type and isinstance(id_, str):
                _note(call.after_write, resource_type, id_, _copy(values))
        return result
    return conditional_update


def _destroy(resource_type: str) -> Callable[[Function], Function]:
    """Forget a resource that ``<resource>_destroy(context, id)`` deletes."""
    def wrap(original: Function) -> Function:
        @functools.wraps(original)
        def destroy(context: typing.Any, id_: typing.Any, *args: typing.Any,
                    **kwargs: typing.Any) -> typing.Any:
            result = original(context, id_, *args, **kwargs)
            call = coverage.current()
            if call is not None:
                _note(call.forget, resource_type, id_)
            return result
        return destroy
    return wrap


def _create_volume(original: Function) -> Function:
    """Note the hidden volume that a migration creates."""
    @functools.wraps(original)
    def volume_create(context: typing.Any, values: typing.Any,
                      *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        call = coverage.current()
        status = _copy(values).get('migration_status')
        result = original(context, values, *args, **kwargs)
        if call is not None and str(status or '').startswith('target:'):
            call.target_id = getattr(result, 'id', None)
        return result
    return volume_create


def _reschedule(original: Function) -> Function:
    """Note that a creation was sent back to the scheduler."""
    @functools.wraps(original)
    def reschedule(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        result = original(*args, **kwargs)
        call = coverage.current()
        if call is not None:
            call.rescheduled = True
        return result
    return reschedule


def _copy(values: typing.Any) -> dict[str, typing.Any]:
    return dict(values) if isinstance(values, dict) else {}


HOOK_POINTS = (
    *(HookPoint(_DB, f'{name}_update', _update(kind),
                f'error states of a {name.replace("_", " ")} that no '
                'exception accompanies')
      for name, kind in _TYPES.items()),
    HookPoint(_DB, 'volumes_update', _update_many,
              'volumes of a group that the driver could not delete'),
    HookPoint(_DB, 'conditional_update', _update_if,
              'volumes that are not accessible after a restart'),
    *(HookPoint(_DB, f'{name}_destroy', _destroy(kind),
                f'nothing, but a deleted {name.replace("_", " ")} may be '
                'reported')
      for name, kind in _TYPES.items()),
    HookPoint(_DB, 'volume_create', _create_volume,
              'nothing, but a failed migration may be reported twice'),
    HookPoint('cinder.volume.flows.manager.create_volume',
              'OnFailureRescheduleTask._reschedule', _reschedule,
              'nothing, but an attempt to create a volume that another back '
              'end repeats may be reported', 'VolumeManager'),
    HookPoint('cinder.scheduler.base_filter',
              'BaseFilterHandler.get_filtered_objects',
              scheduler_refusals.watch_filters,
              'the requirement that no storage system meets',
              'SchedulerManager'),
)


def _points(manager: str) -> Iterator[HookPoint]:
    for point in HOOK_POINTS:
        if point.manager in (None, manager):
            yield point


def install(manager: str) -> None:
    """Wrap what a manager needs; a second call has no effect."""
    for point in _points(manager):
        function = point.find()[2]
        if function is not None and not hasattr(function, 'hooked'):
            wrapper = point.wrap(function)
            wrapper.hooked = function  # type: ignore[attr-defined]
            point.replace(function, wrapper)


def uninstall() -> None:
    """Put the originals back."""
    for point in HOOK_POINTS:
        function = point.find()[2]
        original = getattr(function, 'hooked', None)
        if function is not None and original is not None:
            point.replace(function, original)


def missing(manager: str) -> Iterator[str]:
    """Yield a sentence for each function that this Cinder does not have."""
    for point in _points(manager):
        if point.find()[2] is None:
            yield f'without {point.path}: {point.covers}'
