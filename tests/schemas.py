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

"""What the bodies of answers may hold, written down a second time.

As strict as the strictest client: no key that is not named, no null.
"""

_MESSAGE = {
    'type': 'object',
    'properties': {
        'id': {'type': 'string', 'format': 'uuid'},
        'event_id': {'type': 'string', 'minLength': 1},
        'user_message': {'type': 'string', 'minLength': 1},
        'message_level': {'enum': ['ERROR', 'WARNING', 'INFO']},
        'created_at': {'$ref': '#/$defs/time'},
        'guaranteed_until': {'$ref': '#/$defs/time'},
        'request_id': {'type': 'string', 'minLength': 1},
        'resource_type': {'type': 'string', 'pattern': '^[A-Z_]+$'},
        'resource_uuid': {'type': 'string', 'minLength': 1},
        'links': {
            'type': 'array',
            'prefixItems': [{'$ref': '#/$defs/link'}] * 2,
            'minItems': 2,
            'maxItems': 2,
        },
    },
    'required': ['id', 'event_id', 'user_message', 'message_level',
                 'created_at', 'guaranteed_until', 'links'],
    'additionalProperties': False,
}

_DEFS = {
    'time': {
        'type': 'string',
        'pattern': r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$',
    },
    'link': {
        'type': 'object',
        'properties': {
            'rel': {'enum': ['self', 'bookmark', 'next']},
            'href': {'type': 'string', 'pattern': '^https?://'},
        },
        'required': ['rel', 'href'],
        'additionalProperties': False,
    },
    'message': _MESSAGE,
}


def _document(**properties):
    required = [name for name in properties if not name.endswith('_')]
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema',
        'type': 'object',
        'properties': {
            name.removesuffix('_'): schema
            for name, schema in properties.items()},
        'required': required,
        'additionalProperties': False,
        '$defs': _DEFS,
    }


_MESSAGES = {'type': 'array', 'items': {'$ref': '#/$defs/message'}}
_NEXT = {'type': 'array', 'items': {'$ref': '#/$defs/link'},
         'minItems': 1, 'maxItems': 1}

SHOW = _document(message={'$ref': '#/$defs/message'})

# Lists, newest microversion first, by the one that changed them.
INDEX = (
    ((3, 45), _document(messages=_MESSAGES, messages_links_=_NEXT,
                        count_={'type': 'integer', 'minimum': 0})),
    ((3, 5), _document(messages=_MESSAGES, messages_links_=_NEXT)),
    ((3, 3), _document(messages=_MESSAGES)),
)

FAULT = {
    '$schema': 'https://json-schema.org/draft/2020-12/schema',
    'type': 'object',
    'patternProperties': {
        '^[a-z][A-Za-z]+$': {
            'type': 'object',
            'properties': {
                'code': {'type': 'integer', 'minimum': 400, 'maximum': 599},
                'message': {'type': 'string', 'minLength': 1},
            },
            'required': ['code', 'message'],
            'additionalProperties': False,
        },
    },
    'additionalProperties': False,
    'minProperties': 1,
    'maxProperties': 1,
}


def index(version):
    """The schema of a list at a microversion, a tuple."""
    return next(schema for since, schema in INDEX if version >= since)


def of_answer(path, status, version):
    """The schema that an answer below ``/v3/`` must obey."""
    if status >= 400:
        return FAULT
    collection = path.removesuffix('.json').endswith('/messages')
    return index(version) if collection else SHOW
