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

import types

import fixtures
from oslo_config import cfg
from oslo_log import log

from cinder_messages.message import model
from cinder_messages.rpc import bus
from cinder_messages.rpc import contract
from cinder_messages.rpc import tracing
from tests import base
from tests import process

TRACE = 0x0af7651916cd43dd8448eb211c80319c
SPAN = 0xb7ad6b7169203331
PARENT = f'00-{TRACE:032x}-{SPAN:016x}-01'

WITHOUT = '''
import sys
from cinder_messages.message import api
from cinder_messages.rpc import tracing
from cinder_messages.writer import endpoint
from oslo_config import cfg
from oslo_context import context
cfg.CONF([])
api.API(cfg.CONF).create(context.RequestContext(), '000002', 'p')
with tracing.trace_batch([], []):
    pass
print([name for name in sys.modules if name.startswith('opentelemetry')])
'''


class Context:
    """A stand-in for SpanContext."""

    def __init__(self, trace_id, span_id, is_remote=False, trace_flags=1):
        self.trace_id = trace_id
        self.span_id = span_id
        self.is_remote = is_remote
        self.trace_flags = trace_flags
        self.is_valid = trace_id != 0


class Span:
    """A stand-in for a span."""

    def __init__(self, context, is_recording=True):
        self.context = context
        self.recording = is_recording
        self.links = []
        self.error = None
        self.ended = 0

    def get_span_context(self):
        return self.context

    def is_recording(self):
        return self.recording

    def add_link(self, context):
        self.links.append(context)

    def record_exception(self, error):
        self.error = error

    def end(self):
        self.ended += 1


class Trace(types.ModuleType):
    """A stand-in for the module opentelemetry.trace, and its tracer.

    :ivar current: the current span
    :ivar started: spans that were started, with parent, links, attributes
    """

    SpanContext = Context
    TraceFlags = staticmethod(int)
    Link = staticmethod(lambda context: context)
    NonRecordingSpan = staticmethod(lambda context: Span(context, False))

    def __init__(self, current):
        super().__init__('opentelemetry.trace')
        self.current = current
        self.started = []

    def get_current_span(self):
        return self.current

    def set_span_in_context(self, span):
        return span.context

    def get_tracer(self, name):
        return self

    def start_span(self, name, parent, links, attributes):
        span = Span(Context(parent.trace_id, len(self.started) + 1))
        self.started.append((span, parent, links, attributes))
        return span


class TestTracing(base.TestCase):

    def use(self, current):
        trace = Trace(current)
        self.useFixture(fixtures.MockPatchObject(tracing, 'sys', (
            types.SimpleNamespace(modules={'opentelemetry.trace': trace}))))
        return trace

    def reports(self, *traceparents):
        reports = [{'id': model.make_id(model.EPOCH), 'traceparent': each}
                   for each in traceparents]
        return reports, [model.Message(report['id'], 'p', '000002',
                                       model.EPOCH) for report in reports]

    def test_without_opentelemetry_nothing_is_imported(self):
        done = process.run(
            process.python('-c', WITHOUT),
            OS_DEFAULT__TRANSPORT_URL='fake://',
            OS_CINDER_MESSAGES__EXIT_TIMEOUT='0',
            OS_CINDER_MESSAGES__SPOOL_DIR=self.useFixture(
                fixtures.TempDir()).path)
        self.assertEqual('[]', done.stdout.strip(), done.stderr)

    def prepare(self, error=None, **options):
        """The modules that are imported, and the warnings."""
        bus.register_options(self.conf)
        for name, value in options.items():
            self.conf.set_override(name, value, 'oslo_messaging_tracing')
        imported = []

        def import_module(name):
            imported.append(name)
            if error:
                raise error

        logged = self.useFixture(fixtures.FakeLogger(
            level=log.WARNING, name='cinder_messages.rpc.tracing'))
        self.useFixture(fixtures.MockPatchObject(
            tracing, 'importlib', types.SimpleNamespace(
                import_module=import_module)))
        tracing.prepare(self.conf)
        return imported, logged.output

    def test_the_exporter_is_imported_if_tracing_is_enabled(self):
        for protocol, name in (('http/protobuf', 'http'), ('grpc', 'grpc')):
            self.assertEqual(
                ([f'opentelemetry.exporter.otlp.proto.{name}.trace_exporter'],
                 ''),
                self.prepare(tracing_enabled=True, otlp_protocol=protocol))

    def test_nothing_is_imported_if_tracing_is_disabled(self):
        self.assertEqual(([], ''), self.prepare())

    def test_an_older_oslo_messaging_traces_nothing(self):
        tracing.prepare(cfg.ConfigOpts())

    def test_a_missing_exporter_is_one_warning(self):
        imported, logged = self.prepare(
            ImportError('No module named x'), tracing_enabled=True)
        self.assertEqual(1, len(imported))
        self.assertIn('Install oslo.messaging[tracing-http]', logged)
        self.assertEqual(1, len(logged.splitlines()))

    def test_the_current_span_is_the_trace_context(self):
        self.use(Span(Context(TRACE, SPAN)))
        self.assertEqual(PARENT, tracing.current_traceparent())

    def test_flags_are_kept(self):
        self.use(Span(Context(TRACE, SPAN, trace_flags=0)))
        self.assertEqual(PARENT[:-1] + '0', tracing.current_traceparent())

    def test_without_a_span_there_is_no_trace_context(self):
        self.use(Span(Context(0, 0)))
        self.assertIsNone(tracing.current_traceparent())

    def test_a_report_is_worth_more_than_its_trace(self):
        for span in (None, Span(None), Span(Context('trace', SPAN)),
                     Span(Context(TRACE << 128, SPAN))):
            self.use(span)
            self.assertIsNone(tracing.current_traceparent())

    def test_a_batch_is_linked_to_each_request(self):
        batch = Span(Context(1, 2))
        trace = self.use(batch)
        other = PARENT.replace('0af', '1af')
        with tracing.trace_batch(*self.reports(PARENT, other, PARENT)):
            self.assertEqual([0, 0], [span.ended for span, *_ in
                                      trace.started])
        [(first, parent, links, attributes), second] = trace.started
        self.assertEqual((TRACE, SPAN, True, 1), (
            parent.trace_id, parent.span_id, parent.is_remote,
            parent.trace_flags))
        self.assertEqual([batch.context], links)
        self.assertEqual({'messaging.batch.message_count': 2}, attributes)
        self.assertEqual(1, first.ended)
        self.assertIsNone(first.error)
        self.assertEqual(
            [TRACE, int(other.split('-')[1], 16)],
            [link.trace_id for link in batch.links])

    def test_an_error_ends_the_spans_and_is_recorded(self):
        trace = self.use(Span(Context(1, 2)))
        error = KeyError('store')
        with self.assertRaises(KeyError):
            with tracing.trace_batch(*self.reports(PARENT)):
                raise error
        [(span, *_)] = trace.started
        self.assertEqual((error, 1), (span.error, span.ended))

    def test_links_are_bounded(self):
        batch = Span(Context(1, 2))
        trace = self.use(batch)
        with tracing.trace_batch(*self.reports(*(
                f'00-{number:032x}-{SPAN:016x}-01'
                for number in range(1, 1000)))):
            self.assertEqual(tracing.MAX_LINKS, len(trace.started))
        self.assertEqual(tracing.MAX_LINKS, len(batch.links))

    def test_only_accepted_reports_are_traced(self):
        trace = self.use(Span(Context(1, 2)))
        reports, messages = self.reports(PARENT, PARENT)
        with tracing.trace_batch(reports, messages[:1]):
            pass
        [(_span, _parent, _links, attributes)] = trace.started
        self.assertEqual({'messaging.batch.message_count': 1}, attributes)

    def test_a_batch_without_a_trace_is_stored(self):
        good = self.reports(PARENT)
        for current, batch in (
                (Span(Context(1, 2), False), good),
                (Span(Context(1, 2)), self.reports('x' * 10 ** 6, None, 7)),
                (Span(Context(1, 2)), ([None, 7, {'id': []}], good[1])),
                (Span(Context(1, 2)), ('no list', good[1])),
                (None, good)):
            trace = self.use(current)
            bodies = []
            with tracing.trace_batch(*batch):
                bodies.append(1)
            self.assertEqual(([1], []), (bodies, trace.started))

    def test_a_tracer_that_fails_stops_nothing(self):
        trace = self.use(Span(Context(1, 2)))
        bodies = []

        def end():
            raise ValueError('exporter')

        with tracing.trace_batch(*self.reports(PARENT)):
            trace.started[0][0].end = end
            bodies.append(1)
        self.assertEqual([1], bodies)

    def test_a_malformed_traceparent_is_not_sent(self):
        self.assertIsNone(contract.get_traceparent(
            {'traceparent': PARENT + '-more'}))
