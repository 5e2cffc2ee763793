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

"""The microversions: what each brought, and the discovery documents.

A microversion is a tuple ``(major, minor)`` and named for its feature; no
other module types numbers. History, with Cinder's numbers:

====  =================================================================
3.0   nothing of ours: messages do not exist
3.3   messages: list, show, delete
3.5   paging, sorting and filters in a list
3.31  a filter that is not for users is refused, and not ignored
3.34  a filter may match a part of the value, ``key~=``
3.45  ``with_count``
3.60  ``created_at`` is compared, ``created_at=gt:...``
3.67  the project may be left out of the URL; here it may always
3.71  the last of Cinder 29; nothing of ours
====  =================================================================
"""

import functools
import re

from cinder_messages.api import errors
from cinder_messages import exception
from cinder_messages import i18n
from cinder_messages.i18n import N_

Version = tuple[int, int]

MIN_VERSION = (3, 0)
MESSAGES = (3, 3)
PAGINATION = (3, 5)
RESOURCE_FILTERS = (3, 31)
LIKE_FILTERS = (3, 34)
COUNT = (3, 45)
TIME_COMPARISON = (3, 60)
MAX_VERSION = (3, 71)

SERVICE_TYPE = 'volume'
HEADER = 'OpenStack-API-Version'

LATEST = 'latest'

_VERSION = re.compile(r'([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})')

# Characters of a header whose result is cached. Clients send shorter ones.
_CACHED_LENGTH = 200


def to_string(version: Version) -> str:
    """The version as headers and documents write it, ``3.71``."""
    return '%d.%d' % version


def find_item(header: str, service_type: str) -> str | None:
    """Return the version that a header asks of a service.

    The first item of the service counts, as in Cinder::

        >>> find_item('compute 2.1, volume 3.5, volume 3.60', 'volume')
        '3.5'

    :param header: the value of :data:`HEADER`: items between commas, each a
        service type, a blank and a version
    :returns: the text behind the service type, which can be malformed; an
        item such as ``volume3.5`` is returned whole; None if the service is
        not named
    """
    for item in header.split(','):
        name, *version = item.split(None, 1)[:2] or ['']
        if name.lower() == service_type:
            return version[0].strip() if version else name
        # NOTE: without a blank the item names no service, but "volume3.5"
        # was meant for this one.
        if not version and name.lower().startswith(service_type):
            return name
    return None


def parse(header: str) -> Version:
    """Return the microversion that a request asks for.

    :param header: the value of :data:`HEADER`, empty if the request has none
    :returns: the lowest version if the header does not name this service
    :raises InvalidParameter: the item of this service is not a version
    :raises Refusal: the version is not supported
    """
    if len(header) > _CACHED_LENGTH:
        return _parse.__wrapped__(header)
    return _parse(header)


# NOTE: clients send few different headers.
@functools.lru_cache(maxsize=256)
def _parse(header: str) -> Version:
    text = find_item(header, SERVICE_TYPE)
    if text is None:
        return MIN_VERSION
    if text == LATEST:
        return MAX_VERSION
    match = _VERSION.fullmatch(text)
    if match is None:
        raise exception.InvalidParameter(
            reason=i18n.Text(
                N_('OpenStack-API-Version: %(version)r is not a version; it '
                   'should read "volume latest" or "volume 3.5".'),
                version=text))
    version = int(match[1]), int(match[2])
    if not MIN_VERSION <= version <= MAX_VERSION:
        raise errors.Refusal(406, i18n.Text(
            N_('Version %(version)s is not supported by the API. Minimum is '
               '%(minimum)s and maximum is %(maximum)s.'),
            version=text, minimum=to_string(MIN_VERSION),
            maximum=to_string(MAX_VERSION)))
    return version


def document(base_url: str) -> dict[str, object]:
    """The discovery document, the same at ``/`` and at ``/v3/``.

    :param base_url: where the API is reached, without a version
    """
    return {'versions': [{
        'id': 'v3.0',
        'status': 'CURRENT',
        'version': to_string(MAX_VERSION),
        'min_version': to_string(MIN_VERSION),
        'updated': '2023-08-31T00:00:00Z',
        'links': [
            {'rel': 'describedby', 'type': 'text/html',
             'href': 'https://docs.openstack.org/'},
            {'rel': 'self', 'href': f'{base_url}/v3/'},
        ],
        'media-types': [{
            'base': 'application/json',
            'type': 'application/vnd.openstack.volume+json;version=3',
        }],
    }]}
