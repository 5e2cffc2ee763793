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

"""The versions that a request can ask for, and the discovery documents.

A version is a tuple ``(major, minor)`` and named for its feature; no other
module types numbers. The microversions have Cinder's numbers:

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

Fields and filters that Cinder does not have need a second item in the header,
``OpenStack-API-Version: volume 3.71, user-messages 1.0``. Its versions:

====  =================================================================
1.0   the fields ``action``, ``reason``, ``action_id``, ``detail_id``,
      ``action_text``, ``detail``, ``remedy``, ``retry``,
      ``global_request_id``, ``count``, ``user_id``, ``host``,
      ``project_id`` and a link ``help``; the filters ``action``,
      ``reason`` and ``global_request_id``
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

# The versions of the opt-in item.
REASONS = (1, 0)
MIN_OPT_IN = REASONS
MAX_OPT_IN = REASONS

SERVICE_TYPE = 'volume'
OPT_IN = 'user-messages'
HEADER = 'OpenStack-API-Version'

_RANGES = {
    SERVICE_TYPE: (MIN_VERSION, MAX_VERSION),
    OPT_IN: (MIN_OPT_IN, MAX_OPT_IN),
}

LATEST = 'latest'

_VERSION = re.compile(r'([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})')

# Characters of a header whose result is cached. Clients send shorter ones.
_CACHED_LENGTH = 200


def to_string(version: Version) -> str:
    """Return the version as headers and documents have it, ``3.71``."""
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
    :raises HTTPError: the version is not supported
    """
    return _cached(SERVICE_TYPE, header) or MIN_VERSION


def parse_opt_in(header: str) -> Version | None:
    """Return the version of the opt-in item; None without the item.

    :param header: as for :func:`parse`
    :raises InvalidParameter: the item is not a version
    :raises HTTPError: the version is not supported
    """
    return _cached(OPT_IN, header)


def echo(version: Version, opt_in: Version | None) -> str:
    """Return the value of :data:`HEADER` in a response."""
    volume = f'{SERVICE_TYPE} {to_string(version)}'
    if opt_in is None:
        return volume
    return f'{volume}, {OPT_IN} {to_string(opt_in)}'


def _cached(service_type: str, header: str) -> Version | None:
    if len(header) > _CACHED_LENGTH:
        return _parse.__wrapped__(service_type, header)
    return _parse(service_type, header)


# NOTE: clients send few different headers.
@functools.lru_cache(maxsize=256)
def _parse(service_type: str, header: str) -> Version | None:
    text = find_item(header, service_type)
    if text is None:
        return None
    minimum, maximum = _RANGES[service_type]
    return _in_range(service_type, text, minimum, maximum)


def _in_range(service_type: str, text: str, minimum: Version,
              maximum: Version) -> Version:
    if text == LATEST:
        return maximum
    match = _VERSION.fullmatch(text)
    if match is None:
        raise exception.InvalidParameter(
            reason=i18n.Text(
                N_('OpenStack-API-Version: %(version)r is not a version; it '
                   'should read "%(service)s latest" or '
                   '"%(service)s %(example)s".'),
                version=text, service=service_type,
                example=to_string(maximum)))
    version = int(match[1]), int(match[2])
    if not minimum <= version <= maximum:
        raise errors.HTTPError(406, i18n.Text(
            N_('Version %(version)s is not supported by the API. Minimum is '
               '%(minimum)s and maximum is %(maximum)s.')
            if service_type == SERVICE_TYPE else
            N_('Version %(version)s of %(service)s is not supported by the '
               'API. Minimum is %(minimum)s and maximum is %(maximum)s.'),
            version=text, minimum=to_string(minimum),
            maximum=to_string(maximum), service=service_type))
    return version


def document(base_url: str) -> dict[str, object]:
    """Return the discovery document, the same at ``/`` and at ``/v3/``.

    :param base_url: the URL of the API, without a version
    """
    return {'versions': [{
        'id': 'v3.0',
        'status': 'CURRENT',
        'version': to_string(MAX_VERSION),
        'min_version': to_string(MIN_VERSION),
        OPT_IN: {
            'version': to_string(MAX_OPT_IN),
            'min_version': to_string(MIN_OPT_IN),
        },
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
