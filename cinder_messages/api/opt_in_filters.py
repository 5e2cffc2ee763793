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

"""The filters of the opt-in item: ``action``, ``reason``, global request id.

Like ``created_at``, they are not subject to ``resource_query_filters_file``:
Cinder's file does not name them, and the item itself is the client's choice.
"""

from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model
from cinder_messages.storage import query

ACTION = 'action'
REASON = 'reason'
GLOBAL_REQUEST_ID = 'global_request_id'

NAMES = (ACTION, REASON, GLOBAL_REQUEST_ID)


class OptInFilters:
    """Reads the filters of the opt-in item.

    :param catalog: resolves the names of reasons and actions
    """

    def __init__(self, catalog: message_catalog.Catalog) -> None:
        self._catalog = catalog

    def pop(self, parameters: dict[str, str]) -> tuple[query.Filter, ...]:
        """Remove the filters from the parameters and return the conditions.

        :raises InvalidParameter: a value is not known, or not an id
        """
        return tuple(self._condition(name, parameters.pop(name))
                     for name in NAMES if name in parameters)

    def _condition(self, name: str, value: str) -> query.Filter:
        if name == GLOBAL_REQUEST_ID:
            if not model.is_id(value):
                raise _invalid(N_(
                    '%(name)s must be 1 to 255 visible ASCII characters.'),
                    name)
            return query.Filter(GLOBAL_REQUEST_ID, 'eq', value)
        if name == ACTION:
            action_id = self._catalog.action_id(value)
            if action_id is None:
                raise _invalid(N_('%(name)s %(value)r is not known.'),
                               name, value)
            return query.Filter('action_id', 'eq', action_id)
        found = self._catalog.reason(value)
        if found is None:
            raise _invalid(N_('%(name)s %(value)r is not known.'),
                           name, value)
        if found.old_id is not None:
            return query.Filter(found.field, 'either',
                                (found.id, found.old_id))
        return query.Filter(found.field, 'eq', found.id)


def _invalid(text: str, name: str,
             value: str = '') -> exception.InvalidParameter:
    return exception.InvalidParameter(reason=i18n.Text(
        text, name=name, value=value[:64]))
