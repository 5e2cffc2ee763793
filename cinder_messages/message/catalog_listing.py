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

"""The catalog as plain values, for authors of clients.

Documentation and ``cinder-messages-manage catalog`` publish it.
"""

import typing

from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import definition
from cinder_messages.message import definition_set


def to_primitive(catalog: message_catalog.Catalog) -> dict[str, typing.Any]:
    """Return the actions, reasons and resource types of a catalog."""
    return {
        'actions': [{'action_id': str(one), 'action': one.name or None,
                     'action_text': one.text} for one in catalog.actions],
        'reasons': [
            {field: str(one), **_reason(one)}
            for field, known in ((definition_set.DETAIL_ID, catalog.details),
                                 (definition_set.EVENT_ID, catalog.events))
            for one in known],
        'resource_types': sorted(catalog.resource_types),
    }


def _reason(one: definition.Definition) -> dict[str, str | None]:
    return {'reason': one.reason or None, 'detail': one.text,
            'remedy': one.remedy or None, 'retry': one.retry}
