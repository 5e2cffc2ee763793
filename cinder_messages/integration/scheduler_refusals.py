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

"""Name the requirement that left a request without a storage back end.

The filters of Cinder's scheduler run one after the other. While a covered
call runs, each filter is watched: which back ends came in, which went out.
Nothing here names or counts back ends to a user.
"""

from collections.abc import Callable
from collections.abc import Iterable
import functools
import typing

from cinder_messages.integration import coverage
from cinder_messages.integration import guard
from cinder_messages.message import message_field

_Detail = message_field.Detail

SIZE, ZONE, TYPE, HINTS, RULE, TRIED, OTHER = (
    'size', 'zone', 'type', 'hints', 'rule', 'tried', 'other')
# The back end was not there at the start: its service is down.
SERVICE = 'service'
# Requirements that are met one by one and not together.
COMBINATION = 'combination'

# Which requirement a filter checks; a subclass checks the same one.
REQUIREMENTS = {
    'AvailabilityZoneFilter': ZONE,
    'CapabilitiesFilter': TYPE,
    'JsonFilter': TYPE,
    'CapacityFilter': SIZE,
    'DriverFilter': RULE,
    'DifferentBackendFilter': HINTS,
    'SameBackendFilter': HINTS,
    'InstanceLocalityFilter': HINTS,
    'IgnoreAttemptedHostsFilter': TRIED,
    'RetryFilter': TRIED,
}

# What the user reads: for a new resource, which can go elsewhere; and for an
# existing one, which is where it is.
DETAILS = {
    SIZE: (_Detail.NO_BACKEND_WITH_ROOM, _Detail.BACKEND_HAS_NO_ROOM),
    ZONE: (_Detail.NO_BACKEND_IN_ZONE, _Detail.BACKEND_IN_OTHER_ZONE),
    TYPE: (_Detail.NO_BACKEND_FOR_TYPE, _Detail.BACKEND_LACKS_TYPE),
    HINTS: (_Detail.NO_BACKEND_FOR_HINTS, _Detail.BACKEND_REFUSES_HINTS),
    RULE: (_Detail.NO_BACKEND_BY_RULE, _Detail.BACKEND_RULE_REFUSES),
    TRIED: (_Detail.ALL_BACKENDS_FAILED, _Detail.BACKEND_NOT_SUITABLE),
    OTHER: (_Detail.NO_BACKEND_AVAILABLE, _Detail.BACKEND_NOT_SUITABLE),
    SERVICE: (_Detail.NO_BACKEND_SERVICE, _Detail.BACKEND_NOT_AVAILABLE),
    COMBINATION: (_Detail.NO_BACKEND_MEETS_ALL,
                  _Detail.BACKEND_MEETS_NOT_ALL),
}

# Runs of the filters that one call remembers: a group has one a volume.
MAX_RUNS = 200


class Run(list[tuple[type, list[typing.Any], list[typing.Any]]]):
    """The steps of one run: a filter, the back ends before and after it."""

    def refused_by(self, wanted: str | None) -> set[str]:
        """Return the requirements that excluded the back ends.

        :param wanted: a back end, or a pool of one, that the request is
            bound to; None is any
        :returns: empty if a back end was left
        """
        start, alive = self._chosen(self[0][1] if self else (), wanted), True
        if not start:
            return {SERVICE}
        requirements: set[str] = set()
        for filter_class, before, after in self:
            kept = {id(state) for state in after}
            if any(id(state) not in kept
                   for state in self._chosen(before, wanted)):
                requirements.add(requirement_of(filter_class))
            alive = bool(self._chosen(after, wanted))
        return set() if alive else requirements

    @staticmethod
    def _chosen(states: Iterable[typing.Any],
                wanted: str | None) -> list[typing.Any]:
        if wanted is None:
            return list(states)
        return [state for state in states if _is_at(state, wanted)]


def requirement_of(filter_class: type) -> str:
    """Return the requirement that a filter checks."""
    for cls in filter_class.__mro__:
        if cls.__name__ in REQUIREMENTS:
            return REQUIREMENTS[cls.__name__]
    return OTHER


def detail_of(runs: Iterable[Run], wanted: str | None, new: bool
              ) -> str | None:
    """Return why the scheduler found no back end.

    :param wanted: the back end that the request is bound to; None is any
    :param new: the resource does not exist yet and can go anywhere
    :returns: None if the runs do not say
    """
    refused: set[str] = set()
    seen = False
    for run in runs:
        if not run:
            continue
        seen = True
        refused = run.refused_by(wanted)
        if refused:
            break
    if not seen:
        return None
    return DETAILS[_one_of(refused)][0 if new else 1]


def _one_of(requirements: set[str]) -> str:
    # NOTE: a back end that was tried has met the requirements before.
    relevant = requirements - {TRIED} or requirements
    if len(relevant) == 1:
        return next(iter(relevant))
    # NOTE: also if each run left some, but not the same ones.
    return COMBINATION


def watch_filters(original: Callable[..., typing.Any]
                  ) -> Callable[..., typing.Any]:
    """Wrap ``BaseFilterHandler.get_filtered_objects()``."""

    @functools.wraps(original)
    def get_filtered_objects(self: typing.Any, filter_classes: typing.Any,
                             *args: typing.Any,
                             **kwargs: typing.Any) -> typing.Any:
        call = coverage.current()
        if call is not None and len(call.runs) < MAX_RUNS:
            try:
                filter_classes = [_watched(cls) for cls in filter_classes]
                call.runs.append(Run())
            except Exception:
                guard.log_failure('watch the filters')
        return original(self, filter_classes, *args, **kwargs)
    return get_filtered_objects


@functools.lru_cache(maxsize=64)
def _watched(filter_class: type) -> type:
    """Return a subclass of the same name that notes what it filters."""

    def filter_all(self: typing.Any, states: typing.Any,
                   properties: typing.Any) -> typing.Any:
        left = filter_class.filter_all(  # type: ignore[attr-defined]
            self, states, properties)
        if left is None:
            return None
        left = list(left)
        call = coverage.current()
        if call is not None and call.runs:
            call.runs[-1].append((filter_class, states, left))
        return left

    return type(filter_class.__name__, (filter_class,),
                {'filter_all': filter_all,
                 '__module__': filter_class.__module__})


def _is_at(state: typing.Any, backend: str) -> bool:
    """Return whether a back end state is the wanted back end or pool."""
    name = str(getattr(state, 'backend_id', None) or state.host)
    return name == backend or (
        '#' not in backend and name.partition('#')[0] == backend)
