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

"""Check that this host reaches the message bus."""

from typing import Any

from oslo_config import cfg
from oslo_middleware.healthcheck import pluginbase

from cinder_messages import exception
from cinder_messages.health import cached
from cinder_messages.rpc import transport


class MessagingHealthcheck(pluginbase.HealthcheckBaseExtension):
    """``cinder_messages_messaging``: one of the hosts can be connected to.

    The API itself needs no message bus, only what reports and the writers do:
    a load balancer that asks this takes an API away that could serve.
    """

    def __init__(self, oslo_conf: cfg.ConfigOpts,
                 conf: dict[str, Any]) -> None:
        super().__init__(oslo_conf, conf)
        transport.check_url(oslo_conf, None, '[DEFAULT] transport_url')
        self._cached = cached.CachedCheck('The message bus', self._check)

    def healthcheck(self, server_port: int) -> pluginbase.HealthcheckResult:
        """Return the cached result of the check."""
        return self._cached.result()

    def _check(self) -> None:
        reached = transport.probe(self.oslo_conf, cached.TIMEOUT)
        if reached and all(reached.values()):
            raise exception.Error('; '.join(
                f'{host}: {trouble}' for host, trouble in reached.items()))
