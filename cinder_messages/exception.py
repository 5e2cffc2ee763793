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

"""The exceptions of this package.

``api/errors.py`` maps them to HTTP statuses and ``cmd/`` to exit codes. Texts
that users of the API may read are marked for translation; texts for operators
and developers are not.
"""

from cinder_messages import i18n
from cinder_messages.i18n import N_


class Error(Exception):
    """The base of all our exceptions.

    :param message: the whole text; without it ``msg_fmt`` is filled from
        the keywords, which stay readable as ``kwargs``
    :ivar text: the same for :meth:`~cinder_messages.i18n.Text.translate`
    """

    msg_fmt = 'An unknown error occurred.'

    def __init__(self, message: str | None = None, **kwargs: object) -> None:
        self.kwargs = kwargs
        self.text = (i18n.Text(message) if message
                     else i18n.Text(self.msg_fmt, **kwargs))
        super().__init__(str(self.text))


class InvalidMessage(Error, ValueError):
    """A message is not permitted; the text says what is."""

    msg_fmt = '%(reason)s'


class EventNotPermitted(InvalidMessage):
    """An event id is not in the catalog."""

    msg_fmt = ('Event %(event_id)r is not permitted. Permitted are: '
               '%(permitted)s')


class EventPartNotPermitted(EventNotPermitted):
    """A part of an event id is not in the catalog.

    :param kind: ``Action``, ``Detail`` or ``Resource type``
    """

    msg_fmt = '%(kind)s %(id)r is not permitted. Permitted are: %(permitted)s'


class MessageNotFound(Error):
    """The message does not exist, or the caller may not read it."""

    msg_fmt = N_('Message %(message_id)s could not be found.')


class MarkerNotFound(Error):
    """The marker of a list is not a message of the list."""

    msg_fmt = N_('Marker %(marker)s could not be found.')


class InvalidParameter(Error):
    """A request parameter is invalid."""

    msg_fmt = N_('Invalid input received: %(reason)s')


class NotAuthorized(Error):
    """Policy does not permit the request."""

    msg_fmt = N_('Policy does not allow %(action)s to be performed.')


class PolicyUnavailable(Error):
    """A rule cannot be checked, for example because a server is down."""

    msg_fmt = 'The rule %(rule)s cannot be checked: %(reason)s'


class DatabaseUnavailable(Error):
    """The database is unreachable or refuses the statement for now."""

    msg_fmt = 'The database cannot be reached: %(reason)s'


class DatabaseNotMigrated(Error):
    """The schema of the database is older than this code requires."""

    msg_fmt = ('The database is at revision %(actual)s, but %(expected)s is '
               'needed. Run: cinder-messages-manage db sync')


class DatabaseTooNew(Error):
    """The database was migrated by a newer version of this code."""

    msg_fmt = ('The database is at revision %(actual)s, which this version '
               'does not know; it needs %(expected)s. Upgrade '
               'cinder_messages on this host.')


class DatabaseIncomplete(Error):
    """The database has the revision of this code, but lacks its table."""

    msg_fmt = ('The database says that it is at revision %(actual)s, but has '
               'no table %(table)s. Restore it from a backup; or, to begin '
               'with an empty one, DROP TABLE %(version_table)s and run: '
               'cinder-messages-manage db sync')


class InvalidConfiguration(Error):
    """An option or a combination of options is invalid."""

    msg_fmt = '%(reason)s'


class BusUnavailable(Error):
    """The message bus cannot be used now; a later attempt may succeed."""

    msg_fmt = 'The message bus cannot be used: %(reason)s'


class BusMismatch(BusUnavailable):
    """The exchange or the queue was declared with other options."""

    msg_fmt = 'The message bus cannot be used as configured: %(reason)s'
