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

"""A Galera cluster of two nodes on loopback."""

import os

import sqlalchemy as sa

from tests import process
from tests.services import servers

_PROVIDER = '/usr/lib/galera/libgalera_smm.so'


class Node(servers.MariaDB):
    """A MariaDB that replicates.

    :param weight: of its vote on which part of a cluster goes on
    :param others: the nodes that it joins; without any it is the first
    """

    def __init__(self, weight, *others):
        self._weight = weight
        self._others = others

    def create(self):
        self.group_port = process.free_port()
        self._transfer_port = process.free_port()
        if not os.path.exists(_PROVIDER):
            raise AssertionError(f'{_PROVIDER}, of galera-4, is not there')
        super().create()
        self._as_user = []
        if os.geteuid() == 0:
            # NOTE: the rsync by which a node gets the files of another gives
            # up the rights of root.
            self._as_user = ['setpriv', '--reuid=mysql', '--regid=mysql',
                             '--init-groups']
            self.run('chown', '-R', 'mysql:', str(self.directory))

    def command(self):
        group = [f'127.0.0.1:{node.group_port}' for node in self._others]
        provider = ';'.join((
            f'base_host=127.0.0.1;base_port={self.group_port}',
            f'gmcast.listen_addr=tcp://127.0.0.1:{self.group_port}',
            f'ist.recv_addr=127.0.0.1:{process.free_port()}',
            f'gcache.size=16M;pc.weight={self._weight}',
            # NOTE: the time after which a node counts as dead, although the
            # machine may be busy.
            'evs.keepalive_period=PT0.3S;evs.suspect_timeout=PT4S',
            'evs.inactive_timeout=PT12S;evs.inactive_check_period=PT0.3S'))
        return [
            *self._as_user, *super().command(), '--binlog-format=ROW',
            '--innodb-autoinc-lock-mode=2', '--wsrep-on=ON',
            f'--wsrep-provider={_PROVIDER}',
            f'--wsrep-provider-options={provider}',
            f'--wsrep-cluster-address=gcomm://{",".join(group)}',
            '--wsrep-sst-method=rsync',
            f'--wsrep-sst-receive-address=127.0.0.1:{self._transfer_port}']

    def connect(self):
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            state = connection.exec_driver_sql(
                "SHOW STATUS LIKE 'wsrep_ready'").one()[1]
        if state != 'ON':
            raise RuntimeError('not yet a member of the cluster')
