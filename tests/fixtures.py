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

"""What tests build on: configuration, databases, stores."""

import fixtures
from oslo_config import cfg
from oslo_config import fixture as config_fixture
import oslo_messaging as messaging

from cinder_messages.conf import opts
from cinder_messages.emit import emitter
from cinder_messages.storage import engine
from cinder_messages.storage import migrate


class ConfFixture(fixtures.Fixture):
    """A private ``ConfigOpts`` that reads no file of this machine.

    :ivar conf: with all options registered and no arguments parsed
    :ivar config: ``config(option=value, group=...)`` overrides one
    """

    def _setUp(self):
        self.conf = cfg.ConfigOpts()
        opts.register_opts(self.conf)
        override = self.useFixture(config_fixture.Config(self.conf))
        self.config = override.config
        self.conf([], project='cinder-messages', default_config_files=[],
                  default_config_dirs=[])


class StandaloneFixture(fixtures.Fixture):
    """The configuration of a process that is API, writer and emitter in one.

    It is the global one: oslo.messaging registers some options there only.

    :ivar conf: with a migrated SQLite file, RPC in the process and noauth
    """

    def _setUp(self):
        self.conf = cfg.CONF
        opts.register_opts(self.conf)
        messaging.TransportURL.parse(self.conf)
        config = self.useFixture(config_fixture.Config(self.conf)).config
        self.conf([], project='cinder-messages', default_config_files=[],
                  default_config_dirs=[])
        directory = self.useFixture(fixtures.TempDir())
        config(connection=f'sqlite:///{directory.join("messages.sqlite")}',
               group='database')
        config(transport_url='fake:///')
        config(auth_strategy='noauth', group='api')
        config(spool_dir=directory.join('spool'), group='cinder_messages')
        bind = engine.make_engine(self.conf)
        migrate.upgrade(bind)
        bind.dispose()
        self.addCleanup(emitter.forget, self.conf)
