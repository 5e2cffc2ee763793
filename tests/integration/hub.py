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

"""Asks a database for a pause, under eventlet: ``hub URL STATEMENT``.

Prints how often another green thread got its turn meanwhile.
"""

import eventlet

if __name__ == '__main__':
    eventlet.monkey_patch()

import sys  # noqa: E402

from oslo_config import cfg  # noqa: E402

from cinder_messages.conf import opts  # noqa: E402
from cinder_messages.integration import filter as paste_filter  # noqa: E402
from cinder_messages.storage import engine  # noqa: E402


def main(url, statement):
    paste_filter.configure_psycopg_for_eventlet()
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override('connection', url, 'database')
    turns = []

    def take_turns():
        while True:
            turns.append(1)
            eventlet.sleep(0.01)

    with engine.make_engine(
            conf).connect() as connection:
        eventlet.spawn(take_turns)
        connection.exec_driver_sql(statement)
    print(len(turns))


if __name__ == '__main__':
    main(*sys.argv[1:])
