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

"""A service that reports: ``reporter CONFIG_FILE COUNT``.

Prints ``reported`` when half of the reports are made, and ``answered``
with the counters when a writer has answered for all.
"""

import json
import sys

from oslo_config import cfg
from oslo_context import context
from oslo_log import log

from cinder_messages.message import api as message_api

PROJECT = 'reporters-project'


def main():
    conf = cfg.CONF
    log.register_options(conf)
    conf(['--config-file', sys.argv[1]], project='reporter')
    log.setup(conf, 'reporter')
    api = message_api.API()
    count = int(sys.argv[2])
    who = context.RequestContext(user_id='reporter')
    for number in range(count):
        api.create(who, '000001', PROJECT, resource_type='VOLUME',
                   resource_uuid=f'volume-{number}')
        if number == count // 2:
            print('reported', flush=True)
            api.flush(0.05)
    answered = api.flush(120)
    counters = api.counters
    print('answered' if answered else 'unanswered', json.dumps({
        'reported': counters.reported, 'stored': counters.stored,
        'duplicates': counters.duplicates, 'rejected': counters.rejected,
        'dropped': counters.dropped}), flush=True)


if __name__ == '__main__':
    main()
