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

"""A client and a service that fails, traced by oslo.messaging.

The process ends as if it was killed, as soon as the failure is reported.
"""

import os
import sys

from opentelemetry import trace
from oslo_config import cfg
from oslo_context import context
from oslo_log import log
import oslo_messaging

from cinder_messages.message import api as message_api

TOPIC = 'cinder-messages-test-traced'
PROJECT = 'traced-project'


class Volumes:
    """The service; its one method fails."""

    def __init__(self, api):
        self._api = api

    @oslo_messaging.expose
    def extend(self, ctxt):
        return self._api.create(
            context.RequestContext(), '000002', PROJECT,
            resource_type='VOLUME', resource_uuid='traced')


def main():
    conf = cfg.CONF
    log.register_options(conf)
    conf(['--config-file', sys.argv[1]], project='traced')
    transport = oslo_messaging.get_rpc_transport(conf)
    target = oslo_messaging.Target(topic=TOPIC, server='host')
    server = oslo_messaging.get_rpc_server(
        transport, target, [Volumes(message_api.API())],
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy)
    server.start()
    client = oslo_messaging.get_rpc_client(
        transport, oslo_messaging.Target(topic=TOPIC), timeout=60)
    # NOTE: the first call sets up the tracer.
    print('reported', client.call({}, 'extend'), flush=True)
    server.stop()
    server.wait()
    trace.get_tracer_provider().force_flush()
    os._exit(0)


if __name__ == '__main__':
    main()
