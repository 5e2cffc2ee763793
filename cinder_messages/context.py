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

"""The caller of a request, for policy and logs.

Authentication is not here: keystonemiddleware or Cinder's filters do it.
"""

from typing import Any

from oslo_context import context

from cinder_messages import log_escape

ADMIN = 'admin'


class RequestContext(context.RequestContext):
    """The caller, and the request as the logs call it."""

    @classmethod
    def from_confirmed(
            cls, environ: dict[str, Any]) -> 'RequestContext | None':
        """Return the caller that keystonemiddleware has authenticated.

        :param environ: a WSGI environment; keystonemiddleware has removed
            identity headers of the client
        :returns: None if the request is not authenticated, which is possible
            only with ``delay_auth_decision``
        """
        if environ.get('HTTP_X_IDENTITY_STATUS') != 'Confirmed':
            return None
        # NOTE: the tokens have done their work, and a context is logged.
        return cls.from_environ(
            environ, auth_token=None, service_token=None)

    @classmethod
    def of_cinder(
            cls, known: context.RequestContext) -> 'RequestContext | None':
        """Return the caller that Cinder has authenticated.

        Cinder decides who is an administrator: only such a caller has the
        role ``admin`` here.

        :param known: the context that Cinder's filters put in the environment
        :returns: None if the request is not authenticated
        """
        if known.user_id is None:
            return None
        roles = [role for role in known.roles if role.lower() != ADMIN]
        if known.is_admin:
            roles.append(ADMIN)
        # NOTE: Cinder's own stays the one of the thread, which later filters
        # and log lines look at.
        return cls(
            user_id=known.user_id, project_id=known.project_id, roles=roles,
            system_scope=known.system_scope, domain_id=known.domain_id,
            user_domain_id=known.user_domain_id,
            project_domain_id=known.project_domain_id,
            service_roles=known.service_roles, request_id=known.request_id,
            global_request_id=known.global_request_id, overwrite=False)

    def get_logging_values(self) -> dict[str, Any]:
        """Return the fields that oslo.log may print, escaped."""
        return {name: log_escape.escape(value, spaces=False)
                if isinstance(value, str) else value
                for name, value in super().get_logging_values().items()}
