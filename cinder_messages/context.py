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

"""Who asks: the caller of one request, as policy and logs want to know.

Not how the caller proved it; that is the authentication's business.
"""

from typing import Any

from oslo_context import context


class RequestContext(context.RequestContext):
    """The caller, and the request as the logs call it."""

    @classmethod
    def from_confirmed(
            cls, environ: dict[str, Any]) -> 'RequestContext | None':
        """The caller whom keystonemiddleware has confirmed.

        :param environ: a WSGI environment behind keystonemiddleware, which
            alone may have set its identity headers
        :returns: None if nobody was confirmed, which happens only where
            ``delay_auth_decision`` is set
        """
        if environ.get('HTTP_X_IDENTITY_STATUS') != 'Confirmed':
            return None
        # NOTE: the tokens have done their work, and a context is logged.
        return cls.from_environ(
            environ, auth_token=None, service_token=None)
