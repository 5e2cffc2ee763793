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

"""Cinder's managers, with every failure reported.

::

    [DEFAULT]
    scheduler_manager = cinder_messages.integration.managers.SchedulerManager
    volume_manager = cinder_messages.integration.managers.VolumeManager
    backup_manager = cinder_messages.integration.managers.BackupManager

Each is a subclass of Cinder's class. It wraps the methods in the table of
failures and inherits the rest, periodic tasks and RPC versions included.
Cinder is imported when a class is requested, not before.
"""

from collections.abc import Iterator
import functools
import inspect
import logging
import typing

from oslo_utils import importutils

from cinder_messages.integration import begun_calls
from cinder_messages.integration import coverage
from cinder_messages.integration import emission
from cinder_messages.integration import failures
from cinder_messages.integration import guard
from cinder_messages.integration import hooks
from cinder_messages.integration import interrupted
from cinder_messages.integration import outcome
from cinder_messages.integration import rule
from cinder_messages.integration import stuck

LOG = logging.getLogger(__name__)

# Methods of the scheduler that catch an exception and set an error state;
# the parameter that holds the exception.
_SWALLOWING = {'_set_volume_state_and_notify': 'ex',
               '_set_snapshot_state_and_notify': 'ex'}


def __getattr__(name: str) -> type:
    if name not in failures.TABLE:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    # NOTE: first, for some modules of Cinder cannot be imported before it.
    base = _base(name)
    emission.install()
    hooks.install(name)
    if name == 'VolumeManager':
        # NOTE: before the first call; each service is a process of its own.
        begun_calls.watched = begun_calls.Calls()
    uncovered = [*hooks.missing(name), *missing(name)]
    if uncovered:
        LOG.warning('This Cinder lacks functions that cinder_messages uses. '
                    'Failures that are not covered: %s',
                    '; '.join(uncovered))
    return _make(name, base)


def missing(name: str) -> Iterator[str]:
    """Yield a sentence for each method of a manager that is not covered."""
    base = _base(name)
    methods = [row.method for row in failures.TABLE[name][1]
               if not _can_cover(base, row)]
    if name == 'SchedulerManager':
        methods += [method for method in _SWALLOWING
                    if not hasattr(base, method)]
    for method in methods:
        yield f'without {name}.{method}: what it reports'


def _base(name: str) -> type:
    return importutils.import_class(f'{failures.TABLE[name][0]}.{name}')


def _can_cover(base: type, row: rule.Rule) -> bool:
    method = getattr(base, row.method, None)
    return method is not None and (
        row.argument is None or
        row.argument in inspect.signature(method).parameters)


@functools.cache
def _make(name: str, base: type) -> type:
    """Return the subclass of a manager."""
    namespace: dict[str, typing.Any] = {
        row.method: coverage.cover(
            getattr(base, row.method), row, outcome.finish)
        for row in failures.TABLE[name][1] if _can_cover(base, row)}
    if name == 'SchedulerManager':
        namespace.update({
            method: _note_exception(getattr(base, method), parameter)
            for method, parameter in _SWALLOWING.items()
            if hasattr(base, method)})
        namespace['_report_stuck_resources'] = stuck.periodic_task()
    elif name == 'VolumeManager':
        namespace['_report_interrupted_work'] = interrupted.periodic_task()
    # NOTE: the metaclass of the base collects the periodic tasks.
    return type(base)(name, (base,), {
        **namespace, '__module__': __name__, '__doc__': base.__doc__})


def _note_exception(original: typing.Any, parameter: str) -> typing.Any:
    """Wrap a method that gets an exception which nobody raises again."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def method(self: typing.Any, *args: typing.Any,
               **kwargs: typing.Any) -> typing.Any:
        call = coverage.current()
        if call is not None:
            try:
                call.swallowed = signature.bind(
                    self, *args, **kwargs).arguments.get(parameter)
            except Exception:
                guard.log_failure('note an exception')
        return original(self, *args, **kwargs)
    return method
