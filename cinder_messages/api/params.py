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

"""Translate the query string of a list to a query of the storage.

What is allowed depends on the microversion, the opt-in item and the caller's
rights. The handler decides whose messages are listed.
"""

import dataclasses
import re
from urllib import parse as urlparse

from oslo_utils import strutils

from cinder_messages.api import filters
from cinder_messages.api import opt_in_filters
from cinder_messages.api import time_filter
from cinder_messages.api import versions
from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages.message import catalog as message_catalog
from cinder_messages.storage import query

DEFAULT_SORT = (('created_at', 'desc'),)

# Sort keys are the fields of the body that are columns.
SORT_KEYS = {
    'id': 'id',
    'event_id': 'event_id',
    'message_level': 'message_level',
    'created_at': 'created_at',
    'guaranteed_until': 'expires_at',
    'request_id': 'request_id',
    'resource_type': 'resource_type',
    'resource_uuid': 'resource_uuid',
}

# For an administrator, the project whose messages are listed.
PROJECT_ID = 'project_id'

# Order of the conditions in a statement.
_ORDER = (PROJECT_ID, *filters.FILTERS, filters.CREATED_AT)

# More parameters than the API has names for, so that parsing is bounded.
_MAX_PARAMETERS = 100
_MAX_OFFSET = 2 ** 31 - 1
_DIGITS = re.compile(r'[0-9]{1,100}')


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """The parsed parameters of a list request.

    :ivar query: the query; None if nothing can match
    :ivar parameters: the parameters as received, for the next link
    :ivar can_page: whether the response may have a next link
    :ivar with_count: whether the response has the number of all matches
    :ivar all_projects: whether an administrator lists all projects
    :ivar project_id: the project that an administrator lists
    """

    query: query.Query | None
    parameters: dict[str, str]
    can_page: bool = False
    with_count: bool = False
    all_projects: bool = False
    project_id: str | None = None


class ListParams:
    """Parse the parameters of lists.

    :param max_limit: maximum number of messages in a response
    :param user_filters: names of the filters that users may use, with
        ``name~`` for a filter that matches a substring
    :param catalog: resolves the names of reasons and actions
    """

    def __init__(self, max_limit: int, user_filters: frozenset[str],
                 catalog: message_catalog.Catalog | None = None) -> None:
        self._max_limit = max_limit
        self._user_filters = user_filters | {filters.CREATED_AT}
        self._opt_in = opt_in_filters.OptInFilters(
            catalog or message_catalog.Catalog.builtin())

    def parse(self, query_string: str, version: versions.Version,
              is_admin: bool, opt_in: versions.Version | None = None
              ) -> Listing:
        """Return the parsed parameters.

        :param is_admin: whether the caller may use every filter and list
            other projects
        :param opt_in: the version of the opt-in item; None without it
        :raises InvalidParameter: the text names the parameter and the rule
        """
        can_page = version >= versions.PAGINATION
        if not (can_page and query_string):
            return Listing(query.Query(limit=self._max_limit,
                                       sort=DEFAULT_SORT), {}, can_page)
        parameters = _split(query_string)
        rest = dict(parameters)
        limit = _pop_number(rest, 'limit', self._max_limit)
        offset = _pop_number(rest, 'offset', 0)
        if offset > _MAX_OFFSET:
            raise _refusal(N_('%(name)s must not exceed %(most)s.'),
                           name='offset', most=_MAX_OFFSET)
        marker = rest.pop('marker', None)
        sort = _pop_sort(rest)
        with_count = version >= versions.COUNT and _pop_bool(
            rest, 'with_count')
        all_projects, project_id = _pop_projects(rest, is_admin)
        own = () if opt_in is None else self._opt_in.pop(rest)
        conditions = self._conditions(rest, version, is_admin)
        listed = None if conditions is None else query.Query(
            limit=min(limit, self._max_limit), marker=marker, offset=offset,
            sort=sort, filters=conditions + own)
        return Listing(listed, parameters, limit > 0, with_count,
                       all_projects, project_id)

    def _conditions(self, parameters: dict[str, str],
                    version: versions.Version, is_admin: bool
                    ) -> tuple[query.Filter, ...] | None:
        """Return the filters; None if they can match nothing."""
        missing = {name for name in parameters if not _exists(name, version)}
        if version >= versions.RESOURCE_FILTERS and not is_admin:
            refused = missing | {
                name for name in parameters
                if name not in self._user_filters or
                version < versions.LIKE_FILTERS and
                name.endswith(filters.LIKE_SUFFIX)}
            if refused:
                raise _refusal(
                    N_('Invalid filters %(names)s are found in query '
                       'options.'), names=','.join(sorted(refused)))
        if missing:
            return None
        conditions: list[query.Filter] = []
        for name, value in parameters.items():
            if name == filters.CREATED_AT:
                conditions.extend(time_filter.parse(name, value))
            else:
                conditions.append(_text_condition(name, value))
        # NOTE: sorted, because each order would be another cached statement.
        return tuple(sorted(
            conditions, key=lambda one: (_ORDER.index(one.column), one.op)))


def _refusal(reason: str, **values: object) -> exception.InvalidParameter:
    return exception.InvalidParameter(reason=i18n.Text(reason, **values))


def _split(query_string: str) -> dict[str, str]:
    """Return the names and values; each name must be unique."""
    try:
        pairs = urlparse.parse_qsl(
            query_string, keep_blank_values=True, errors='strict',
            max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise _refusal(
            N_('the query string is not UTF-8, or has too many parameters.')
        ) from None
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise _refusal(N_('%(name)s is given more than once.'), name=name)
        # NOTE: PostgreSQL rejects text with a NUL.
        if '\0' in name or '\0' in value:
            raise _refusal(N_('%(name)r holds a NUL character.'), name=name)
        parameters[name] = value
    return parameters


def _pop_number(parameters: dict[str, str], name: str, default: int) -> int:
    value = parameters.pop(name, None)
    if value is None:
        return default
    if not _DIGITS.fullmatch(value):
        raise _refusal(
            N_('%(name)s must be an integer that is not negative.'), name=name)
    return int(value)


def _pop_bool(parameters: dict[str, str], name: str) -> bool:
    value = parameters.pop(name, 'false')
    try:
        return strutils.bool_from_string(value, strict=True)
    except ValueError:
        raise _refusal(
            N_('%(name)s must be true or false.'), name=name) from None


def _pop_sort(parameters: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return columns and directions of ``sort`` or of the older pair."""
    sort = parameters.pop('sort', None)
    key = parameters.pop('sort_key', None)
    direction = parameters.pop('sort_dir', None)
    if sort is None:
        if key is None and direction is None:
            return DEFAULT_SORT
        terms = [('created_at' if key is None else key.strip(),
                  'desc' if direction is None else direction.strip())]
    elif key is not None or direction is not None:
        raise _refusal(
            N_('sort cannot be used with sort_key and sort_dir.'))
    else:
        terms = []
        for term in sort.split(','):
            name, _colon, given = term.partition(':')
            terms.append((name.strip(), given.strip() or 'desc'))
    # NOTE: a repeated key has no effect.
    columns: dict[str, str] = {}
    for name, given in terms:
        if name not in SORT_KEYS:
            raise _refusal(
                N_('sort has no key %(key)r; the keys are %(keys)s.'),
                key=name, keys=', '.join(SORT_KEYS))
        if given not in ('asc', 'desc'):
            raise _refusal(N_('sort goes asc or desc.'))
        columns.setdefault(SORT_KEYS[name], given)
    return tuple(columns.items())


def _pop_projects(parameters: dict[str, str],
                  is_admin: bool) -> tuple[bool, str | None]:
    """Return the projects that an administrator lists.

    For other callers ``all_tenants`` is ignored, as in Cinder, and
    ``project_id`` remains a filter.
    """
    if not is_admin:
        parameters.pop('all_tenants', None)
        return False, None
    return (_pop_bool(parameters, 'all_tenants'),
            parameters.pop(PROJECT_ID, None))


def _exists(name: str, version: versions.Version) -> bool:
    if name == PROJECT_ID:
        # NOTE: an ordinary filter before filters were restricted.
        return version < versions.RESOURCE_FILTERS
    if name == filters.CREATED_AT:
        return version >= versions.TIME_COMPARISON
    # NOTE: as in Cinder, a substring is matched at every version, but users
    # may not use it from RESOURCE_FILTERS until LIKE_FILTERS.
    definition = filters.FILTERS.get(name.removesuffix(filters.LIKE_SUFFIX))
    return definition is not None and version >= definition.since


def _text_condition(name: str, value: str) -> query.Filter:
    column = name.removesuffix(filters.LIKE_SUFFIX)
    if column != PROJECT_ID and filters.FILTERS[column].upper:
        value = value.upper()
    return query.Filter(column, 'eq' if name == column else 'like', value)
