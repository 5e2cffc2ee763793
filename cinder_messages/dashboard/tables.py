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

"""The tables of messages, one row for each entry."""

import dataclasses
import datetime
import typing
from urllib import parse as urlparse

from django.template import defaultfilters
from django import urls
from django.utils import formats
from django.utils import html
from django.utils import safestring
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.utils.translation import ngettext_lazy
from horizon import tables

from cinder_messages.client import message as client_message
from cinder_messages.client import service as client_service
from cinder_messages.dashboard import api
from cinder_messages.dashboard import paging

_LEVELS = {'ERROR': ('danger', _('Error')),
           'WARNING': ('warning', _('Warning')),
           'INFO': ('info', _('Information'))}
_RETRY = {
    'now': _('You can try again at once.'),
    'later': _('You can try again later.'),
    'after_change': _('Try again only after a change of the request, the '
                      'quota or the resource.'),
    'never': _('Trying again does not help.'),
}
_TYPES = {
    'VOLUME': (_('Volume'), 'volumes'),
    'VOLUME_SNAPSHOT': (_('Snapshot'), 'snapshots'),
    'VOLUME_BACKUP': (_('Backup'), 'backups'),
    'VOLUME_GROUP': (_('Group'), 'volume_groups'),
    'VOLUME_GROUP_SNAPSHOT': (_('Group Snapshot'), 'vg_snapshots'),
}
# Ids of a folded entry are one id of a row.
_SEPARATOR = ','


def render_time(entry: client_message.Entry) -> str:
    """Return when it happened, in the user's zone, with age and count."""
    moment = entry.newest.created_at
    if moment is None:
        return '-'
    text = _local_time(moment)
    age = _('%s ago') % defaultfilters.timesince(
        moment.replace(tzinfo=datetime.UTC))
    if entry.count == 1 or entry.first_at is None:
        return html.format_html('{}<br><small>{}</small>', text, age)
    times = ngettext('%(count)s time', '%(count)s times', entry.count) % {
        'count': entry.count}
    first = _('first %s') % _local_time(entry.first_at)
    return html.format_html(
        '{}<br><small>{}</small><br><small><strong>{}</strong>, {}</small>',
        text, age, times, first)


def _local_time(moment: datetime.datetime) -> str:
    return formats.date_format(
        timezone.localtime(moment.replace(tzinfo=datetime.UTC)),
        'SHORT_DATETIME_FORMAT')


def render_remedy(entry: client_message.Entry) -> str:
    """Return what to do, and whether to try again."""
    message = entry.newest
    lines = [text for text in (message.remedy, _RETRY.get(message.retry))
             if text]
    return html.format_html_join(
        safestring.mark_safe('<br>'), '{}',  # nosec B308
        ((line,) for line in lines)) or '-'


def render_level(entry: client_message.Entry) -> str:
    """Return the level as a coloured label."""
    level = entry.newest.get('message_level')
    style, text = _LEVELS.get(level, ('default', level))
    return html.format_html(
        '<span class="label label-{}">{}</span>', style, text)


def render_request_id(entry: client_message.Entry) -> str:
    """Return the request id; one click selects it to be copied."""
    request_id = entry.newest.get('request_id')
    return html.format_html(
        '<code class="request-id" style="user-select: all; '
        'word-break: break-all">{}</code>',
        request_id) if request_id else '-'


def render_id(entry: client_message.Entry, name: str) -> str:
    """Return a long field, which may be broken anywhere."""
    value = entry.newest.get(name)
    return html.format_html(
        '<small style="word-break: break-all">{}</small>',
        value) if value else '-'


def render_resource(entry: client_message.Entry, dashboard: str) -> str:
    """Return a resource, as a link to its page if Horizon has one.

    :param dashboard: ``project`` or ``admin``
    """
    type_ = entry.newest.get('resource_type')
    resource_id = entry.newest.get('resource_uuid')
    name, panel = _TYPES.get(type_, (type_, None))
    if not resource_id:
        return html.format_html('{}', name or '-')
    try:
        url = urls.reverse(f'horizon:{dashboard}:{panel}:detail',
                           args=[resource_id]) if panel else None
    except urls.NoReverseMatch:
        url = None
    identity = html.format_html(
        '<a href="{}">{}</a>', url, resource_id) if url else resource_id
    return html.format_html('{}<br><small>{}</small>', name, identity)


class DeleteMessages(tables.DeleteAction):
    """Deletes all messages of the selected entries."""

    policy_rules = (('cinder_messages', 'message:delete'),)

    @staticmethod
    def action_present(count: int) -> str:
        """Return the label of the button."""
        return ngettext_lazy('Delete Message', 'Delete Messages', count)

    @staticmethod
    def action_past(count: int) -> str:
        """Return what is said when it is done."""
        return ngettext_lazy('Deleted Message', 'Deleted Messages', count)

    def delete(self, request: typing.Any, obj_id: str) -> None:
        """Delete each message of an entry; one that is gone is no error."""
        service = api.get_service(request)
        for message_id in obj_id.split(_SEPARATOR):
            with api.horizon_errors():
                try:
                    service.delete(message_id)
                except client_service.ServiceError as error:
                    if error.status != 404:
                        raise


class MessagesTable(tables.DataTable):
    """Messages of a project."""

    time = tables.Column(render_time, verbose_name=_('Time'))
    what = tables.Column(lambda entry: entry.newest.what,
                         verbose_name=_('What Failed'), empty_value='-')
    why = tables.Column(lambda entry: entry.newest.why,
                        verbose_name=_('Why'), empty_value='-')
    remedy = tables.Column(render_remedy, verbose_name=_('What To Do'))
    level = tables.Column(render_level, verbose_name=_('Level'))
    resource = tables.Column(
        lambda entry: render_resource(entry, 'project'),
        verbose_name=_('Resource'))
    request_id = tables.Column(render_request_id,
                               verbose_name=_('Request ID'))

    # Set by the view.
    page: paging.Page = paging.Page()
    filters: typing.Mapping[str, str] = {}

    class Meta:
        name = 'messages'
        verbose_name = _('Messages')
        table_actions = (DeleteMessages,)
        row_actions = (DeleteMessages,)
        pagination_param = 'after'
        prev_pagination_param = 'before'

    def get_object_id(self, datum: client_message.Entry) -> str:
        """Return the ids of all messages of an entry."""
        return _SEPARATOR.join(datum.ids)

    def get_object_by_id(self, lookup: str) -> client_message.Entry:
        """Return the entry that a row of the sent page stood for.

        NOTE: the same failure can have happened again since, so that the
        entry of the current data has further ids. Only those that the user
        saw are acted upon.
        """
        ids = tuple(lookup.split(_SEPARATOR))
        for entry in self.data:
            if set(entry.ids) & set(ids):
                return dataclasses.replace(entry, ids=ids)
        return client_message.fold([client_message.parse({'id': ids[0]})])[0]

    def get_object_display(self, datum: client_message.Entry) -> str:
        """Return the name of an entry in questions and answers."""
        return datum.newest.what or datum.newest.why

    def get_empty_message(self) -> str:
        """Return why there is nothing, for people."""
        if self.filters:
            return _('No message matches the filter.')
        return _('Nothing has failed, or its messages have expired or were '
                 'deleted. If a volume, a snapshot, a backup or a group '
                 'fails, the reason appears here.')

    def get_pagination_string(self) -> str:
        """Return the query of the next page, which keeps the filter."""
        return self._query('after', self.page.last)

    def get_prev_pagination_string(self) -> str:
        """Return the query of the page before, which keeps the filter."""
        return self._query('before', self.page.first)

    def _query(self, name: str, marker: str | None) -> str:
        return urlparse.urlencode({**self.filters, name: marker or ''})


class AdminMessagesTable(MessagesTable):
    """Messages of all projects."""

    resource = tables.Column(
        lambda entry: render_resource(entry, 'admin'),
        verbose_name=_('Resource'))
    project = tables.Column(lambda entry: render_id(entry, 'project_id'),
                            verbose_name=_('Project'))
    host = tables.Column(lambda entry: render_id(entry, 'host'),
                         verbose_name=_('Host'))

    class Meta(MessagesTable.Meta):
        columns = ('time', 'what', 'why', 'remedy', 'level', 'resource',
                   'project', 'host', 'request_id')


class VolumeMessagesTable(MessagesTable):
    """Messages about one volume, in a tab of its page."""

    class Meta:
        name = 'volume_failures'
        verbose_name = _('Messages')
        columns = ('time', 'what', 'why', 'remedy', 'level', 'request_id')
        footer = False
