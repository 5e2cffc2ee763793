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

"""A host service that makes reporting hard: ``host KIND CONFIG_FILE``.

Each reports 1,000 messages and says so; whether they are stored is for the
test to see.
"""

import sys

if __name__ == '__main__' and sys.argv[1] == 'eventlet':
    import eventlet
    eventlet.monkey_patch()

import os  # noqa: E402
import threading  # noqa: E402

from oslo_config import cfg  # noqa: E402
from oslo_context import context  # noqa: E402
from oslo_log import log  # noqa: E402

from cinder_messages.message import api as message_api  # noqa: E402

PROJECT = 'reporters-project'
COUNT = 1000


def report(name, count):
    api = message_api.API()
    for number in range(count):
        api.create(context.RequestContext(), '000001', PROJECT,
                   resource_type='VOLUME', resource_uuid=f'{name}-{number}')


def fork():
    """Children are made after the first reports, and report, too.

    What the sender's thread imports meanwhile a child would have by half.
    """
    message_api.API()
    imported = set(sys.modules)
    report('before', 200)
    children = []
    for number in range(3):
        pid = os.fork()
        if not pid:
            report(f'child{number}', 200)
            # NOTE: as sys.exit() would; the parent's story is not to be run.
            message_api.API().flush(60)
            os._exit(0)
        children.append(pid)
    report('after', 200)
    message_api.API().flush(60)
    print('late', sorted(set(sys.modules) - imported), flush=True)
    for pid in children:
        os.waitpid(pid, 0)


def green():
    """Threads are green, and the hub must not be held up."""
    ticks = []
    done = threading.Event()

    def tick():
        while not done.wait(0.01):
            ticks.append(1)

    threads = [threading.Thread(target=report, args=(f'green{number}', 250))
               for number in range(4)]
    ticker = threading.Thread(target=tick)
    for thread in (ticker, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    message_api.API().flush(60)
    done.set()
    ticker.join()
    print('ticks', len(ticks), flush=True)


def ending():
    """The interpreter ends right after the last report."""
    report('last', COUNT)


def reloading():
    """Configuration is read again between two reports, as on SIGHUP."""
    report('before', 500)
    cfg.CONF.reload_config_files()
    cfg.CONF.mutate_config_files()
    report('after', 500)


def main(kind, config_file):
    log.register_options(cfg.CONF)
    cfg.CONF(['--config-file', config_file], project='host')
    log.setup(cfg.CONF, 'host')
    {'fork': fork, 'eventlet': green, 'exit': ending,
     'reload': reloading}[kind]()
    print('reported', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
