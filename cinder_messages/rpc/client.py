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

"""The calling side of the contract; holds no state and retries nothing."""

from collections.abc import Sequence

import oslo_messaging as messaging

from cinder_messages.rpc import contract


class WriterClient:
    """Hands batches to whichever writer is free.

    :param transport: an RPC transport of oslo.messaging
    :param timeout: seconds to wait for the answer to one batch
    """

    def __init__(self, transport: messaging.Transport,
                 timeout: float) -> None:
        target = messaging.Target(
            exchange=contract.EXCHANGE, topic=contract.TOPIC,
            version=contract.VERSION)
        # NOTE: the caller has a back-off of its own, so the driver is not to
        # retry; at_least_once has a batch that no queue took fail at once.
        self._client = messaging.get_rpc_client(
            transport, target, timeout=timeout, retry=0,
            transport_options=messaging.TransportOptions(at_least_once=True))

    def create_messages(
            self, messages: Sequence[dict[str, str]]) -> contract.Answer:
        """Have a batch stored; returns when it is committed.

        :param messages: as :func:`contract.to_primitive` makes them
        :raises Exception: the batch was not, or may not have been, stored;
            the driver raises more than MessagingException, kombu's own
            errors among them
        """
        return contract.parse_answer(self._client.call(
            {}, 'create_messages', messages=list(messages)))

    def ping(self, host: str | None = None) -> None:
        """Return if a writer answers.

        It is asked to store nothing, which each version of the contract can.

        :param host: of the writer; None is any
        :raises Exception: none answered, as for :meth:`create_messages`
        """
        client = self._client.prepare(server=host) if host else self._client
        contract.parse_answer(client.call({}, 'create_messages', messages=[]))
