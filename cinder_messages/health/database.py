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

"""Check that the API reaches its database."""

from typing import Any

from oslo_config import cfg
from oslo_middleware.healthcheck import pluginbase
import sqlalchemy as sa

from cinder_messages.health import cached
from cinder_messages.storage import engine
from cinder_messages.storage import errors


class DatabaseHealthcheck(pluginbase.HealthcheckBaseExtension):
    """``cinder_messages_database``: without it every request is a 503.

    It has a connection of its own, so that a busy API is not taken for a
    database that is away.
    """

    def __init__(self, oslo_conf: cfg.ConfigOpts,
                 conf: dict[str, Any]) -> None:
        super().__init__(oslo_conf, conf)
        self._engine = engine.make_engine(oslo_conf)
        self._cached = cached.CachedCheck('The database', self._check)

    def healthcheck(self, server_port: int) -> pluginbase.HealthcheckResult:
        """Return the cached result of the check."""
        return self._cached.result()

    def _check(self) -> None:
        with (errors.translate_errors(),
              self._engine.connect() as connection):
            connection.execute(sa.text('SELECT 1'))
