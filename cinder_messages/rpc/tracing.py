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

"""OpenTelemetry: carry the trace of a failed request to the commit.

oslo.messaging traces its calls if ``[oslo_messaging_tracing] tracing_enabled``
is set in the file of a service. This module adds what oslo.messaging cannot
know: a report waits in a journal and travels with others in one batch. So a
report carries the W3C trace context of its request, ``traceparent``, and the
writer links its span for the batch to the request of each report. In the trace
of the request it creates a span that ends with the commit.

Nothing of OpenTelemetry is imported without that option. If nothing else in
the process has imported it, no span can be current, and the cost is one look
in ``sys.modules``.
"""

import collections
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import importlib
import logging
import sys
import typing

from oslo_config import cfg

from cinder_messages.message import model
from cinder_messages.rpc import contract

LOG = logging.getLogger(__name__)

# Requests whose traces one batch is linked to; OpenTelemetry's own default.
MAX_LINKS = 128

# The exporters of oslo.messaging, by ``otlp_protocol``.
_EXPORTERS = {
    'http/protobuf': 'opentelemetry.exporter.otlp.proto.http.trace_exporter',
    'grpc': 'opentelemetry.exporter.otlp.proto.grpc.trace_exporter',
}
_MODULE = 'opentelemetry.trace'
_NAME = 'cinder_messages.writer'
_SPAN = 'cinder-messages store'


def prepare(conf: cfg.ConfigOpts) -> None:
    """Import the exporter that oslo.messaging uses, if tracing is enabled.

    Call it before the first call of the process over oslo.messaging.
    """
    # NOTE: oslo.messaging 18.3.1 uses the module without importing it, and
    # traces nothing if nobody else has.
    try:
        options = conf.oslo_messaging_tracing
        if options.tracing_enabled:
            importlib.import_module(_EXPORTERS[options.otlp_protocol])
    except (cfg.Error, AttributeError, KeyError):
        LOG.debug('This oslo.messaging traces nothing.')
    except Exception as exc:
        LOG.warning('[oslo_messaging_tracing] tracing_enabled is set, but the '
                    'exporter cannot be imported (%s), so no call is traced. '
                    'Install oslo.messaging[tracing-http] or '
                    'oslo.messaging[tracing-grpc].', exc)


def current_traceparent() -> str | None:
    """Return the trace context of the caller; None without a trace."""
    trace: typing.Any = sys.modules.get(_MODULE)
    if trace is None:
        return None
    try:
        span = trace.get_current_span().get_span_context()
        if not span.is_valid:
            return None
        return contract.get_traceparent({
            'traceparent': f'00-{span.trace_id:032x}-{span.span_id:016x}-'
                           f'{span.trace_flags & 0xff:02x}'})
    except Exception as exc:
        # NOTE: a report is worth more than its trace.
        LOG.debug('The trace of a report could not be read.', exc_info=exc)
        return None


@contextlib.contextmanager
def trace_batch(reports: object, accepted: Sequence[model.Message]
                ) -> Iterator[None]:
    """Trace the storage of a batch in the trace of each of its requests.

    The body stores the batch; the spans end with it, and record its error.

    :param reports: the batch as received, not validated
    :param accepted: the messages of the batch that are to be stored
    """
    spans = _start_spans(reports, accepted)
    if not spans:
        yield
        return
    try:
        yield
    except BaseException as exc:
        _end_spans(spans, exc)
        raise
    _end_spans(spans)


def _start_spans(reports: object, accepted: Sequence[model.Message]
                 ) -> Sequence[typing.Any]:
    """Link the current span to the requests; return a span for each."""
    trace: typing.Any = sys.modules.get(_MODULE)
    if trace is None or not isinstance(reports, list):
        return ()
    try:
        batch = trace.get_current_span()
        if not batch.is_recording():
            return ()
        return [_start_span(trace, batch, traceparent, count)
                for traceparent, count in _requests(reports, accepted)]
    except Exception as exc:
        LOG.debug('A batch could not be traced.', exc_info=exc)
        return ()


def _start_span(trace: typing.Any, batch: typing.Any, traceparent: str,
                count: int) -> typing.Any:
    _version, trace_id, span_id, flags = traceparent.split('-')
    request = trace.SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True,
        trace_flags=trace.TraceFlags(int(flags, 16)))
    batch.add_link(request)
    return trace.get_tracer(_NAME).start_span(
        _SPAN, trace.set_span_in_context(trace.NonRecordingSpan(request)),
        links=[trace.Link(batch.get_span_context())],
        attributes={'messaging.batch.message_count': count})


def _requests(reports: Sequence[object], accepted: Sequence[model.Message]
              ) -> list[tuple[str, int]]:
    """Return the trace contexts of a batch with the number of messages."""
    ids = {message.id for message in accepted}
    found: collections.Counter[str] = collections.Counter()
    for report in reports:
        traceparent = (
            contract.get_traceparent(report)
            if contract.valid_id_or_none(report) in ids and
            isinstance(report, dict) else None)
        if traceparent and (traceparent in found or len(found) < MAX_LINKS):
            found[traceparent] += 1
    return list(found.items())


def _end_spans(spans: Sequence[typing.Any],
               error: BaseException | None = None) -> None:
    for span in spans:
        try:
            if error is not None:
                span.record_exception(error)
            span.end()
        except Exception as exc:
            LOG.debug('A span could not be ended.', exc_info=exc)
