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

"""The filter by a comparison of times, ``created_at``."""

import datetime

from oslo_utils import timeutils

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages.storage import query

OPERATORS = frozenset({'gt', 'gte', 'lt', 'lte', 'eq', 'neq'})

# Comparisons of created_at: the maximum of each kind, and of all kinds.
_BOUNDS = ((('gt', 'gte'), 1), (('lt', 'lte'), 1), (('eq',), 1),
           (('neq',), 3))
_MAX_TERMS = 6


def parse(name: str, value: str) -> list[query.Filter]:
    """Return the conditions of ``gt:2026-11-24T00:00:00,lt:...``.

    All of them must hold. Their number and order are bounded, and with them
    the number of different statements that a client can cause.

    :param name: of the parameter, for the error
    :raises InvalidParameter: the value is no such list
    """
    terms = value.split(',', _MAX_TERMS)
    if len(terms) > _MAX_TERMS:
        raise _too_many_comparisons(name)
    found: dict[str, list[datetime.datetime]] = {}
    for term in terms:
        operator, _colon, text = term.partition(':')
        if operator not in OPERATORS:
            raise _refusal(
                N_('%(name)s needs one of gt, gte, lt, lte, eq and neq, as in '
                   'gt:2026-11-24T00:00:00.'), name=name)
        moments = found.setdefault(operator, [])
        try:
            moment = timeutils.normalize_time(timeutils.parse_isotime(text))
        except (ValueError, OverflowError):
            raise _refusal(
                N_('%(name)s %(value)r is not an ISO 8601 time.'),
                name=name, value=text) from None
        if moment not in moments:
            moments.append(moment)
    for operators, most in _BOUNDS:
        if sum(len(found.get(each, ())) for each in operators) > most:
            raise _too_many_comparisons(name)
    return [query.Filter(name, operator, moment)
            for operator in sorted(found) for moment in found[operator]]


def _too_many_comparisons(name: str) -> exception.InvalidParameter:
    return _refusal(
        N_('%(name)s takes one lower bound, one upper bound, one eq and three '
           'neq at most.'), name=name)


def _refusal(reason: str, **values: object) -> exception.InvalidParameter:
    return exception.InvalidParameter(reason=i18n.Text(reason, **values))
