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


"""A deadline for each statement of psycopg.

libpq waits without end for the answer of a server behind a proxy that keeps
the TCP connection alive; neither keepalives nor ``tcp_user_timeout`` end that
wait. PyMySQL and mysqlclient have ``read_timeout`` for it.
"""

from collections.abc import Generator
import time
import typing

_T = typing.TypeVar('_T')
_Exchange = Generator[typing.Any, typing.Any, _T]


def connection_class(psycopg: typing.Any, seconds: float) -> typing.Any:
    """Return psycopg's class of connections, with a deadline.

    A connection is closed when the server has not answered a statement in
    time, and the statement raises OperationalError.

    :param psycopg: the module; the package can be used without it
    :param seconds: that the server has for an answer
    """
    class DeadlineConnection(psycopg.Connection):

        def wait(self, gen: _Exchange[_T], *args: typing.Any,
                 **kwargs: typing.Any) -> _T:
            return super().wait(self._with_deadline(gen), *args, **kwargs)

        def _with_deadline(self, gen: _Exchange[_T]) -> _Exchange[_T]:
            deadline = time.monotonic() + seconds
            try:
                state = next(gen)
                while True:
                    # NOTE: psycopg sends 0 for every tenth of a second in
                    # which the socket was not ready.
                    ready = yield state
                    if not ready and time.monotonic() > deadline:
                        self.pgconn.finish()
                        raise psycopg.OperationalError(
                            f'no answer from the server within {seconds} s')
                    state = gen.send(ready)
            except StopIteration as stop:
                return stop.value

    return DeadlineConnection
