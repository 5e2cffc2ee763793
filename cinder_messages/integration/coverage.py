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

"""Watch a call of one of Cinder's manager methods from outside.

The outermost covered call knows what the user asked for. While it runs, a
context variable leads the hooks (``hooks.py``) to its :class:`Call`, which
collects what Cinder reports itself and which error states it writes.
``outcome.py`` decides afterwards what is reported; this module does not.
"""

from collections.abc import Callable
from collections.abc import Mapping
import contextvars
import functools
import inspect
import typing

from cinder_messages.integration import begun_calls
from cinder_messages.integration import guard
from cinder_messages.integration import reporting

# The columns that tell whether a resource is in an error state.
COLUMNS = ('status', 'migration_status', 'replication_status')

# Error states that are no failure: the API sets it before a deletion.
_TRANSITIONAL = frozenset(('error_managing_deleting',))

# Resources, reports and filter runs that one call remembers at most.
MAX_REMEMBERED = 1000

Key = begun_calls.Key

# The names of the parameters of a method, and the defaults of some.
Parameters = tuple[tuple[str, ...], dict[str, typing.Any]]

_current: contextvars.ContextVar['Call | None'] = contextvars.ContextVar(
    'cinder_messages_call', default=None)


def current() -> 'Call | None':
    """Return the outermost covered call of this thread or green thread."""
    return _current.get()


class Call:
    """A running call of a covered method.

    :ivar rule: the row of the table of failures for the method
    :ivar manager: the manager that the method belongs to
    :ivar prepared: what ``rule.prepare`` returned before the method ran
    :ivar states: the error-relevant columns last written, by resource
    :ivar reported: what Cinder reported itself, by resource
    :ivar held: reports of Cinder that wait until the outcome is known
    :ivar carried_detail: the detail of a report that was replaced
    :ivar error: the exception that left the method, once it has ended
    :ivar swallowed: an exception that Cinder caught and did not raise again
    :ivar runs: the filter runs of the scheduler, ``scheduler_refusals.Run``
    :ivar rescheduled: the scheduler was asked to try another back end
    :ivar target_id: the hidden volume that a migration created
    """

    __slots__ = ('rule', 'manager', '_parameters', '_args', '_kwargs',
                 '_arguments', 'prepared', 'states', 'reported', 'held',
                 'carried_detail', 'error', 'swallowed', 'runs',
                 'rescheduled', 'target_id')

    def __init__(self, rule: typing.Any, manager: typing.Any,
                 parameters: Parameters, args: tuple[typing.Any, ...],
                 kwargs: dict[str, typing.Any]) -> None:
        self.rule = rule
        self.manager = manager
        self._parameters = parameters
        self._args = args
        self._kwargs = kwargs
        self._arguments: Mapping[str, typing.Any] | None = None
        self.prepared: typing.Any = None
        self.states: dict[Key, dict[str, str]] = {}
        self.reported: dict[Key, reporting.Report] = {}
        self.held: list[reporting.Report] = []
        self.carried_detail: str | None = None
        self.error: BaseException | None = None
        self.swallowed: BaseException | None = None
        self.runs: list[typing.Any] = []
        self.rescheduled = False
        self.target_id: str | None = None

    @property
    def arguments(self) -> Mapping[str, typing.Any]:
        """The arguments of the method by name, with defaults."""
        if self._arguments is None:
            names, defaults = self._parameters
            self._arguments = {
                **defaults, **dict(zip(names, (self.manager, *self._args))),
                **self._kwargs}
        return self._arguments

    @property
    def context(self) -> typing.Any:
        """The request context: the first argument of every RPC method."""
        return self.arguments.get(self._parameters[0][1])

    @property
    def resource(self) -> typing.Any:
        """The resource that the method is about, or its id; None if none."""
        return (self.arguments.get(self.rule.argument)
                if self.rule.argument else None)

    @property
    def resource_id(self) -> str | None:
        """The id of the resource that the method is about."""
        resource = self.resource
        if resource is None or isinstance(resource, str):
            return resource
        return str(resource.id)

    @property
    def key(self) -> Key | None:
        """Type and id of the resource that the method is about."""
        id_ = self.resource_id
        return (self.rule.type_of(self), id_) if id_ else None

    @property
    def eventful(self) -> bool:
        """Return whether a call that did not raise may have failed."""
        return bool(self.held or self.swallowed or self.in_error())

    def in_error(self) -> dict[Key, dict[str, str]]:
        """Return the resources whose last written state is an error."""
        return {key: columns for key, columns in self.states.items()
                if is_error(columns)}

    def before_write(self, resource_type: str, id_: str,
                     values: Mapping[str, typing.Any]) -> None:
        """Send held reports before a user can see the error state.

        A client that waits for the state lists the messages at once.
        """
        if self.held and is_error(_columns(values)):
            try:
                self.release({(resource_type, id_)})
            except Exception:
                guard.log_failure('send a report')

    def after_write(self, resource_type: str, id_: str,
                    values: Mapping[str, typing.Any]) -> None:
        """Remember the state that was written."""
        columns = _columns(values)
        if columns:
            key = resource_type, id_
            known = self.states.get(key)
            if known is not None:
                if not (self.rule.keeps_errors and is_error(known)):
                    known.update(columns)
            elif len(self.states) < MAX_REMEMBERED:
                self.states[key] = columns

    def forget(self, resource_type: str, id_: str) -> None:
        """Forget a resource that was deleted."""
        self.states.pop((resource_type, id_), None)

    def take(self, report: reporting.Report) -> None:
        """Pass on, hold back, correct or drop a report of Cinder's own."""
        if report.level != 'ERROR':
            reporting.send(report)
            return
        corrected = self.rule.correct(self, report)
        if corrected is None:
            self.carried_detail = report.detail
            return
        key = corrected.key
        if self.rule.holds:
            if len(self.held) < MAX_REMEMBERED:
                self.held.append(corrected)
            return
        if key in self.reported:
            return
        self.reported[key] = corrected
        reporting.send(corrected)

    def release(self, keys: set[Key] | None = None) -> None:
        """Send held reports: the last one of each resource.

        :param keys: of the resources whose reports to send; None is all
        """
        last = {report.key: report for report in self.held
                if keys is None or report.key in keys}
        self.held = [report for report in self.held if report.key not in last]
        for key, report in last.items():
            if key not in self.reported:
                self.reported[key] = report
                reporting.send(report)


def is_error(columns: Mapping[str, str]) -> bool:
    """Return whether one of the columns of a resource is an error state."""
    return any('error' in value and value not in _TRANSITIONAL
               for value in columns.values())


def _columns(values: Mapping[str, typing.Any]) -> dict[str, str]:
    return {name: str(values[name]) for name in COLUMNS
            if isinstance(values.get(name), str)}


def cover(original: Callable[..., typing.Any], rule: typing.Any,
          finish: Callable[[Call, Exception | None], None]
          ) -> Callable[..., typing.Any]:
    """Wrap a method of a manager.

    An exception of the method goes on untouched; ours are logged.

    :param rule: the row of the table of failures for the method
    :param finish: called after the outermost call, if it raised or may have
        failed in silence
    """
    parameters = _parameters_of(original)

    @functools.wraps(original)
    def method(self: typing.Any, *args: typing.Any,
               **kwargs: typing.Any) -> typing.Any:
        outer = _current.get()
        if outer is not None and not outer.rule.is_container:
            return original(self, *args, **kwargs)
        call = Call(rule, self, parameters, args, kwargs)
        if rule.prepare is not None and not _prepare(call):
            return original(self, *args, **kwargs)
        token = _current.set(call)
        watched = _begin(call)
        try:
            try:
                result = original(self, *args, **kwargs)
            finally:
                _current.reset(token)
                if watched is not None:
                    watched.end()
        except Exception as exc:
            _finish(finish, call, exc)
            raise
        if call.eventful or rule.always:
            _finish(finish, call, None)
        return result
    return method


def _begin(call: Call) -> begun_calls.Calls | None:
    """Return what the call was added to."""
    watched = begun_calls.watched
    if watched is not None:
        try:
            watched.begin(call.key)
        except Exception:
            guard.log_failure('note a call')
    return watched


def _parameters_of(method: Callable[..., typing.Any]) -> Parameters:
    parameters = inspect.signature(method).parameters.values()
    return (tuple(parameter.name for parameter in parameters),
            {parameter.name: parameter.default for parameter in parameters
             if parameter.default is not parameter.empty})


def _prepare(call: Call) -> bool:
    """Return whether the call is covered."""
    try:
        call.prepared = call.rule.prepare(call)
        return call.prepared is not None
    except Exception:
        guard.log_failure('watch a call')
        return False


def _finish(finish: Callable[[Call, Exception | None], None], call: Call,
            exc: Exception | None) -> None:
    call.error = exc
    try:
        finish(call, exc)
    except Exception:
        guard.log_failure('report a failure')
