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

"""The life cycle of the emitter's threads: start, wake, stop, abandon.

What a thread does is up to its class; how it is started in any kind of
process is :mod:`.concurrency`'s.
"""

import abc
import time

from cinder_messages.emit import concurrency


class BackgroundThread(abc.ABC):
    """A thread that works in rounds until it is stopped or its process ends.

    Subclasses implement :meth:`work`, which does rounds and waits with
    :meth:`pause` or ``wakeup`` until ``is_stopped``.

    :ivar wakeup: ends a wait of the thread
    :ivar is_stopped: the thread must do no further round
    :ivar is_ended: the thread has ended
    """

    name = ''

    def __init__(self) -> None:
        self.wakeup = concurrency.Wakeup()
        self.is_stopped = False
        self.is_ended = False

    def start(self) -> bool:
        """Start the thread; return False, and discard, if that is impossible.

        The caller makes a new object and tries again later.
        """
        if concurrency.start_thread(self.run, self.name):
            return True
        self.discard()
        return False

    def wake(self) -> None:
        """End the wait of the thread, from any thread or signal handler."""
        self.wakeup.set()

    def stop(self) -> None:
        """End the thread after the round that is in progress."""
        self.is_stopped = True
        self.wakeup.set()

    def discard(self) -> None:
        """Release the descriptor of a thread that was never started."""
        self.is_stopped = True
        self.wakeup.close()

    def abandon(self) -> None:
        """Stop in a forked child; called for a thread of its parent.

        A green thread lives on in a child. The descriptor is not touched,
        because the parent shares it.
        """
        self.is_stopped = True

    def run(self) -> None:
        """Work until stopped; the body of the thread."""
        try:
            self.work()
        finally:
            self.finish()
            self.wakeup.close()
            self.is_ended = True

    @abc.abstractmethod
    def work(self) -> None:
        """Do rounds until ``is_stopped``."""

    def finish(self) -> None:
        """Release what the work has used; called in the thread."""

    def pause(self, seconds: float) -> None:
        """Wait, unless the thread is stopped; a wake-up does not end it."""
        deadline = time.monotonic() + seconds
        while not self.is_stopped:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self.wakeup.wait(left)
