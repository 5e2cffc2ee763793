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

"""A service that reports, with what it has done so far in a file.

Prints ``began`` after the first report, ``reported`` when half of them are
made, ``made`` when all are, and ``answered`` with the counters when a writer
has answered for all. SIGHUP has it read its file again.
"""

import argparse
import json
import os
import signal
import time

from oslo_config import cfg
from oslo_context import context
from oslo_log import log

from cinder_messages.message import api as message_api

PROJECT = 'reporters-project'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config_file', help='of the reporting service')
    parser.add_argument('count', type=int, help='reports to make')
    parser.add_argument('--name', default='volume',
                        help='what the resources are called')
    parser.add_argument('--pace', type=float, default=0,
                        help='seconds between two reports')
    parser.add_argument('--at', type=float, default=0,
                        help='the moment to begin, by time.monotonic()')
    parser.add_argument('--progress', default=os.devnull,
                        help='holds the number of reports made so far')
    parser.add_argument('--while-there', default=os.devnull,
                        help='a file; once it has gone, no more reports')
    parser.add_argument('--resume', default=os.devnull,
                        help='a file; before it is there, only half of the '
                        'reports are made')
    parser.add_argument('--linger', type=float, default=0,
                        help='seconds to stay after the answers')
    parser.add_argument('--timeout', type=float, default=120,
                        help='seconds to wait for the answers '
                        '(default: %(default)s)')
    args = parser.parse_args()
    conf = cfg.CONF
    log.register_options(conf)
    conf(['--config-file', args.config_file], project='reporter')
    log.setup(conf, 'reporter')
    signal.signal(signal.SIGHUP,
                  lambda number, frame: conf.reload_config_files())
    report(message_api.API(), args)


def report(api, args):
    who = context.RequestContext(user_id='reporter')
    progress = os.open(args.progress, os.O_WRONLY | os.O_CREAT, 0o600)
    time.sleep(max(0, args.at - time.monotonic()))
    began = time.monotonic()
    for number in range(args.count):
        api.create(who, '000001', PROJECT, resource_type='VOLUME',
                   resource_uuid=f'{args.name}-{number}')
        os.pwrite(progress, b'%d' % (number + 1), 0)
        if not number:
            print('began', flush=True)
        if not os.path.exists(args.while_there):
            break
        if number == args.count // 2:
            print('reported', flush=True)
            while not os.path.exists(args.resume):
                time.sleep(0.05)
        if args.pace:
            time.sleep(args.pace)
    print('made', flush=True)
    answered = api.flush(args.timeout)
    ended = time.monotonic()
    counters = api.counters
    print('answered' if answered else 'unanswered', json.dumps({
        'reported': counters.reported, 'stored': counters.stored,
        'duplicates': counters.duplicates,
        'suppressed': counters.suppressed, 'rejected': counters.rejected,
        'dropped': counters.dropped,
        'began': began, 'ended': ended}), flush=True)
    time.sleep(args.linger)


if __name__ == '__main__':
    main()
