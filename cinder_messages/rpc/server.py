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

"""The answering side of the contract."""

import oslo_messaging as messaging

from cinder_messages.rpc import contract


def make_server(transport: messaging.Transport, endpoint: object,
                host: str) -> messaging.MessageHandlingServer:
    """A server, not yet started, that serves ``endpoint``.

    Only methods marked with ``messaging.expose`` can be called.

    :param endpoint: has a ``target`` with the contract's version
    :param host: a name that stays the same over restarts; each new one
        leaves a queue behind on the broker
    """
    target = messaging.Target(
        exchange=contract.EXCHANGE, topic=contract.TOPIC, server=host)
    return messaging.get_rpc_server(
        transport, target, [endpoint],
        access_policy=messaging.ExplicitRPCAccessPolicy)
