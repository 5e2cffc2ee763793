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

"""Pause the loops of oslo.messaging whose connection the broker refuses.

oslo.messaging reconnects for ever when a broker is away. When the broker
answers, and refuses a connection that it had accepted before (another
password, no permission, a limit), oslo.messaging raises at once and its loops
try again without a pause or every second, with several lines in the log for
each attempt. Here such a loop pauses, and calls its owner, who closes the
connection and makes a new one when the broker accepts that.
"""

from collections.abc import Callable
import logging
import typing

import oslo_messaging as messaging

LOG = logging.getLogger(__name__)

# Seconds between two attempts of a loop whose owner does not end it.
PAUSE = 30


def watch_replies(transport: messaging.Transport,
                  on_refused: Callable[[], object]) -> None:
    """Watch the loop that receives the answers to calls.

    :param transport: of a client; watched once, after its first call
    :param on_refused: called in the thread of the loop
    """
    waiter: typing.Any = getattr(transport._driver, '_waiter', None)
    if waiter is not None:
        _watch(waiter.conn, on_refused, waiter._thread_exit_event.wait)


def watch_listener(server: messaging.MessageHandlingServer,
                   on_refused: Callable[[], object]) -> None:
    """Watch the loop that receives the calls of a server.

    :param server: a server that was started; other drivers than RabbitMQ's
        need no watching
    :param on_refused: called in the thread of the loop
    """
    adapter: typing.Any = getattr(server, 'listener', None)
    listener: typing.Any = getattr(adapter, '_poll_style_listener', None)
    connection = getattr(listener, 'conn', None)
    if connection is not None:
        _watch(connection, on_refused, listener._shutdown.wait)


def _watch(connection: typing.Any, on_refused: Callable[[], object],
           wait: Callable[[float], object]) -> None:
    """Replace ``consume`` of a connection; once for each connection.

    :param wait: waits for seconds, or until the loop is to end
    """
    if 'consume' in vars(connection):
        return
    consume = connection.consume

    def consume_or_pause(timeout: float | None = None) -> None:
        try:
            consume(timeout=timeout)
        except Exception as exc:
            # NOTE: the driver's own Timeout says that nothing came.
            if type(exc).__name__ == 'Timeout':
                raise
            # NOTE: the driver has logged the error; the loop would add its
            # traceback.
            LOG.debug('Receiving from the broker failed.', exc_info=exc)
            on_refused()
            wait(PAUSE)

    connection.consume = consume_or_pause
