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

"""Who is told of what a writer does."""

from collections.abc import Iterable
import typing


class Observer(typing.Protocol):
    """What can be told; any thread may, and it must not take long."""

    def received(self, count: int) -> None:
        """A batch has come."""

    def stored(self, event_ids: Iterable[str], duplicates: int,
               seconds: float) -> None:
        """A transaction is committed.

        :param event_ids: one for each message
        :param duplicates: how many of them were there already
        """

    def failed(self) -> None:
        """The database could not take a transaction."""

    def suppressed(self, event_ids: Iterable[str]) -> None:
        """Messages are over the rate of their project, and counted only."""

    def rejected(self, event_id: str | None) -> None:
        """A message was refused; None is an event that is not permitted."""

    def reaped(self, count: int) -> None:
        """Expired messages are removed."""


class Nobody:
    """Is told, and does nothing."""

    def received(self, count: int) -> None:
        """Nothing."""

    def stored(self, event_ids: Iterable[str], duplicates: int,
               seconds: float) -> None:
        """Nothing."""

    def failed(self) -> None:
        """Nothing."""

    def suppressed(self, event_ids: Iterable[str]) -> None:
        """Nothing."""

    def rejected(self, event_id: str | None) -> None:
        """Nothing."""

    def reaped(self, count: int) -> None:
        """Nothing."""


class Measuring(typing.Protocol):
    """What makes an observer for as long as a worker process runs."""

    def start(self) -> Observer:
        """Make it; after the fork."""

    def stop(self) -> None:
        """It is not needed any more."""
