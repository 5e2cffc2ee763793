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

"""Fixtures for the tests of services that report messages.

For example, in a test case of one::

    def test_a_driver_that_fails_is_reported(self):
        reported = self.useFixture(fixture.MessagesFixture())
        manager = VolumeManager(FailingDriver())

        self.assertRaises(OSError, manager.extend_volume, self.context,
                          self.volume, new_size=2)

        [message] = reported.messages
        self.assertEqual(message_field.Action.EXTEND_VOLUME,
                         message.action_id)

They need the ``fixtures`` library, which is not a dependency of this package.
"""

import fixtures
from oslo_config import cfg

from cinder_messages.emit import counters
from cinder_messages.emit import emitter
from cinder_messages.message import catalog as message_catalog
from cinder_messages.message import model


class MessagesFixture(fixtures.Fixture):
    """Keeps what is reported in memory: no bus, no spool, no thread.

    It holds for every ``message.api.API`` that is made while it is active. A
    report is checked as it would be in earnest, extensions that are installed
    included, so one that is not permitted raises ``InvalidMessage`` here, too.

    :ivar messages: what was reported, a :class:`~.message.model.Message`
        each, in order; ``expires_at`` is the writer's and not set
    """

    def _setUp(self) -> None:
        self.messages: list[model.Message] = []
        self._catalog = message_catalog.Catalog.load()
        self.useFixture(fixtures.MonkeyPatch(
            'cinder_messages.emit.emitter.for_process', self._make_captor))

    def _make_captor(self, conf: cfg.ConfigOpts) -> '_Captor':
        return _Captor(self._catalog, self.messages, emitter.host_name(conf))

    def text(self, message: model.Message, locale: str | None = None) -> str:
        """Return the text that a user reads.

        :param locale: such as ``fr``; None is English
        """
        return self._catalog.text(message.event_id, locale, message.count)


class _Captor:
    """Stand in for the emitter of an API."""

    def __init__(self, catalog: message_catalog.Catalog,
                 messages: list[model.Message], host: str | None) -> None:
        self.catalog = catalog
        self.host = host
        self._messages = messages

    def emit(self, message: model.Message) -> None:
        emitter.check(self.catalog, message)
        event = self.catalog.require(message.event_id)
        self._messages.append(message._replace(
            action_id=event.action_id, detail_id=event.detail_id,
            resource_type=message.resource_type or event.resource_type))

    def flush(self, timeout: float) -> bool:
        return True

    def note(self, text: str, *args: object) -> None:
        pass

    waiting_since = None

    @property
    def counters(self) -> counters.Counters:
        return counters.Counters(reported=len(self._messages))
