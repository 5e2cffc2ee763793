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

"""The exchange and the queue on RabbitMQ, checked and declared.

oslo.messaging declares them as well. Its errors for a queue that exists with
other options are hard to read, and it does not restore an exchange that was
deleted under a connected consumer; this module does both with a short-lived
connection of its own. It uses the same URL and TLS options.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import random
import re
import ssl
import typing
import uuid

import amqp
from oslo_config import cfg
import oslo_messaging as messaging
from oslo_utils import strutils

from cinder_messages import exception
from cinder_messages import log_escape
from cinder_messages.rpc import contract

_GROUP = 'oslo_messaging_rabbit'

_DEFAULT_PORT = 5672

FANOUT_EXCHANGE = f'{contract.TOPIC}_fanout'

DELETE_COMMAND = 'cinder-messages-manage writer delete-queues'

_INEQUIVALENT = re.compile(
    r"inequivalent arg '(?P<argument>[^']*)' for (?P<kind>\w+) "
    r"'(?P<name>[^']*)' in vhost '(?P<vhost>[^']*)': "
    r"received (?P<received>.*) but current is (?P<current>.*)")


class Topology:
    """The exchange and queues of one virtual host.

    :param conf: with the options of oslo.messaging
    :param url: with the driver options
    :param quorum: True for quorum queues
    :param option: the option that sets ``quorum``, for error messages
    :param timeout: seconds for the connection and for each operation
    """

    def __init__(self, conf: cfg.ConfigOpts, url: messaging.TransportURL,
                 quorum: bool, option: str, timeout: float) -> None:
        self._conf = conf
        self._url = url
        self._quorum = quorum
        self._option = option
        self._timeout = timeout

    def check_emitter(self) -> None:
        """Check that an emitter can publish and receive answers.

        The queue for that ends with the connection; nothing else is changed.

        :raises BusUnavailable: the broker refuses the connection, or no
            writer has declared the exchange
        :raises BusMismatch: the exchange is none that an emitter can use
        """
        with self._connect() as connection:
            if not self._has_exchange(connection):
                raise exception.BusUnavailable(
                    reason=f'the exchange {contract.EXCHANGE} does not exist '
                           f'in the virtual host {self._vhost}; no writer '
                           'has started there')
            with self._translated():
                try:
                    self._declare_exchange(connection)
                except amqp.PreconditionFailed as exc:
                    # NOTE: oslo.messaging can publish to an exchange that a
                    # writer of the first version made.
                    if "'durable'" not in exc.reply_text:
                        raise
                self._consume_answers(connection)

    def check(self) -> None:
        """Check exchange and queue, if they exist; change nothing.

        :raises BusUnavailable: the broker refuses the connection
        :raises BusMismatch: they were declared with other options
        """
        with self._connect() as connection, self._translated():
            if self._has_exchange(connection):
                self._declare_exchange(connection)
                if self._exists(lambda: connection.channel().queue_declare(
                        contract.TOPIC, passive=True)):
                    self._declare_queue(connection, contract.TOPIC)

    def declare(self, host: str) -> int:
        """Declare and bind everything that the writer of ``host`` consumes.

        Existing objects that match stay as they are. A queue that only this
        writer uses is replaced if it does not match.

        :returns: number of consumers of the queue of ``host``
        :raises BusUnavailable: the broker refuses the connection
        :raises BusMismatch: the shared exchange or queue has other options
        """
        own = f'{contract.TOPIC}.{host}'
        with self._connect() as connection, self._translated():
            self._declare_exchange(connection)
            self._declare_queue(connection, contract.TOPIC)
            try:
                consumers = self._declare_queue(connection, own)
            except amqp.PreconditionFailed:
                connection.channel().queue_delete(own)
                consumers = self._declare_queue(connection, own)
            self._remove_different_fanout_exchange(connection)
        return consumers

    def delete(self, host: str) -> None:
        """Delete the exchanges and the queues.

        :param host: the writer whose queue is deleted as well
        :raises BusUnavailable: the broker refuses the connection
        """
        with self._connect() as connection, self._translated():
            for queue in contract.TOPIC, f'{contract.TOPIC}.{host}':
                connection.channel().queue_delete(queue)
            for exchange in contract.EXCHANGE, FANOUT_EXCHANGE:
                connection.channel().exchange_delete(exchange)

    def _has_exchange(self, connection: amqp.Connection) -> bool:
        return self._exists(lambda: connection.channel().exchange_declare(
            contract.EXCHANGE, 'topic', passive=True))

    def _exists(self, declare_passively: Callable[[], typing.Any]) -> bool:
        with self._translated():
            try:
                declare_passively()
            except amqp.NotFound:
                return False
        return True

    def _declare_exchange(self, connection: amqp.Connection) -> None:
        connection.channel().exchange_declare(
            contract.EXCHANGE, 'topic', durable=True, auto_delete=False)

    def _consume_answers(self, connection: amqp.Connection) -> None:
        # NOTE: named as oslo.messaging names them, for the permissions.
        channel = connection.channel()
        queue = f'reply_{uuid.uuid4().hex}'
        channel.queue_declare(queue, exclusive=True)
        channel.basic_consume(queue, no_ack=True)

    def _declare_queue(self, connection: amqp.Connection, name: str) -> int:
        channel = connection.channel()
        declared = channel.queue_declare(
            name, durable=True, auto_delete=False, arguments={
                'x-queue-type': 'quorum'} if self._quorum else {})
        channel.queue_bind(name, contract.EXCHANGE, name)
        return declared.consumer_count

    def _remove_different_fanout_exchange(
            self, connection: amqp.Connection) -> None:
        # NOTE: oslo.messaging requires it of every server, and nothing of
        # ours is published to it.
        if self._exists(lambda: connection.channel().exchange_declare(
                FANOUT_EXCHANGE, 'fanout', passive=True)):
            try:
                connection.channel().exchange_declare(
                    FANOUT_EXCHANGE, 'fanout', durable=self._quorum,
                    auto_delete=True)
            except amqp.PreconditionFailed:
                connection.channel().exchange_delete(FANOUT_EXCHANGE)

    @contextlib.contextmanager
    def _connect(self) -> Iterator[amqp.Connection]:
        """Connect to the first host that accepts the connection."""
        hosts = list(self._url.hosts) or [
            messaging.TransportHost('localhost', username='guest',
                                    password='guest')]  # nosec B106
        random.shuffle(hosts)
        error: Exception = AssertionError('no host')
        for host in hosts:
            connection = self._make_connection(host)
            try:
                connection.connect()
            except Exception as exc:
                connection.collect()
                error = exc
                continue
            try:
                yield connection
            finally:
                _close(connection)
            return
        raise self._unavailable(error) from error

    def _make_connection(self, host: messaging.TransportHost
                         ) -> amqp.Connection:
        name = host.hostname or 'localhost'
        if ':' in name:
            name = f'[{name}]'
        return amqp.Connection(
            host=f'{name}:{host.port or _DEFAULT_PORT}',
            userid=host.username or '', password=host.password or '',
            virtual_host=self._vhost,
            login_method=self._option_value('rabbit_login_method'),
            ssl=self._tls_parameters(), connect_timeout=self._timeout,
            read_timeout=self._timeout, write_timeout=self._timeout,
            # NOTE: a reply that says why a login is refused.
            client_properties={
                'capabilities': {'authentication_failure_close': True},
                'connection_name': 'cinder-messages check'})

    def _tls_parameters(self) -> dict[str, typing.Any] | bool:
        """Return what oslo.messaging passes for the same options."""
        if not strutils.bool_from_string(self._option_value('ssl')):
            return False
        names = {'ssl_key_file': 'keyfile', 'ssl_cert_file': 'certfile',
                 'ssl_ca_file': 'ca_certs'}
        parameters: dict[str, typing.Any] = {
            names[name]: value for name in names
            if (value := self._option_value(name))}
        if 'ca_certs' in parameters:
            parameters['cert_reqs'] = ssl.CERT_REQUIRED
            if len(self._url.hosts) == 1:
                parameters['server_hostname'] = self._url.hosts[0].hostname
        return parameters or True

    def _option_value(self, name: str) -> typing.Any:
        value = self._url.query.get(name)
        return self._conf[_GROUP][name] if value is None else value

    @property
    def _vhost(self) -> str:
        return self._url.virtual_host or '/'

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except amqp.PreconditionFailed as exc:
            raise self._mismatch(exc) from exc
        except (amqp.AMQPError, OSError) as exc:
            if isinstance(exc, amqp.NotFound):
                raise
            raise self._unavailable(exc) from exc

    def _unavailable(self, error: Exception) -> exception.BusUnavailable:
        # NOTE: neither has the URL in it, which holds a password.
        text = getattr(error, 'reply_text', '') or getattr(
            error, 'strerror', '') or ''
        return exception.BusUnavailable(
            reason=f'{type(error).__name__} {log_escape.escape(text)}'.strip()
                   + f' (virtual host {self._vhost})')

    def _mismatch(self, error: amqp.PreconditionFailed
                  ) -> exception.BusMismatch:
        found = _INEQUIVALENT.search(error.reply_text or '')
        if found is None:
            return exception.BusMismatch(
                reason=log_escape.escape(error.reply_text))
        return exception.BusMismatch(reason=(
            f'the {found["kind"]} {found["name"]} in the virtual host '
            f'{found["vhost"]} has {found["argument"]} = '
            f'{_value(found["current"])}, but this process, with '
            f'{self._option} = {str(self._quorum).lower()}, requires '
            f'{_value(found["received"])}. Set the option alike for all '
            f'writers, or stop them all and run {DELETE_COMMAND}; no report '
            'is lost'))


def _close(connection: amqp.Connection) -> None:
    try:
        connection.close()
    except Exception:
        connection.collect()


def _value(text: str) -> str:
    """Return a value out of RabbitMQ's ``the value 'x' of type 'y'``."""
    if text == 'none':
        # NOTE: the only argument that a queue of ours has or lacks.
        return 'classic'
    found = re.search("'([^']*)'", text)
    return found[1] if found else log_escape.escape(text)
