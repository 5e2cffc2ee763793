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
long as the command runs.
"""

import os
import subprocess
import sys

import fixtures
import kombu
import sqlalchemy as sa

from tests.services import servers

# Variable, where the service is by default, and what stands in for it.
SERVICES = (
    ('CINDER_MESSAGES_TEST_MYSQL_URL',
     'mysql+pymysql://root@127.0.0.1:3306/test', servers.MariaDB),
    ('CINDER_MESSAGES_TEST_POSTGRESQL_URL',
     'postgresql+psycopg://root@127.0.0.1:5432/test', servers.PostgreSQL),
    ('CINDER_MESSAGES_TEST_TRANSPORT_URL',
     'rabbit://guest:guest@127.0.0.1:5672/', servers.RabbitMQ),
)


def answers(url):
    """Whether a service is there and lets us in."""
    try:
        if url.startswith('rabbit'):
            with kombu.Connection(url.replace('rabbit', 'amqp', 1),
                                  connect_timeout=5) as connection:
                connection.connect()
        else:
            engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
            engine.connect().close()
    except Exception as error:
        print(f'{url}: {error}'.splitlines()[0], file=sys.stderr)
        return False
    return True


def provide(stack):
    """The URL of each service that the environment does not name."""
    found = {}
    for variable, url, server in SERVICES:
        if os.environ.get(variable):
            continue
        if not answers(url):
            print(f'Starting a {server.__name__} for the tests.',
                  file=sys.stderr)
            url = stack.useFixture(server()).url
        found[variable] = url
    return found


def main(command):
    with fixtures.Fixture() as stack:
        return subprocess.call(command, env={**os.environ, **provide(stack)})


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
