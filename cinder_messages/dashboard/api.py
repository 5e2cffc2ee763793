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

"""Access to messages on behalf of the user of a request."""

from collections.abc import Iterator
import contextlib
import typing

from django.conf import settings
from django.utils import translation
from horizon import exceptions
from keystoneauth1 import adapter
from keystoneauth1 import session
from keystoneauth1 import token_endpoint
from openstack_dashboard.api import cinder

from cinder_messages.client import service as client_service

_TIMEOUT = 60

# Languages that the service has under another name than Horizon.
_LANGUAGES = {'zh-hans': 'zh-CN'}


def get_service(request: typing.Any) -> client_service.MessageService:
    """Return the messages that the user of a request may read.

    The texts come in the language of the page if the service has it.
    """
    language = translation.get_language()
    client = cinder.cinderclient(request).client
    auth = token_endpoint.Token(client.management_url, client.auth_token)
    verify = (not settings.OPENSTACK_SSL_NO_VERIFY) and (
        settings.OPENSTACK_SSL_CACERT or True)
    return client_service.MessageService(
        adapter.Adapter(
            session.Session(auth, verify=verify, timeout=_TIMEOUT),
            service_type='block-storage'),
        language=_LANGUAGES.get(language, language))


@contextlib.contextmanager
def horizon_errors() -> Iterator[None]:
    """Raise errors that Horizon shows on the page.

    :raises NotAuthenticated: the token has expired; the user logs in again
    :raises RecoverableError: anything else that the service refused
    """
    try:
        yield
    except client_service.ServiceError as error:
        if error.status == 401:
            raise exceptions.NotAuthenticated(str(error)) from error
        raise exceptions.RecoverableError(str(error)) from error
