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

"""A stand-in for a collector of OpenTelemetry: OTLP over HTTP."""

import gzip
import http.server
import threading
import time

import fixtures
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from tests import process


class Collector(fixtures.Fixture):
    """Receives spans on loopback.

    :ivar url: for ``[oslo_messaging_tracing] otel_exporter_otlp_endpoint``
    :ivar spans: pairs of the name of a service and a span, as received
    """

    def _setUp(self):
        self.spans = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                if self.headers['Content-Encoding'] == 'gzip':
                    body = gzip.decompress(body)
                collector._receive(self.path, body)
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{server.server_port}'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def _receive(self, path, body):
        if path != '/v1/traces':
            return
        request = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            names = {each.key: each.value.string_value
                     for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans.extend((names['service.name'], span)
                                  for span in scope.spans)

    def wait_for(self, service, name):
        """Return the first span of a name that a service has sent."""
        deadline = time.monotonic() + process.DEADLINE
        while True:
            for sender, span in list(self.spans):
                if (sender, span.name) == (service, name):
                    return span
            if time.monotonic() > deadline:
                raise AssertionError(
                    f'{service} sent no span {name}, but these were: '
                    f'{[(sender, span.name) for sender, span in self.spans]}')
            time.sleep(0.02)
