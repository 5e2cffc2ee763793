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

"""Run a command with the services it needs: ``standby COMMAND [ARG ...]``.

What the environment names is used as it is. Of the others, what answers on
loopback with its default account is used, and what does not is started for as
long as the command runs. ``--own-broker`` starts a RabbitMQ even if one
answers, for tests that run beside others.
"""

import argparse
import os
import subprocess
import sys

import fixtures
import kombu

from tests import database
from tests.services import servers

MYSQL = database.VARIABLES['mysql']
BROKER = 'CINDER_MESSAGES_TEST_TRANSPORT_URL'
# Variable, default URL, and the server to start if nothing answers there.
SERVICES = (
    *((variable, database.DEFAULT_URLS[backend], servers.DATABASES[backend])
      for backend, variable in database.VARIABLES.items()),
    (BROKER, 'rabbit://guest:guest@127.0.0.1:5672/', servers.RabbitMQ),
)


def answers(url):
    """Return whether a service accepts a connection with its account."""
    if not url.startswith('rabbit'):
        return database.answers(url)
    try:
        with kombu.Connection(url.replace('rabbit', 'amqp', 1),
                              connect_timeout=5) as connection:
            connection.connect()
    except Exception as error:
        print(f'{url}: {error}'.splitlines()[0], file=sys.stderr)
        return False
    return True


def provide(stack, own_broker=False):
    """Return the URL of each service that the environment does not name.

    :param own_broker: start a RabbitMQ, whatever answers or is named
    """
    found = {}
    for variable, url, server in SERVICES:
        own = own_broker and variable == BROKER
        if os.environ.get(variable) and not own:
            continue
        if own or not answers(url):
            print(f'Starting a {server.__name__} for the tests.',
                  file=sys.stderr)
            url = stack.useFixture(server()).url
        found[variable] = url
    return found


def main(args):
    parser = argparse.ArgumentParser(
        description='Run a command with the URL of each service in its '
                    'environment.')
    parser.add_argument('--mysql-driver', default='pymysql',
                        help='in the URL of MariaDB; default: %(default)s')
    parser.add_argument('--own-broker', action='store_true',
                        help='start a RabbitMQ for this command alone')
    parser.add_argument('command', nargs=argparse.REMAINDER)
    options = parser.parse_args(args)
    with fixtures.Fixture() as stack:
        environment = {**os.environ, **provide(stack, options.own_broker)}
        environment[MYSQL] = environment[MYSQL].replace(
            'pymysql', options.mysql_driver, 1)
        return subprocess.call(options.command, env=environment)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
