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


"""A service that makes reporting hard: ``host KIND DIRECTORY``.

Its writer is a file of the directory, ``stored``, with the id and the resource
of each report that was sent, a line each. Each kind prints ``reported N`` when
it has reported N in all.
"""

import os
import sys

if __name__ == '__main__' and sys.argv[1].startswith('eventlet'):
    import eventlet
    eventlet.monkey_patch()

import collections  # noqa: E402
import contextlib  # noqa: E402
import itertools  # noqa: E402
import pathlib  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

from oslo_config import cfg  # noqa: E402
from oslo_context import context  # noqa: E402

from cinder_messages.conf import emitter as emitter_conf  # noqa: E402
from cinder_messages.emit import emitter  # noqa: E402
from cinder_messages.message import api as message_api  # noqa: E402

PROJECT = 'project'
PATIENCE = 60


class FileWriter:
    """A client whose writer stores in a file.

    :param directory: holds ``stored`` and, while the writer is to answer
        nobody, ``away``; ``connected`` has a line for each connection
    """

    def __init__(self, directory):
        self._directory = directory
        append(directory / 'connected', [str(os.getpid())])

    def create_messages(self, reports):
        if (self._directory / 'away').exists():
            raise OSError('away')
        # NOTE: a green thread yields here, a native one lets others run.
        time.sleep(0.001)
        append(self._directory / 'stored', [
            f'{report["id"]} {report["resource_uuid"]}'
            for report in reports])
        return {'stored': len(reports), 'duplicates': 0, 'suppressed': 0,
                'rejected': []}

    def close(self):
        pass


def append(path, lines):
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, ''.join(line + '\n' for line in lines).encode())
    os.close(descriptor)


def configure(directory, conf=cfg.CONF):
    emitter.Emitter._connect = lambda self: FileWriter(directory)
    conf([], project='host', default_config_files=[], default_config_dirs=[])
    emitter_conf.register_opts(conf)
    for name, value in (('spool_dir', str(directory / 'spool')),
                        ('transport_url', 'fake:///'),
                        ('exit_timeout', PATIENCE)):
        conf.set_override(name, value, emitter_conf.GROUP)


def report(name, numbers):
    api = message_api.API()
    who = context.RequestContext(overwrite=False)
    for number in numbers:
        api.create(who, '000001', PROJECT, resource_type='VOLUME',
                   resource_uuid=f'{name}-{number}')
    return api


def wait_for_child(pid):
    """Return whether a child ends in time; a child that hangs is killed."""
    deadline = time.monotonic() + PATIENCE
    while not os.waitpid(pid, os.WNOHANG)[0]:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        time.sleep(0.0005)
    return True


def fork(children=500):
    """Fork while four threads report and make API objects."""
    directory = pathlib.Path(cfg.CONF.cinder_messages.spool_dir).parent
    ending = threading.Event()
    counts = collections.Counter()
    made = collections.Counter()

    def busy(name):
        while not ending.is_set():
            report(name, [counts[name]])
            counts[name] += 1
            if not counts[name] % 200:
                # NOTE: another service in the process makes its emitter, too.
                conf = cfg.ConfigOpts()
                configure(directory, conf)
                message_api.API(conf)
                emitter.forget(conf)
                made[name] += 1

    threads = [threading.Thread(target=busy, args=(f'thread{number}',))
               for number in range(4)]
    for thread in threads:
        thread.start()
    hung = 0
    for number in range(children):
        pid = os.fork()
        if not pid:
            report(f'child{number}', [0])
            os._exit(0)
        hung += not wait_for_child(pid)
    ending.set()
    for thread in threads:
        thread.join()
    print('hung', hung, flush=True)
    print('made', sum(made.values()), 'emitters', flush=True)
    wait_for_empty()
    return sum(counts.values()) + children


def making():
    """Fork while a thread makes the first API object."""
    hung = 0
    for number in range(20):
        conf = cfg.ConfigOpts()
        conf([], project='host', default_config_files=[],
             default_config_dirs=[])
        threading.Thread(target=message_api.API, args=(conf,)).start()
        pid = os.fork()
        if not pid:
            report(f'child{number}', range(5))
            os._exit(0)
        hung += not wait_for_child(pid)
        emitter.forget(conf)
    print('hung', hung, flush=True)
    wait_for_empty()
    return 100


def children():
    """Children report and end; the parent reports nothing."""
    message_api.API()
    pids = []
    for number in range(100):
        pid = os.fork()
        if not pid:
            report(f'child{number}', range(20))
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    wait_for_empty()
    return 2000


def exiting():
    """Children report once and end as programs do; the parent lives."""
    message_api.API()
    for number in range(20):
        pid = os.fork()
        if not pid:
            report(f'child{number}', [0])
            sys.exit()
        os.waitpid(pid, 0)
    wait_for_empty()
    return 20


def living():
    """A child lives on, and sends for itself."""
    message_api.API()
    pid = os.fork()
    if not pid:
        done = report('child', range(2000)).flush(PATIENCE)
        os._exit(not done)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise SystemExit('the child has not sent its reports')
    return 2000


def signals():
    """A signal handler reports in the middle of reports."""
    seen = []

    names = itertools.count()

    def handle(signum, frame):
        # NOTE: a handler can interrupt a handler, so they have no order.
        report(f'signal{next(names)}', [0])
        seen.append(1)

    report('main', [0])
    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0005)
    number = 1
    while len(seen) < 500 or number < 2000:
        report('main', [number])
        number += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    message_api.API().flush(PATIENCE)
    return number + len(seen)


def eventlet_green():
    """Green threads report."""
    message_api.API()
    _run_all(threading.Thread, 4, 500)
    return 2000


def eventlet_tpool():
    """Native threads of eventlet's pool report, and nothing else does."""
    from eventlet import tpool
    pool = [eventlet.spawn(tpool.execute, report, f'tpool{number}',
                           range(500)) for number in range(4)]
    for each in pool:
        each.wait()
    message_api.API().flush(PATIENCE)
    return 2000


def eventlet_mixed():
    """Green, pooled and other native threads report together."""
    from eventlet import patcher
    from eventlet import tpool
    message_api.API()
    ended = []
    original = patcher.original('_thread')

    def native(number):
        report(f'native{number}', range(500))
        ended.append(number)

    for number in range(2):
        original.start_new_thread(native, (number,))
    pool = [eventlet.spawn(tpool.execute, report, f'tpool{number}',
                           range(500)) for number in range(4)]
    _run_all(threading.Thread, 4, 500)
    for each in pool:
        each.wait()
    while len(ended) < 2:
        time.sleep(0.01)
    message_api.API().flush(PATIENCE)
    return 5000


def _run_all(make, count, reports):
    ticks = []
    ending = threading.Event()

    def tick():
        while not ending.wait(0.01):
            ticks.append(1)

    ticker = make(target=tick)
    ticker.start()
    threads = [make(target=report, args=(f'thread{number}', range(reports)))
               for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    message_api.API().flush(PATIENCE)
    ending.set()
    ticker.join()
    print('ticks', len(ticks), flush=True)


def waiting(number):
    """Report while the writer is away, and wait to be killed."""
    report(f'killed{number}', range(2000))
    print('reported 2000', flush=True)
    signal.pause()


@contextlib.contextmanager
def exhausted():
    """Hold all descriptors that the process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def descriptors():
    """Report without descriptors, then with them, and wait to be killed."""
    message_api.API()
    # NOTE: it is to be too late for the journal's file, not for its modules.
    report('warm', [0]).flush(PATIENCE)
    (pathlib.Path(cfg.CONF.cinder_messages.spool_dir).parent / 'away').touch()
    emitter.forget(cfg.CONF)
    message_api.API()
    with exhausted():
        report('killed', range(300))
        waiting = emitter.for_process(cfg.CONF).waiting
    spool = pathlib.Path(cfg.CONF.cinder_messages.spool_dir)
    print('on disk', len(list(spool.glob('*.journal'))), 'waiting', waiting,
          flush=True)
    report('killed', range(300, 2300))
    print('reported 2301', flush=True)
    signal.pause()


class Own:
    """Files of the host process, opened after it has closed all others."""

    def __init__(self, directory):
        os.closerange(3, 1000)
        self._files = [open(directory / f'own-{number}', 'w+')
                       for number in range(100)]

    def check(self):
        """Fail if anybody else has written to one, or has closed one."""
        for file in self._files:
            file.seek(0)
            assert file.read() == '', 'somebody has written to a file'
            file.write('own')
            file.flush()
            file.seek(0)
            assert file.read() == 'own', file.name
            file.seek(0)
            file.truncate()


def closing():
    """Report, close all descriptors, open files, and report again."""
    directory = pathlib.Path(cfg.CONF.cinder_messages.spool_dir).parent
    # NOTE: so that no descriptor of the writer is closed.
    (directory / 'away').touch()
    report('host', range(1000))
    own = Own(directory)
    report('host', range(1000, 2000))
    own.check()
    (directory / 'away').unlink()
    report('host', range(2000, 3000))
    wait_for_empty()
    own.check()
    return 3000


def daemon():
    """Report, and so does a child that closes what it has inherited."""
    directory = pathlib.Path(cfg.CONF.cinder_messages.spool_dir).parent
    (directory / 'away').touch()
    report('host', range(1000))
    child = os.fork()
    if not child:
        own = Own(directory)
        report('daemon', range(1000))
        own.check()
        (directory / 'away').unlink()
        assert report('daemon', range(1000, 2000)).flush(PATIENCE)
        own.check()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    wait_for_empty()
    return 3000


def sharing(number, count, limit):
    """Report at the same time as others of the directory, and live on."""
    cfg.CONF.set_override('spool_max_messages', limit, emitter_conf.GROUP)
    begin = pathlib.Path(cfg.CONF.cinder_messages.spool_dir).parent / 'begin'
    print('ready', flush=True)
    while not begin.exists():
        time.sleep(0.001)
    counters = report(f'sharing{number}', range(count)).counters
    print('kept', counters.reported, 'dropped', counters.dropped, flush=True)
    print('reported', count, flush=True)
    signal.pause()


def heir():
    """Report nothing, and take over what others have left."""
    message_api.API()
    wait_for_empty()
    return 0


def wait_for_empty():
    """Wait until the directory holds no journal of a dead process."""
    deadline = time.monotonic() + PATIENCE
    spool = pathlib.Path(cfg.CONF.cinder_messages.spool_dir)
    message_api.API().flush(PATIENCE)
    while time.monotonic() < deadline:
        if not spool.exists() or not list(spool.glob('*.journal')):
            return
        time.sleep(0.05)


KINDS = {
    'fork': fork, 'making': making, 'children': children,
    'exiting': exiting, 'living': living, 'signals': signals,
    'eventlet-green': eventlet_green, 'eventlet-tpool': eventlet_tpool,
    'eventlet-mixed': eventlet_mixed, 'waiting': waiting, 'heir': heir,
    'descriptors': descriptors, 'sharing': sharing, 'closing': closing,
    'daemon': daemon,
}


def main(kind, directory, *numbers):
    configure(pathlib.Path(directory))
    count = KINDS[kind](*map(int, numbers))
    print('reported', count, flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
