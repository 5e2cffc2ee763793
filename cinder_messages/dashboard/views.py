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

"""The page with the filter and the table."""

import typing

from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tables
from openstack_dashboard.utils import settings as dashboard_settings

from cinder_messages.client import message as client_message
from cinder_messages.client import selection as client_selection
from cinder_messages.dashboard import api
from cinder_messages.dashboard import forms
from cinder_messages.dashboard import paging
from cinder_messages.dashboard import tables as message_tables


class MessagesView(tables.DataTableView):
    """Lists the messages of a project."""

    table_class = message_tables.MessagesTable
    template_name = 'cinder_messages/index.html'
    page_title = _('Messages')
    form_class = forms.FilterForm
    all_projects = False

    def get_data(self) -> tuple[client_message.Entry, ...]:
        """Return the entries of the page that the request names."""
        self.form = self.form_class(self.request.GET)
        self.table.filters = self.form.values()
        try:
            self.table.page = self._read_page()
        except (client_selection.InvalidFilter,
                exceptions.RecoverableError) as error:
            exceptions.handle(
                self.request, _('Unable to list messages: %s') % error)
        except exceptions.NotAuthenticated:
            raise
        except Exception:
            exceptions.handle(self.request, _('Unable to list messages.'))
        return self.table.page.entries

    def has_more_data(self, table: typing.Any) -> bool:
        """Return whether there are older messages."""
        return table.page.has_next

    def has_prev_data(self, table: typing.Any) -> bool:
        """Return whether there are newer messages."""
        return table.page.has_previous

    def get_context_data(self, **kwargs: typing.Any) -> dict[str, typing.Any]:
        """Return the context of the template."""
        context = super().get_context_data(**kwargs)
        context['filter_form'] = self.form
        context['filter_label'] = _('Filter')
        context['clear_label'] = _('Clear')
        return context

    def _read_page(self) -> paging.Page:
        selection = client_selection.Selection(
            all_projects=self.all_projects,
            own_project_id=self.request.user.tenant_id,
            **self.form.selection())
        with api.horizon_errors():
            return paging.read_page(
                api.get_service(self.request), selection,
                dashboard_settings.get_page_size(self.request),
                after=self.request.GET.get('after'),
                before=self.request.GET.get('before'))


class AdminMessagesView(MessagesView):
    """Lists the messages of all projects."""

    table_class = message_tables.AdminMessagesTable
    form_class = forms.AdminFilterForm
    all_projects = True
