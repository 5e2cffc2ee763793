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

"""Locks, threads and wake-ups that work in any host process.

A host process may be forked at any moment, may be patched by eventlet, may
call from native threads beside green ones, and may report from a signal
handler. Nothing here takes a lock of a library or logs.
"""

import _thread
from collections.abc import Callable
import os
import select
import signal
import sys
import threading
import time
import typing

# Signals that the kernel sends to the thread that has caused them.
_SYNCHRONOUS = {signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
                signal.SIGSYS, signal.SIGTRAP}

# Seconds between two looks at a native thread that a green one waits for.
_POLL = 0.01


def is_patched() -> bool:
    """Return whether eventlet has patched the threads of this process."""
    patcher = sys.modules.get('eventlet.patcher')
    return patcher is not None and patcher.is_monkey_patched('thread')


def make_lock() -> typing.Any:
    """Return a reentrant lock for critical sections that never yield.

    Green threads of one native thread share it, which is why such a section
    must not yield; native threads exclude each other.
    """
    # NOTE: eventlet replaces threading.RLock, and leaves this one as it is.
    return _thread.RLock()  # type: ignore[attr-defined]


def start_thread(run: Callable[[], None], name: str) -> bool:
    """Start a daemon thread; in a patched process, a green one.

    :returns: False if none can be started now; the caller tries again later
    """
    starter = threading.get_native_id()

    def named() -> None:
        threading.current_thread().name = name
        if not is_patched() and threading.get_native_id() != starter:
            _block_signals()
        run()

    if is_patched() and threading.get_native_id() != os.getpid():
        return _start_in_hub(named)
    try:
        # NOTE: threading.Thread takes a lock that a signal handler, which may
        # be the caller, can have interrupted in the same thread.
        _thread.start_new_thread(named, ())
    except (RuntimeError, MemoryError, OSError):
        return False
    return True


def _block_signals() -> None:
    """Leave signals to the threads of the host, in a new native thread.

    The host may block a signal to wait for it, with sigwait(3) for example.
    The kernel would deliver it here instead, and end the process.
    """
    signal.pthread_sigmask(
        signal.SIG_BLOCK, signal.valid_signals() - _SYNCHRONOUS)


class _Start:
    """An item for the queue of answers of eventlet's thread pool."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run

    def send(self, value: object) -> None:
        _thread.start_new_thread(self._run, ())


def _start_in_hub(run: Callable[[], None]) -> bool:
    """Start a green thread in the main hub from a native thread of tpool.

    A green thread of a native thread would run only while that thread waits
    in a hub of its own, which a thread of the pool never does.
    """
    tpool = sys.modules.get('eventlet.tpool')
    answers = getattr(tpool, '_rspq', None)
    wake = getattr(tpool, '_wsock', None)
    if answers is None or wake is None:
        return False
    answers.put((_Start(run), None))
    try:
        wake.sendall(b' ')
    except OSError:
        # NOTE: so many answers wait that the pool is awake.
        pass
    return True


def run_blocking(function: Callable[[int], object], argument: int) -> None:
    """Call a function that blocks; in a patched process, in a native thread.

    :param function: must neither log nor take a lock of Python's
    :raises OSError: the function did
    """
    if not is_patched():
        function(argument)
        return
    patcher = sys.modules['eventlet.patcher']
    outcome: list[OSError | None] = []

    def run() -> None:
        try:
            function(argument)
        except OSError as exc:
            outcome.append(exc)
        else:
            outcome.append(None)

    try:
        patcher.original('_thread').start_new_thread(run, ())
    except RuntimeError as exc:
        raise OSError('no thread can be started') from exc
    while not outcome:
        time.sleep(_POLL)
    if outcome[0] is not None:
        raise outcome[0]


class _Descriptor:
    """An eventfd that is closed when nothing refers to it any more.

    A thread that uses it holds a reference, so its number cannot become that
    of another file, a journal for example, in the middle of a call. Only if
    the host process closes what it knows nothing of, see :meth:`is_lost`.
    """

    def __init__(self) -> None:
        self._close = os.close
        self._getpid = os.getpid
        self._fstat = os.fstat
        self._pid = os.getpid()
        self.number = -1
        self.number = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def is_lost(self) -> bool:
        """Return whether the number is no longer that of an eventfd."""
        try:
            # NOTE: an eventfd has permissions and, unlike a file, no type.
            return self._fstat(self.number).st_mode > 0o7777
        except OSError:
            return True

    def __del__(self) -> None:
        # NOTE: a child that became a daemon may have closed it, and may use
        # its number for something else.
        if (self.number >= 0 and self._getpid() == self._pid and
                not self.is_lost()):
            self._close(self.number)


class Wakeup:
    """Wakes one waiting thread, from any thread or signal handler.

    A wake-up before the wait is kept, and several count as one.
    """

    def __init__(self) -> None:
        self._descriptor: _Descriptor | None = None
        self._open()

    @property
    def is_open(self) -> bool:
        """Return whether it holds a descriptor."""
        return self._descriptor is not None

    def set(self) -> None:
        """Wake the waiting thread, or keep its next wait from waiting."""
        descriptor = self._usable()
        if descriptor is not None:
            try:
                os.eventfd_write(descriptor.number, 1)
            except OSError:
                # NOTE: the counter is full, so it wakes anyway.
                pass

    def wait(self, timeout: float) -> bool:
        """Wait for a wake-up; return whether there was one.

        :param timeout: seconds to wait at most; less if this process is out
            of descriptors
        """
        descriptor = self._usable() or self._open()
        if descriptor is None:
            time.sleep(min(timeout, _POLL))
            return False
        try:
            _wait_readable(descriptor.number, timeout)
        except OSError:
            # NOTE: the limit of descriptors was lowered; the thread lives on.
            time.sleep(min(timeout, _POLL))
            return False
        if descriptor.is_lost():
            return False
        try:
            os.eventfd_read(descriptor.number)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Release the descriptor; later wake-ups do nothing."""
        self._descriptor = None

    def _usable(self) -> _Descriptor | None:
        """Return the descriptor, or a new one if it is lost."""
        descriptor = self._descriptor
        if descriptor is None or not descriptor.is_lost():
            return descriptor
        descriptor.number = -1
        self._descriptor = None
        return self._open()

    def _open(self) -> _Descriptor | None:
        try:
            self._descriptor = _Descriptor()
        except OSError:
            return None
        return self._descriptor


def _wait_readable(number: int, timeout: float) -> None:
    # NOTE: a patched process has no poll(), and a green select().
    if hasattr(select, 'poll'):
        poll = select.poll()
        poll.register(number, select.POLLIN)
        poll.poll(timeout * 1000)
    else:
        select.select([number], [], [], timeout)
