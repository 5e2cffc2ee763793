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

"""The commands cinder-messages-manage writer."""

import argparse
import time

from oslo_config import cfg

from cinder_messages.cmd import argument_types
from cinder_messages.cmd import output
from cinder_messages import exception
from cinder_messages.rpc import bus
from cinder_messages.rpc import client


def ping(conf: cfg.ConfigOpts) -> int:
    """Fail unless a writer answers over the message bus in time.

    For the readiness of a container, and to see whether broker and writers
    are there. It asks nothing of the database.
    """
    args = conf.command
    started = time.monotonic()
    writers = client.WriterClient(
        bus.Bus.for_writer(conf, is_emitter=True), args.timeout)
    try:
        check_bus(conf, args.timeout)
        writers.ping(args.host)
    except exception.BusUnavailable:
        raise
    # NOTE: drivers raise exceptions of many types.
    except Exception as exc:
        raise exception.Error(
            f'No writer{f" {args.host}" if args.host else ""} has answered '
            f'({type(exc).__name__}). See that cinder-messages-writer runs, '
            'that the broker does, and that [DEFAULT] transport_url is the '
            'same.') from exc
    finally:
        writers.close()
    seconds = time.monotonic() - started
    output.answer(conf, f'A writer answered in {seconds * 1000:.0f} ms.',
                  {'seconds': seconds})
    return 0


def check_bus(conf: cfg.ConfigOpts, timeout: float) -> None:
    """Check the exchange and the queue of ``[DEFAULT] transport_url``.

    :raises BusUnavailable: they cannot be used; the text says why
    """
    topology = bus.Bus.for_writer(conf).topology(timeout)
    if topology is not None:
        topology.check()


def delete_queues(conf: cfg.ConfigOpts) -> int:
    """Delete the exchange and the queues of the writers on the broker.

    Needed once before ``[writer] rabbit_quorum_queue`` is changed.
    """
    topology = bus.Bus.for_writer(conf).topology(client.CHECK_TIMEOUT)
    if topology is None:
        raise exception.Error(
            '[DEFAULT] transport_url does not name a RabbitMQ broker.')
    topology.delete(conf.writer.host)
    output.answer(conf, 'The exchange and the queues are deleted. Writers '
                  'declare them when they start.', {'deleted': True})
    return 0


def add_delete_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`delete_queues`."""
    output.add_format(parser)


def add_ping_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :func:`ping`."""
    parser.add_argument('--host', help='ping the writer with this [writer] '
                        'host; default: any writer')
    parser.add_argument('--timeout', type=argument_types.seconds, default=5,
                        metavar='SECONDS',
                        help='time to wait for the answer; default: 5')
    output.add_format(parser)
